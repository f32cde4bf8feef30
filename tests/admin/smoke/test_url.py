"""Where `orrery smoke` goes is checked before it goes, and a password in it is never repeated."""

import pytest

from tests.admin.cli import here


@pytest.mark.parametrize(
    "url",
    [
        "http://ada:hunter2@127.0.0.1:9",
        "https://:hunter2@127.0.0.1",
        "file:///hunter2",
        "hunter2",
        "http://",
        "http://127.0.0.1:hunter2",
    ],
    ids=str,
)
def test_a_url_that_is_none_is_refused_without_being_repeated(url: str) -> None:
    said = here("smoke", "--url", url, told={})

    assert said.status == 1
    assert said.err == "The URL is http://host or https://host:port, without a user and a password.\n"
    assert "hunter2" not in said.out
