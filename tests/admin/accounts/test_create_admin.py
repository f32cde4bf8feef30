"""`orrery create-admin`: one, with a password that is shown once; a second only when one insists."""

import json

from tests.admin.cli import orrery
from tests.admin.conftest import Told


def test_the_first_is_made_and_a_second_only_by_force(told_all: Told) -> None:
    first = orrery("create-admin", "ada", "ada@example.com", told=told_all)
    second = orrery("create-admin", "bob", "bob@example.com", told=told_all)
    forced = orrery("create-admin", "bob", "bob@example.com", "--force", "--json", told=told_all)

    assert (first.status, first.out.splitlines()[0]) == (0, "ada is a platform administrator.")
    assert (second.status, second.out, len(second.err.splitlines())) == (1, "", 1)
    assert json.loads(forced.out)["username"] == "bob"
    assert len(json.loads(forced.out)["password"]) == 23


def test_a_name_that_is_none_is_refused_with_its_rule(told_all: Told) -> None:
    said = orrery("create-admin", "!", "x", told=told_all)

    assert said.status == 1
    assert "email: " in said.err
