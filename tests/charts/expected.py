"""What the processes themselves say of what they need: their settings, and stack.toml."""

import importlib
from functools import cache
from types import ModuleType

from libs.settings import Settings
from tools.stack.layout import Deployable, load

FLEET = {one.name: one for one in load({}).deployables}
# The port of the store behind each need that stack.toml gives to a deployable.
STORES = {"database": 5432, "kafka": 9092, "blobs": 7070, "archives": 7070, "edge": 6379}


def settings_of(one: Deployable) -> type[Settings]:
    """The settings class of a deployable; a worker's is called so."""
    found = classes(importlib.import_module(f"{'.'.join(one.folder.parts)}.settings"))
    is_worker = one.module.endswith(".worker")
    (chosen,) = [kind for kind in found if kind.__name__.endswith("WorkerSettings") == is_worker]
    return chosen


def classes(module: ModuleType) -> list[type[Settings]]:
    return [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Settings) and kind.__module__ == module.__name__
    ]


@cache
def calls() -> frozenset[tuple[str, str]]:
    """Who calls whom by gRPC: whoever must be told an address."""
    return frozenset(
        (caller, name.replace("_", "-"))
        for caller, one in FLEET.items()
        if "services" in settings_of(one).model_fields
        for name in settings_of(one).model_fields["services"].annotation.model_fields  # type: ignore[union-attr]  # a settings class, never None
    )
