"""Taking a backup: everything at one point in time."""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from admin.backup import kafka as streams
from admin.backup import manifest, master, server
from admin.backup.buckets import Buckets
from admin.backup.dumps import Dumps
from admin.backup.errors import BackupBroken, BackupImpossible, StoreAway
from admin.backup.hold import Hold, alone, relays_stopped, snapshot
from admin.backup.kafka import Positions
from admin.backup.manifest import Events, Manifest, Schema
from admin.backup.objects import Copying
from admin.backup.programs import Programs
from admin.backup.pruning import prune, sweep_unfinished
from admin.backup.settings import BackupSettings
from admin.backup.stores import Store
from libs.kafka import Kafka
from libs.settings import KafkaSettings

Say = Callable[[str], None]


@dataclass(frozen=True)
class Sources:
    """What is backed up."""

    dsn: str
    buckets: Buckets
    bucket_names: tuple[str, ...]
    kafka: KafkaSettings | None


@dataclass(frozen=True)
class State:
    """What was found out while the snapshot was made, and dumped from it."""

    taken_at: datetime
    positions: Positions | None
    postgres: str
    schemas: tuple[Schema, ...]
    left_out: tuple[str, ...]
    master_keys: tuple[str, ...]


class Creation:
    """One run. Killed at any moment it leaves no backup, and nothing in the way of the next run."""

    def __init__(self, sources: Sources, store: Store, settings: BackupSettings, say: Say) -> None:
        self._sources, self._store, self._settings, self._say = sources, store, settings, say
        self._programs = Programs(settings.programs)

    def run(self) -> Manifest:
        """Take a backup and remove those that are too many; raises Failed, KafkaAway, psycopg.Error."""
        with alone(self._sources.dsn) as hold:
            self._check()
            hold.stop_removals(timedelta(hours=self._settings.longest_hours))
            made = self._copy(hold)
            self._tidy()
        return made

    def _tidy(self) -> None:
        """What is wrong with older backups, or with removing them, makes this one not bad: it is whole by now."""
        try:
            sweep_unfinished(self._store)
            if self._settings.keep:
                prune(self._store, self._settings.keep, self._say)
        except BackupBroken as broken:
            self._say(
                f"Warning: {broken} Objects of removed backups stay until it is whole again, or until its folder "
                "under backups/ is removed."
            )
        except StoreAway as away:
            self._say(f"Warning: {away} So older backups, and what killed runs left, stay until the next one.")

    def _check(self) -> None:
        with server.connect(self._sources.dsn) as asked:
            server.check_reader(asked)
            if server.is_half_restored(asked):
                raise BackupImpossible("A restore has begun and not ended: a backup would have half of what it brings.")
            if not server.schemas(asked)[0]:
                raise BackupImpossible("The database has no schema of the fleet.")
        for name in self._sources.bucket_names:
            if not self._sources.buckets.exists(name):
                raise BackupImpossible(f"There is no bucket {name}.")

    def _copy(self, hold: Hold) -> Manifest:
        backup = manifest.new_id(self._store)
        state = self._dump(backup)
        events = self._keep_events(backup, state.positions)
        copying = Copying(self._sources.buckets, self._store, self._settings.jobs)
        objects = tuple(copying.copy(backup, self._sources.bucket_names))
        hold.check()
        made = Manifest(
            id=backup,
            taken_at=state.taken_at,
            ended_at=datetime.now(UTC),
            postgres=state.postgres,
            schemas=state.schemas,
            left_out=state.left_out,
            buckets=self._sources.bucket_names,
            objects=objects,
            events=events,
            groups=state.positions.groups if state.positions else {},
            master_keys=state.master_keys,
        )
        manifest.write(self._store, made)
        self._say(f"{made.object_count} objects, {copying.copied} of them copied now ({copying.copied_bytes} bytes)")
        return made

    def _dump(self, backup: str) -> State:
        """All schemas as one snapshot has them; the relays stand still only until it is taken."""
        dsn = self._sources.dsn
        with server.connect(dsn) as asked:
            relaying, _ = server.schemas(asked)
        with ExitStack() as open_until_dumped:
            with relays_stopped(dsn, relaying):
                found = self._positions()
                name, seen = open_until_dumped.enter_context(snapshot(dsn))
            names, left_out = server.schemas(seen)
            taken_at = seen.execute("SELECT now()").fetchall()[0][0]
            dumps = Dumps(dsn, self._programs, self._store, self._settings.jobs)
            schemas = []
            for one in dumps.take(backup, names, name):
                self._say(f"schema {one.name}: {sum(one.rows.values())} rows, {one.bytes} bytes")
                schemas.append(one)
            keys, version = master.needed(seen, names), str(seen.info.server_version)
        return State(taken_at, found, version, tuple(schemas), tuple(left_out), keys)

    def _positions(self) -> Positions | None:
        def ask(kafka: Kafka) -> Awaitable[Positions]:
            return streams.patiently(lambda: streams.positions(kafka))

        return streams.asked(self._sources.kafka, ask) if self._sources.kafka else None

    def _keep_events(self, backup: str, found: Positions | None) -> Events | None:
        if self._sources.kafka is None or found is None:
            return None

        def ask(kafka: Kafka) -> Awaitable[Events]:
            return streams.patiently(lambda: streams.keep(kafka, found.ranges, self._store, backup))

        return streams.asked(self._sources.kafka, ask)
