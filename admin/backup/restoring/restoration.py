"""Restoring a backup."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from admin.backup import entries, master, server
from admin.backup import kafka as streams
from admin.backup.create import Say, Sources
from admin.backup.errors import BackupImpossible
from admin.backup.hold import alone
from admin.backup.manifest import Manifest, Schema
from admin.backup.programs import Programs
from admin.backup.restoring import preflight
from admin.backup.restoring.filling import Filling
from admin.backup.restoring.progress import Progress, drop, of_schema, unfinished
from admin.backup.restoring.schemas import Schemas, prepare, skip_ids
from admin.backup.server import Connection
from admin.backup.settings import BackupSettings
from admin.backup.soundness import Soundness
from admin.backup.stores import Store
from libs.kafka import Kafka
from services.auth.sealing.settings import KeySettings

KAFKA = "kafka"
PATIENCE_SECONDS = 15.0


@dataclass(frozen=True)
class Wish:
    """What whoever restores has said."""

    overwrite: bool = False
    without_kafka: bool = False
    without_master_key: bool = False
    without_verify: bool = False
    id_gap: int = 100_000
    wait: int = 0
    """Seconds that the fleet's processes may still take to end."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Buckets that have other names here."""


class Restoration:
    """One run; killed at any moment it goes on when it is asked again for the same backup."""

    def __init__(self, target: Sources, store: Store, settings: BackupSettings, wish: Wish, say: Say) -> None:
        self._target, self._store, self._settings, self._wish, self._say = target, store, settings, wish, say

    def run(self, backup: Manifest, keys: KeySettings | None) -> None:
        """Bring back everything; raises Failed before anything is touched where something is in the way."""
        renamed = preflight.renamed(backup.buckets, self._wish.renamed)
        with alone(self._target.dsn), server.connect(self._target.dsn) as target:
            begun = self._check(target, backup, renamed, keys)
            progress = Progress(target)
            if not begun:
                progress.begin(backup.id, [one.name for one in backup.schemas])
            if beyond := set(server.schemas(target)[0]) - {one.name for one in backup.schemas}:
                self._say(f"left alone, being in no backup of that time: {', '.join(sorted(beyond))}")
            self._schemas(target, progress, backup)
            self._objects(backup, renamed)
            self._events(progress, backup)
            progress.end()

    def _check(
        self, target: Connection, backup: Manifest, renamed: Mapping[str, str], keys: KeySettings | None
    ) -> bool:
        """Whether this restore was begun before."""
        if not self._wish.without_master_key and (wrong := master.missing(backup.master_keys, keys)):
            raise BackupImpossible(f"{wrong} --without-master-key restores all the same.")
        names, targets = [one.name for one in backup.schemas], list(renamed.values())
        server.check_reader(target)
        preflight.check_version(target, backup)
        preflight.check_roles(target, backup)
        preflight.wait_for_quiet(target, names, self._wish.wait, self._say)
        preflight.check_buckets(self._target.buckets, targets)
        self._check_kafka(backup)
        if unfinished(target) == backup.id:
            self._say(f"going on with the restore of {backup.id}")
            return True
        if not self._wish.overwrite:
            preflight.check_empty(target, names, self._target.buckets, targets)
        if not self._wish.without_verify:
            preflight.check_sound(Soundness(self._store, self._settings, backup), backup.id)
        return False

    def _check_kafka(self, backup: Manifest) -> None:
        if self._wish.without_kafka or backup.events is None:
            return
        if self._target.kafka is None:
            raise BackupImpossible("ORRERY_KAFKA__BROKERS is not set; --without-kafka leaves events and groups alone.")
        patience = max(PATIENCE_SECONDS, self._wish.wait)
        if found := streams.asked(self._target.kafka, lambda kafka: still_busy(kafka, backup, patience)):
            raise BackupImpossible(f"{', '.join(found)} consume from Kafka; end the fleet's processes first.")

    def _schemas(self, target: Connection, progress: Progress, backup: Manifest) -> None:
        done = progress.done()
        wanted = [one for one in backup.schemas if of_schema(one.name) not in done]
        is_superuser = target.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchall()[0][0]
        schemas = Schemas(self._target.dsn, Programs(self._settings.programs), self._store, self._settings.jobs)
        for one in wanted:  # what a killed run restored and could not note any more
            drop(target, one.name)

        def finish(one: Schema) -> None:
            with target.transaction():
                skip_ids(target, one.name, self._wish.id_gap)
                progress.note(backup.id, of_schema(one.name))
            prepare(target, one.name)
            self._say(f"schema {one.name}: {sum(one.rows.values())} rows")

        # Comments of extensions belong to whoever made these.
        schemas.restore(wanted, finish, *([] if is_superuser else ["--no-comments"]))

    def _objects(self, backup: Manifest, renamed: Mapping[str, str]) -> None:
        filling = Filling(self._target.buckets, self._store, self._settings.jobs)
        written, removed = filling.fill(entries.read(self._store, backup.objects), renamed)
        self._say(f"{backup.object_count} objects, {written} of them written now; {removed} others removed")

    def _events(self, progress: Progress, backup: Manifest) -> None:
        events, settings = backup.events, self._target.kafka
        if self._wish.without_kafka or events is None or settings is None:
            return

        async def bring(kafka: Kafka) -> int:
            if KAFKA not in progress.done():
                await streams.patiently(lambda: streams.move_to_end(kafka, backup.groups))
                progress.note(backup.id, KAFKA)
            return await streams.send_again(kafka, self._store, events)

        self._say(f"{streams.asked(settings, bring)} events sent again")


async def still_busy(kafka: Kafka, backup: Manifest, seconds: float) -> list[str]:
    """The groups that somebody consumes for; a process that was killed is forgotten after a while."""
    limit = asyncio.get_running_loop().time() + seconds
    while found := await streams.patiently(lambda: streams.busy(kafka, backup.groups)):
        if asyncio.get_running_loop().time() > limit:
            break
        await asyncio.sleep(1)
    return found
