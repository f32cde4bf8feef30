"""`orrery doctor`."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from admin.doctor import certificates, kafka, keys, objects, postgres, redis
from admin.doctor.finding import Finding, Level, untold
from admin.settings import AdminSettings
from libs.kafka import Kafka

AsJson = Annotated[bool, typer.Option("--json", help="One JSON array: check, level, what, advice.")]


def doctor(*, as_json: AsJson = False) -> None:
    """Look at everything that the fleet stands on and say what is wrong and what to do.

    Stores, logins and their rights, schemas, topics and their copies, buckets, the master key, certificates, clocks,
    and what waits: outboxes, consumers' lag, dead letters. It writes nothing but one small object in each bucket, which
    it removes. The status is 1 where something FAILs; a WARN alone leaves it 0.
    """
    findings = asyncio.run(examined(AdminSettings.told(), show=not as_json))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings], ensure_ascii=False))
    raise typer.Exit(any(one.level is Level.FAIL for one in findings))


async def examined(settings: AdminSettings, *, show: bool) -> list[Finding]:
    """Every finding, in order; each is shown as soon as it is known."""
    found = []
    async for one in examine(settings):
        found.append(one)
        if show:
            typer.echo(one.line())
    return found


async def examine(settings: AdminSettings) -> AsyncIterator[Finding]:
    if settings.postgres:
        for one in postgres.examine(settings.postgres):
            yield one
    else:
        yield untold("postgres", "ORRERY_POSTGRES__URL")
    yield await keys.examine(settings) if settings.keys else untold("master key", "ORRERY_KEYS__MASTER")
    async for one in messages(settings):
        yield one
    if settings.blobs:
        for one in objects.examine(settings.blobs, settings.bucket_names):
            yield one
    else:
        yield untold("bucket", "ORRERY_BLOBS__ENDPOINT")
    yield redis.examine(settings.redis) if settings.redis else untold("redis", "ORRERY_REDIS__URL")
    if settings.certificates:
        for one in certificates.examine(settings.certificates, datetime.now(UTC)):
            yield one
    else:
        yield untold("certificates", "ORRERY_CERTIFICATES")


async def messages(settings: AdminSettings) -> AsyncIterator[Finding]:
    if not settings.kafka:
        yield untold("kafka", "ORRERY_KAFKA__BROKERS")
        return
    async with Kafka(settings.kafka) as opened:
        async for one in kafka.examine(opened):
            yield one
