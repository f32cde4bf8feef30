"""`orrery secrets`."""

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from admin.secrets import making, specification
from admin.secrets.folder import FolderSecrets
from admin.secrets.kubernetes import KubernetesSecrets

app = typer.Typer(no_args_is_help=True, help="Passwords, keys and certificates of the installation.")
File = Annotated[Path, typer.Option(help="What is wanted: secrets, certificates, labels (YAML).")]
Folder = Annotated[Path | None, typer.Option(help="Write files FOLDER/secret/key instead of Kubernetes secrets.")]
Namespace = Annotated[str | None, typer.Option(help="Instead of the pod's own, or the one that KUBECONFIG names.")]


@app.command()
def make(*, file: File, folder: Folder = None, namespace: Namespace = None) -> None:
    """Make the secrets that are missing and renew the certificates that are due.

    Run it as often as you like, and two at once: what exists is never changed, except certificates with less than a
    third of their life left. It prints a line for each secret and never a value.
    """
    wanted = specification.read(file)
    with nullcontext(FolderSecrets(folder)) if folder else KubernetesSecrets(namespace) as store:
        for outcome in making.make(wanted, store, datetime.now(UTC)):
            typer.echo(f"{outcome.name}: {outcome.what}")
