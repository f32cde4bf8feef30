"""`orrery secrets`."""

import time
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from admin.secrets import making, rotation, specification
from admin.secrets.folder import FolderSecrets
from admin.secrets.kubernetes import KubernetesSecrets
from admin.secrets.store import Store

app = typer.Typer(no_args_is_help=True, help="Passwords, keys and certificates of the installation.")
File = Annotated[Path, typer.Option(help="What is wanted: secrets, certificates, labels, annotations (YAML).")]
Folder = Annotated[Path | None, typer.Option(help="Write files FOLDER/secret/key instead of Kubernetes secrets.")]
Settle = Annotated[float, typer.Option(min=0, help="Seconds after which every process has read what was written.")]
Namespace = Annotated[str | None, typer.Option(help="Instead of the pod's own, or the one that KUBECONFIG names.")]


@app.command()
def make(*, file: File, folder: Folder = None, namespace: Namespace = None) -> None:
    """Make the secrets that are missing and renew the certificates that are due.

    Run it as often as you like, and two at once: what exists is never changed, except certificates with less than a
    third of their life left. It prints a line for each secret and never a value.
    """
    wanted = specification.read(file)
    with opened(folder, namespace) as store:
        for outcome in making.make(wanted, store, datetime.now(UTC)):
            typer.echo(f"{outcome.name}: {outcome.what}")


@app.command()
def rotate(*, file: File, settle: Settle = 600.0, folder: Folder = None, namespace: Namespace = None) -> None:
    """Change the keys that callers' identities are signed with, while everything runs; it takes twice --settle.

    A successor is believed by all before it signs; its predecessor is believed until nobody signs by it. A run that was
    broken off is ended by the next one.
    """

    def wait() -> None:
        typer.echo(f"waiting {settle:.0f} s until all have read that")
        time.sleep(settle)

    with opened(folder, namespace) as store:
        for outcome in rotation.rotate(specification.read(file), store, wait):
            typer.echo(f"{outcome.name}: {outcome.what}")


def opened(folder: Path | None, namespace: str | None) -> AbstractContextManager[Store]:
    return nullcontext(FolderSecrets(folder)) if folder else KubernetesSecrets(namespace)
