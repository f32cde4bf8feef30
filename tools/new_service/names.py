"""What a new service and its parts are called."""

import keyword
import re
from dataclasses import dataclass
from pathlib import Path

from tools.new_service.errors import NotWritten

KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
WORD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Names:
    """The service `ai-inference`, its proto package and schema `ai`, its first feature `models`."""

    name: str
    package: str
    feature: str

    @classmethod
    def of(cls, name: str, package: str, feature: str) -> "Names":
        """Fill in what is left out; raises NotWritten for names that cannot be."""
        if not KEBAB.fullmatch(name):
            raise NotWritten("NAME must be small letters and digits joined by -: make new-service NAME=ai-inference")
        module = name.replace("-", "_")
        given = cls(name, package or module, feature or package or module)
        for kind, word in (("package", given.package), ("feature", given.feature)):
            if not WORD.fullmatch(word) or keyword.iskeyword(word):
                raise NotWritten(f"{word!r} cannot be a {kind}: small letters, digits and _, beginning with a letter")
        return given

    @property
    def module(self) -> str:
        """The importable name of its folder."""
        return self.name.replace("-", "_")

    @property
    def values(self) -> dict[str, str]:
        """What the templates are filled with."""
        return {
            "name": self.name,
            "module": self.module,
            "package": self.package,
            "feature": self.feature,
            "path": self.feature.replace("_", "-"),
            "title": self.name.replace("-", " ").capitalize(),
            "settings": f"{camel(self.module)}Settings",
            "servicer": f"{camel(self.feature)}Service",
            "rpc": f"{camel(self.feature)}Servicer",
        }

    def refuse_taken(self, root: Path) -> None:
        """Raise NotWritten where the service or its package is there already."""
        for path in (Path("services", self.module), Path("protos/orrery", self.package)):
            if (root / path).exists():
                raise NotWritten(f"{path} is there already; a service is written once")


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
