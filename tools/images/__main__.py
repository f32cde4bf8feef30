"""`python -m tools.images build|list|sbom`: the container images of the fleet."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from tools.images import contents, validation
from tools.images.builder import builder, prepare
from tools.images.catalogue import chosen
from tools.images.errors import ImageError
from tools.stack.errors import StackError
from tools.stack.layout import ROOT

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
Names = Annotated[list[str] | None, typer.Argument(help="Images; all when none is named.")]
Tag = Annotated[str, typer.Option(help="The images' tag.")]
With = Annotated[str, typer.Option("--with", help="docker or buildah; the one that is there when not said.")]
Labels = Annotated[str, typer.Option(help="A label's value.")]


@app.command(name="list")
def names() -> None:
    """Name the images."""
    print("\n".join(image.name for image in chosen([])))


@app.command()
def build(
    images: Names = None, tag: Tag = "dev", with_: With = "", version: Labels = "0.0.0", source: Labels = ""
) -> None:
    """Build images; buildah also loads them into the local cluster, if it runs."""
    labels = [f"VERSION={version}", f"REVISION={revision()}", f"SOURCE={source}"]
    chosen_builder = builder(with_)
    for image in chosen(images or []):
        begun = time.monotonic()
        prepare(image)
        chosen_builder.build(image, f"{image.repository}:{tag}", labels)
        print(f"{image.repository}:{tag:<12} {time.monotonic() - begun:6.1f} s", flush=True)


@app.command()
def sbom(
    images: Names = None, tag: Tag = "dev", with_: With = "", folder: Annotated[Path, typer.Option()] = Path("sbom")
) -> None:
    """Write what each image holds, Python's packages and Debian's, as CycloneDX JSON that its own schema allows."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen_builder = builder(with_)
    for image in chosen(images or []):
        name = f"{image.repository}:{tag}"
        said = chosen_builder.read(name, Path(contents.__file__), [image.repository, tag])
        validation.check(name, said)
        (folder / f"{image.name}.cdx.json").write_text(said)
        print(f"{folder / image.name}.cdx.json")


def revision() -> str:
    """The commit that the images are of."""
    said = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip()


if __name__ == "__main__":
    try:
        app()
    except (ImageError, StackError) as failed:
        sys.exit(str(failed))
