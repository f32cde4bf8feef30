"""Reads the environment into one frozen object and refuses what it does not know."""

import difflib
import os
from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "ORRERY_"
DELIMITER = "__"


class UnknownSetting(ValueError):
    """An `ORRERY_` variable that this deployable does not read."""


class Settings(BaseSettings):
    """Base of every deployable's settings; frozen, from the environment only."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def refuse_unknown(cls, values: Any) -> Any:
        """Raise UnknownSetting for a name in the environment that no field reads."""
        known = set(names(cls, PREFIX))
        for name in sorted(os.environ):
            if name.startswith(PREFIX) and name not in known:
                raise UnknownSetting(sentence(name, known))
        return values

    @classmethod
    def read(cls) -> Self:
        """Read the environment; raises pydantic's ValidationError naming each missing or wrong variable."""
        return cls()


def names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Every variable name that `model` reads, nested models flattened."""
    for field, info in model.model_fields.items():
        name = prefix + field.upper()
        yield name
        nested = [kind for kind in (info.annotation, *getattr(info.annotation, "__args__", ())) if is_model(kind)]
        for kind in nested:
            yield from names(kind, name + DELIMITER)


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def sentence(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"{name} is not a setting of this process{hint}"
