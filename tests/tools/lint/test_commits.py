import pytest

from tests.tools.lint.conftest import Report
from tools.lint.rules.commits import RULE


@pytest.mark.parametrize("line", ["await session.commit()", "async with session.begin(): ..."])
def test_an_operation_that_commits_or_begins_is_refused(report: Report, line: str) -> None:
    lines = report(RULE, {"services/media/videos/operations.py": f"async def publish(session):\n    {line}\n"})

    assert len(lines) == 1
    assert lines[0].startswith("services/media/videos/operations.py:2 commit-once — session.")


def test_the_database_library_and_offsets_of_a_consumer_may_be_committed(report: Report) -> None:
    lines = report(
        RULE,
        {
            "libs/database/engine.py": "async def end(session):\n    await session.commit()\n",
            "libs/inbox/consumer.py": "async def settle(consumer):\n    await consumer.commit()\n",
        },
    )

    assert lines == []
