import pytest

from tests.tools.lint.conftest import Report
from tools.lint.rules.transactions import RULE

SERVICER = """
async def PublishVideo(self, request, context):
    async with self._database.transaction(caller()) as session:
        {line}
"""
OPERATION = """
async def publish(session: Session, blobs: Blobs) -> None:
    {line}
"""


@pytest.mark.parametrize(
    "line",
    [
        "await self._stub.Notify(request)",
        "await self._kafka.send([record])",
        "await self._blobs.stat(video.key)",
        "await asyncio.sleep(1)",
        "rows = [row async for row in self._stub.Stream(request)]",
        "async with self._client.stream() as answer: ...",
    ],
)
def test_whatever_is_not_the_sessions_is_refused_inside_a_block(report: Report, line: str) -> None:
    lines = report(RULE, {"services/media/videos/rpc.py": SERVICER.format(line=line)})

    assert len(lines) == 1
    assert lines[0].startswith("services/media/videos/rpc.py:4 await-outside-in-transaction — ")


@pytest.mark.parametrize(
    "line",
    [
        "await session.execute(query)",
        "return to_proto(await operations.publish(session, UUID(request.id)))",
        "return await Videos(session).get(request.id)",
        "await (await session.stream(query)).all()",
        "await self._jobs.defer(process, session=session)",
        "videos = Videos(session); await videos.page(None, 20)",
        "rows = [row async for row in await session.stream(query)]",
    ],
)
def test_what_is_the_sessions_may_be_awaited(report: Report, line: str) -> None:
    lines = report(RULE, {"services/media/videos/rpc.py": SERVICER.format(line=line)})

    assert lines == []


def test_an_operation_runs_inside_the_transaction_of_the_session_it_is_given(report: Report) -> None:
    lines = report(RULE, {"services/media/videos/operations.py": OPERATION.format(line="await blobs.stat('a')")})

    assert len(lines) == 1
    assert lines[0].startswith("services/media/videos/operations.py:3 ")


def test_awaiting_after_the_block_is_fine(report: Report) -> None:
    after = SERVICER.format(line="await session.execute(query)") + "    await self._blobs.stat(request.key)\n"

    assert report(RULE, {"services/media/videos/rpc.py": after}) == []


def test_a_listed_place_may_and_an_entry_without_need_or_reason_is_refused(report: Report) -> None:
    entry = '[[await-outside-in-transaction]]\npath = "{path}"\nname = "PublishVideo"\nreason = "{reason}"\n'
    path = "services/media/videos/rpc.py"
    servicer = SERVICER.format(line="await self._kafka.send([record])")

    needed = report(RULE, {path: servicer, "tools/lint/exemptions.toml": entry.format(path=path, reason="A lock.")})
    idle = report(RULE, {path: "", "tools/lint/exemptions.toml": entry.format(path=path, reason="")})

    assert needed == []
    assert [line.split(" — ")[1] for line in idle] == [
        f"the await-outside-in-transaction exemption of {path} PublishVideo gives no reason.",
        f"the await-outside-in-transaction exemption of {path} PublishVideo is needed no longer; remove it.",
    ]
