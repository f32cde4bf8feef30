"""Which images there are: one a service, as stack.toml has them, and `admin` and `stores`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.images.errors import UnknownImage
from tools.stack.layout import ROOT, load

DOCKERFILE = ROOT / "Dockerfile"
ARGUMENT = re.compile(r"^ARG (?P<name>[A-Z]+)=(?P<value>\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Image:
    """An image's name, and its stage and arguments in the Dockerfile."""

    name: str
    target: str
    arguments: tuple[str, ...] = ()

    @property
    def repository(self) -> str:
        return f"orrery/{self.name}"


def images() -> dict[str, Image]:
    """Every image by name; a worker runs its service's."""
    folders = dict.fromkeys(one.folder for one in load({}).deployables)
    services = [Image(one.name.replace("_", "-"), "fleet", (f"SERVICE={one}",)) for one in folders]
    return {one.name: one for one in (*services, Image("admin", "admin"), Image("stores", "stores"))}


def chosen(names: Sequence[str]) -> list[Image]:
    """The images of these names, all when none is named; raises UnknownImage."""
    known = images()
    if unknown := [name for name in names if name not in known]:
        raise UnknownImage(f"No image is called {', '.join(unknown)}; there are {', '.join(known)}.")
    return [known[name] for name in names or known]


def foundations() -> dict[str, str]:
    """The images that the Dockerfile stands on, by argument: PYTHON and UV."""
    return {found["name"]: found["value"] for found in ARGUMENT.finditer(DOCKERFILE.read_text())}
