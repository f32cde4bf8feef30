"""The brokers, the topics and their copies, the consumers' lag, the dead letters."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from orrery.gateway.requests.v1.events_pb2 import RequestsServed

from admin.backup.kafka.positions import OURS, edges, groups, offsets
from admin.doctor.finding import Finding, fail, ok, warn
from admin.messages.ages import spoken
from admin.messages.dlq_commands import age
from libs.inbox.letters import REPLAYER, SUFFIX, heaps, waiting
from libs.kafka import Kafka, KafkaAway
from libs.kafka.client import COPIES
from services.audit.audit_log.events import audited_topics

FAR_BEHIND = 10_000  # events: minutes of work
TELL_MOST = 3
Topic = dict[str, Any]


async def examine(kafka: Kafka) -> AsyncIterator[Finding]:
    try:
        async with kafka.administering() as admin:
            brokers = len((await admin.describe_cluster())["brokers"])
            yield ok("kafka", f"{brokers} {'broker answers' if brokers == 1 else 'brokers answer'}")
            described = [one for one in await admin.describe_topics() if one["topic"].startswith(OURS)]
            yield missing([one["topic"] for one in described])
            yield copies(described, brokers)
            async for finding in lags(kafka, admin):
                yield finding
        async for finding in letters(kafka):
            yield finding
    except KafkaAway as away:
        because = f"{away.__cause__}" if away.__cause__ else str(away)
        yield fail(
            "kafka", f"no answer: {because}", "compare ORRERY_KAFKA__BROKERS, protocol and password; ask its log"
        )


def missing(names: Iterable[str]) -> Finding:
    wanted = {*audited_topics(), RequestsServed.DESCRIPTOR.file.package}
    lacking = sorted(wanted - set(names))
    if lacking:
        return warn("topics", f"{', '.join(lacking)} missing", "the audit service makes them when it starts: is it up?")
    return ok("topics", f"all {len(wanted)} topics of events are there")


def copies(topics: Sequence[Topic], brokers: int) -> Finding:
    """Whether each partition has as many copies as there should be, and all of them are in sync."""
    wanted = min(COPIES, brokers)
    few = [one["topic"] for one in topics if any(len(part["replicas"]) < wanted for part in one["partitions"])]
    behind = [
        one["topic"] for one in topics if any(len(part["isr"]) < len(part["replicas"]) for part in one["partitions"])
    ]
    leaderless = [one["topic"] for one in topics if any(part["leader"] < 0 for part in one["partitions"])]
    if leaderless:
        return fail("copies", f"no broker leads partitions of {some(leaderless)}", "bring the missing brokers back")
    if behind:
        return warn("copies", f"copies are out of sync in {some(behind)}", "bring the missing brokers back")
    if few:
        return warn("copies", f"fewer than {wanted} copies of {some(few)}", "reassign their partitions")
    return ok("copies", f"each topic has {wanted} {'copy' if wanted == 1 else 'copies'}, all in sync")


async def lags(kafka: Kafka, admin: AIOKafkaAdminClient) -> AsyncIterator[Finding]:
    """How far each consumer group of our topics is behind, and whether anybody works for it."""
    found = {name: await offsets(admin, name) for name in await groups(admin) if not name.endswith(f".{REPLAYER}")}
    taken = {name: at for name, at in found.items() if at}
    members = await present(admin, taken)
    _, ends = await edges(kafka, sorted({part for at in taken.values() for part in at}))
    for name, at in taken.items():
        yield lag(name, sum(ends[part] - offset for part, offset in at.items()), members[name])


async def present(admin: AIOKafkaAdminClient, names: Iterable[str]) -> Counter[str]:
    """The members of each group; asked one by one, for aiokafka misreads an answer about several."""
    found = Counter[str]()
    for name in names:
        [response] = await admin.describe_consumer_groups([name])
        for _, group, _, _, _, members, *_ in response.groups:
            found[group] += len(members)
    return found


def lag(group: str, behind: int, members: int) -> Finding:
    if behind and not members:
        return fail("lag", f"{group}: {behind} events behind and nobody consumes", "is its service up? read its log")
    if behind > FAR_BEHIND:
        return warn("lag", f"{group}: {behind} events behind", "add replicas of its service, or find what slows it")
    return ok("lag", f"{group}: {behind} events behind, {members} consuming")


async def letters(kafka: Kafka) -> AsyncIterator[Finding]:
    """Dead letters that wait for somebody."""
    total = 0
    for one in [found for found in await heaps(kafka) if found.topic.startswith(OURS)]:
        total += 1
        if found := await waiting(kafka, one):
            what = f"{len(found)} in {one.name}, the oldest for {spoken(age(found[0]))}: {found[0].reason}"
            yield warn("dead letters", what, f"mend the cause, then `orrery dlq replay {one.name}`")
            total -= 1
    yield ok("dead letters", f"{total} topics (*{SUFFIX}) are empty")


def some(names: Sequence[str]) -> str:
    rest = f" and {len(names) - TELL_MOST} more" if len(names) > TELL_MOST else ""
    return ", ".join(names[:TELL_MOST]) + rest
