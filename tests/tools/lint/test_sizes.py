from tests.tools.lint.conftest import Report
from tools.lint.rules.sizes import RULE

LONG = "def publish():\n" + "    x = 1\n" * 40


def test_a_function_of_41_lines_and_a_file_of_301_are_refused(report: Report) -> None:
    lines = report(RULE, {"libs/a/long.py": LONG, "libs/b/longer.py": "x = 1\n" * 301})

    assert lines == [
        "libs/a/long.py:1 size — publish has 41 lines; a function has at most 40.",
        "libs/b/longer.py:1 size — 301 lines; a file has at most 300.",
    ]


def test_at_the_limit_and_in_migrations_all_is_well(report: Report) -> None:
    short = "def publish():\n" + "    x = 1\n" * 39 + "x = 1\n" * 260

    assert report(RULE, {"libs/a/short.py": short, "services/media/migrations/versions/0001_a.py": LONG}) == []


def test_a_listed_function_may_be_long(report: Report) -> None:
    listed = '[[size]]\npath = "libs/a/long.py"\nname = "publish"\nreason = "A table of states."\n'

    assert report(RULE, {"libs/a/long.py": LONG, "tools/lint/exemptions.toml": listed}) == []
