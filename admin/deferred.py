"""Commands whose code is imported when they are asked for.

What all of them need together takes two seconds to import; `orrery --help` needs none of it, and a command a part.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


@dataclass(frozen=True)
class Deferred:
    """Where a command is (`module:name` of a function or of a Typer), and the first sentence of its help."""

    place: str
    sentence: str

    def load(self, name: str) -> Any:
        """The command itself."""
        module, _, attribute = self.place.partition(":")
        found = getattr(import_module(module), attribute)
        holder = typer.Typer(rich_markup_mode=None)
        if isinstance(found, typer.Typer):
            holder.add_typer(found, name=name)
        else:
            holder.command(name)(found)
        return get_group(holder).commands[name]


class DeferredGroup(TyperGroup):
    """Has a name and a sentence for each command until one is asked for."""

    deferred: ClassVar[Mapping[str, Deferred]] = {}  # of the class, because Typer makes the group

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for name, one in self.deferred.items():
            self.add_command(TyperCommand(name, help=one.sentence, rich_markup_mode=None))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, stand_in, rest = super().resolve_command(ctx, args)
        return name, self.deferred[name].load(name) if name else stand_in, rest
