"""A job is stored in the transaction that wants it, and carries who wanted it."""

import pytest
from orrery.identity.v1.identity_pb2 import Identity
from sqlalchemy import text

from libs.database import Database
from libs.jobs import Lease, LeaseLost, defer
from libs.rpc import context
from tests.libs.jobs.conftest import eventually, notes, queued, status, working
from tests.libs.jobs.trial.tasks import QUEUE

ORGANIZATION = "6f1c2f7e-8f0a-4f6f-9a51-0d6f3a1c9b11"


async def count(database: Database) -> int:
    async with database.transaction() as session:
        return int(await session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) or 0)


async def test_a_job_is_stored_if_and_only_if_its_transaction_commits(database: Database) -> None:
    async def and_then_fail() -> None:
        async with database.transaction() as session:
            assert await defer(session, "effect", {}, queue=QUEUE)
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  # raised just above
        await and_then_fail()
    rolled_back = await count(database)
    await queued(database, "effect")

    assert rolled_back == 0
    assert await count(database) == 1


async def test_a_job_acts_for_whoever_deferred_it(database: Database) -> None:
    context.enter(Identity(user_id=7, organization_id=ORGANIZATION), "req-of-the-test")
    await queued(database, "effect")
    context.enter(Identity(), "")

    async with working(database):
        effect = (await eventually(lambda: notes(database, "effect")))[0]

    assert "'user_id': 7" in effect.details
    assert ORGANIZATION in effect.details
    assert "req-of-the-test" in effect.details


async def test_the_payload_arrives_as_it_was_given(database: Database) -> None:
    payload = {"number": 5, "fraction": 0.1, "text": 'ä "quoted" \\ 日本', "list": [1, None, True], "nested": {"a": {}}}

    await queued(database, "no_effect", payload=payload)

    async with database.transaction() as session:
        stored = await session.scalar(text("SELECT args -> 'payload' FROM procrastinate_jobs"))
    assert stored == payload


async def test_what_waits_already_is_not_queued_twice(database: Database) -> None:
    async with database.transaction() as session:
        first = await defer(session, "effect", {}, queue=QUEUE, queueing_lock="one")
        second = await defer(session, "effect", {}, queue=QUEUE, queueing_lock="one")
        third = await defer(session, "effect", {}, queue=QUEUE, queueing_lock="two")

    assert first is not None
    assert second is None
    assert third is not None
    assert await count(database) == 2


async def test_a_job_for_later_waits_until_then(database: Database) -> None:
    later = await queued(database, "effect", after_seconds=3600)
    now = await queued(database, "effect")

    async with working(database):
        await eventually(lambda: notes(database, "effect"))

    assert await status(database, now) == "succeeded"
    assert await status(database, later) == "todo"


async def test_an_effect_without_the_lease_is_rolled_back(database: Database) -> None:
    job_id = await queued(database, "effect")
    stale = Lease(job_id, number=0, task="effect")

    async def take_effect() -> None:
        async with database.transaction() as session:
            insert = "INSERT INTO notes (kind, job_id, lease, pid) VALUES ('effect', 0, 0, 0)"
            await session.execute(text(insert))
            await stale.complete(session)

    with pytest.raises(LeaseLost):
        await take_effect()

    assert await notes(database) == []
