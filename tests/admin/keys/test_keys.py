"""`orrery keys`: signing keys and data keys, with auth's own code and the master key."""

import json
from pathlib import Path

from tests.admin.cli import here
from tests.admin.conftest import Told


def test_keys_rotate_are_listed_and_come_under_another_master(told_all: Told, tmp_path: Path) -> None:
    here("keys", "rotate", told=told_all)
    first = here("keys", "rotate", told=told_all)
    early = here("keys", "rotate", told=told_all)
    listed = json.loads(here("keys", "status", "--json", told=told_all).out)

    assert first.out.startswith("a new key signs from ")
    assert (early.status, early.err) == (1, "A new key is published already and waits to sign.\n")
    assert listed["signing"]
    assert [key["state"] for key in listed["data"]] == ["live"]

    other = tmp_path / "master.key"
    other.write_text("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=")
    moved = {
        **told_all,
        "ORRERY_KEYS__MASTER": str(other),
        "ORRERY_KEYS__PREVIOUS__MASTER": told_all["ORRERY_KEYS__MASTER"],
    }
    said = here("keys", "remaster", told=moved)
    doctored = here("doctor", "--json", told=told_all)

    assert said.out == "1 data keys are under the master key now\n"
    assert [one["level"] for one in json.loads(doctored.out) if one["check"] == "master key"] == ["FAIL"]
    assert here("keys", "rewrap", told={**told_all, "ORRERY_KEYS__MASTER": str(other)}).status == 0


def test_a_key_that_is_not_there_cannot_be_withdrawn(told_all: Told) -> None:
    said = here("keys", "withdraw", "nobody", told=told_all)

    assert (said.status, len(said.err.splitlines())) == (1, 1)


def test_without_a_master_key_it_says_which_name_is_missing(told_all: Told) -> None:
    told = {name: value for name, value in told_all.items() if "KEYS" not in name}

    assert here("keys", "status", told=told).err == "This command needs ORRERY_KEYS__MASTER in its environment.\n"


def test_a_master_key_that_is_none_is_named(told_all: Told, tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text("short")

    said = here("keys", "status", told={**told_all, "ORRERY_KEYS__MASTER": str(tmp_path / "master.key")})

    assert said.status == 1
    assert said.err.startswith("The master key is unusable: ")
