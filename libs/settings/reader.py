"""Reads the environment into one frozen object and refuses what it does not know."""

import difflib
import os
from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

PREFIX = "ORRERY_"
DELIMITER = "__"


class WrongSettings(SystemExit):
    """The environment is not what this deployable needs; one line for each variable that is missing or wrong.

    Uncaught it ends the process with these lines alone: whoever mistyped a name needs no traceback.
    """


class UnknownSetting(WrongSettings):
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

    @classmethod
    def read(cls) -> Self:
        """Read the environment; raises WrongSettings, which shows names and rules but never a value."""
        known = set(names(cls, PREFIX))
        for name in sorted(os.environ):
            if name.upper().startswith(PREFIX) and name.upper() not in known:
                raise UnknownSetting(sentence(name, known))
        try:
            return cls()
        except ValidationError as wrong:
            raise WrongSettings("\n".join(lines(wrong))) from None
        except SettingsError as wrong:
            raise WrongSettings(str(wrong)) from None


def names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Every variable name that `model` reads, nested models flattened."""
    for field, info in model.model_fields.items():
        name = prefix + field.upper()
        yield name
        nested = [kind for kind in (info.annotation, *getattr(info.annotation, "__args__", ())) if is_model(kind)]
        for kind in nested:
            yield from names(kind, name + DELIMITER)


def lines(wrong: ValidationError) -> Iterator[str]:
    """Each error as `ORRERY_NAME: what is wrong with it`."""
    for one in wrong.errors(include_url=False, include_context=False, include_input=False):
        name = PREFIX + DELIMITER.join(str(part) for part in one["loc"]).upper()
        yield f"{name}: {one['msg'].removeprefix('Value error, ')}"


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def sentence(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"{name} is not a setting of this process{hint}"
