"""`orrery backup …`"""

import json
from typing import Annotated

import typer

from admin.backup import manifest
from admin.backup.buckets import Buckets
from admin.backup.create import Creation, Sources
from admin.backup.errors import BackupBroken, BackupImpossible
from admin.backup.hold import alone
from admin.backup.manifest import Manifest
from admin.backup.pruning import prune as prune_backups
from admin.backup.restoring import Restoration, Wish
from admin.backup.settings import BackupSettings
from admin.backup.soundness import Soundness
from admin.backup.stores import Store, open_store
from admin.backup.verify import restore_into_scratch as rehearse
from admin.settings import AdminSettings, needed

app = typer.Typer(help="Take backups of everything, look at them, and bring one back.", no_args_is_help=True)
Which = Annotated[str, typer.Argument(help="A backup's id, or `latest`.")]


@app.command()
def create() -> None:
    """Back up all schemas and objects as they are at one moment; then remove what is more than KEEP."""
    told = AdminSettings.told()
    settings = place(told)
    made = Creation(sources(told), open_store(settings), settings, say).run()
    if made.events is None:
        say("Kafka was not asked (ORRERY_KAFKA__BROKERS): events on their way are not in this backup.")
    if made.left_out:
        say(f"Left out, being none of the fleet's: {', '.join(made.left_out)}")
    say(f"backup {made.id} is complete: {described(made)}")


@app.command(name="list")
def list_backups(*, as_json: Annotated[bool, typer.Option("--json", help="A JSON array.")] = False) -> None:
    """List complete backups, oldest first."""
    store = open_store(place(AdminSettings.told()))
    found, broken = readable(store)
    if as_json:
        say(json.dumps([one.model_dump(mode="json", exclude={"objects", "groups"}) for one in found]))
    else:
        for one in found:
            say(f"{one.id}  {described(one)}")
        if not found and not broken:
            typer.echo(
                f"There is no backup in {store.place}{'' if store.exists() else ', which is not there'}.", err=True
            )
    if broken:
        raise BackupBroken("\n".join(broken))


@app.command()
def verify(
    which: Which = "latest",
    *,
    restore_into_scratch: Annotated[
        bool,
        typer.Option("--restore-into-scratch", help="Also restore the schemas into a database beside the fleet's."),
    ] = False,
    discard_damaged: Annotated[
        bool,
        typer.Option("--discard-damaged", help="Remove damaged objects, so that the next backup copies them anew."),
    ] = False,
) -> None:
    """Read all of a backup and check it; ends with status 1 and a line for each thing that is wrong."""
    told = AdminSettings.told()
    settings = place(told)
    store = open_store(settings)
    found = read(store, which)
    checking = Soundness(store, settings, found)
    wrong = list(checking.run(told.keys))
    if restore_into_scratch and not wrong:
        with alone(dsn := told.of_postgres().admin_dsn):  # a second rehearsal would take its database away
            wrong += rehearse(store, settings, found, dsn, say)
    if discard_damaged and checking.damaged:
        with alone(told.of_postgres().admin_dsn):  # a backup that is being made may rely on what is damaged
            store.remove(checking.damaged)
    if wrong:
        raise BackupBroken("\n".join([f"Backup {found.id} is not good:", *wrong]))
    if told.keys is None and found.master_keys:
        say(
            f"It needs master key {', '.join(found.master_keys)}; ORRERY_KEYS__MASTER is not set, so none was compared."
        )
    say(f"backup {found.id} is good: {described(found)}")


@app.command()
def restore(
    which: Which,
    *,
    force_overwrite: Annotated[bool, typer.Option("--force-overwrite", help="Replace what is there.")] = False,
    without_kafka: Annotated[bool, typer.Option("--without-kafka", help="Leave groups alone, send no events.")] = False,
    without_master_key: Annotated[
        bool, typer.Option("--without-master-key", help="Even though what is sealed will not open.")
    ] = False,
    bucket: Annotated[list[str] | None, typer.Option(help="OLD=NEW, for a bucket of another name here.")] = None,
    id_gap: Annotated[int, typer.Option(min=0, help="Numbers that no sequence gives again.")] = Wish.id_gap,
    without_verify: Annotated[
        bool, typer.Option("--without-verify", help="Do not read all of it first: it was verified already.")
    ] = False,
    wait: Annotated[
        int, typer.Option(min=0, metavar="SECONDS", help="How long the fleet's processes may still take to end.")
    ] = Wish.wait,
) -> None:
    """Bring a backup back into an empty database and buckets, with the fleet at rest. Then `orrery migrate`.

    A backup that is damaged anywhere is refused before anything is touched.
    """
    told = AdminSettings.told()
    settings = place(told)
    store = open_store(settings)
    found = read(store, which)
    renamed = pairs(bucket or [])
    wish = Wish(force_overwrite, without_kafka, without_master_key, without_verify, id_gap, wait, renamed)
    Restoration(sources(told), store, settings, wish, say).run(found, told.keys)
    say(f"backup {found.id} is restored, as of {found.taken_at:%FT%TZ}; run `orrery migrate`, then start the fleet")


@app.command()
def prune(keep: Annotated[int | None, typer.Option(min=1, help="Instead of ORRERY_BACKUP__KEEP.")] = None) -> None:
    """Remove all but the newest backups, and the objects that only they had."""
    told = AdminSettings.told()
    settings = place(told)
    kept = keep or settings.keep
    if not kept:
        raise BackupImpossible("Say how many to keep: --keep N or ORRERY_BACKUP__KEEP.")
    with alone(told.of_postgres().admin_dsn):
        gone = prune_backups(open_store(settings), kept, say)
    say(f"{len(gone)} backups removed")


def readable(store: Store) -> tuple[list[Manifest], list[str]]:
    """What can be restored, and what is wrong with the others."""
    found, broken = list[Manifest](), list[str]()
    for one in manifest.ids(store)[0]:
        try:
            found.append(manifest.read(store, one))
        except BackupBroken as why:
            broken.append(str(why))
    return found, broken


def place(told: AdminSettings) -> BackupSettings:
    return needed(told.backup, "ORRERY_BACKUP__FOLDER, or ORRERY_BACKUP__ENDPOINT and its kin,")


def sources(told: AdminSettings) -> Sources:
    names = told.bucket_names
    buckets = Buckets(told.of_blobs().of(names[0] if names else ""))
    return Sources(told.of_postgres().admin_dsn, buckets, tuple(names), told.kafka)


def read(store: Store, which: str) -> Manifest:
    return manifest.read(store, manifest.chosen(store, which))


def pairs(texts: list[str]) -> dict[str, str]:
    found = dict[str, str]()
    for text in texts:
        old, _, new = text.partition("=")
        if not old or not new or old in found:
            raise BackupImpossible(f"--bucket takes OLD=NEW, once for each OLD, not {text!r}.")
        found[old] = new
    return found


def described(one: Manifest) -> str:
    seconds = (one.ended_at - one.taken_at).total_seconds()
    rows = sum(sum(schema.rows.values()) for schema in one.schemas)
    return (
        f"{len(one.schemas)} schemas, {rows} rows, {one.object_count} objects, {one.size / 1e6:.1f} MB, {seconds:.0f} s"
    )


def say(line: str) -> None:
    typer.echo(line)
