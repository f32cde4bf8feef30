import pytest

from tests.tools.lint.conftest import Report
from tools.lint.rules.selects import RULE

QUERIES = [
    "select(Video)",
    "sa.select(Video)",
    "HotQuery('…')",
    "session.get(Video, 1)",
    "text(' select title from videos')",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_outside_of_the_repository_is_refused(report: Report, query: str) -> None:
    lines = report(RULE, {"services/media/videos/operations.py": f"found = {query}\n"})

    assert len(lines) == 1
    assert lines[0].startswith("services/media/videos/operations.py:1 selects-in-repository — ")


@pytest.mark.parametrize("query", QUERIES)
def test_repositories_libraries_and_migrations_may_query(report: Report, query: str) -> None:
    places = (
        "services/media/videos/repository.py",
        "libs/outbox/relay.py",
        "services/media/migrations/versions/0001_a.py",
    )

    assert report(RULE, dict.fromkeys(places, f"found = {query}\n")) == []


def test_a_write_may_stand_where_its_verb_is(report: Report) -> None:
    lines = report(RULE, {"services/media/videos/operations.py": "session.add(Video())\ntext('SELECT sweep()')\n"})

    assert lines == []
