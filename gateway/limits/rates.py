"""How often: "600/min" as a capacity and a refill."""

import re
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86400}
SPELLING = re.compile(r"([1-9][0-9]{0,8})/(s|min|h|day)")


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket that holds `limit` tokens and is filled again within `seconds`."""

    limit: int
    seconds: float
    per_second: float = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "per_second", self.limit / self.seconds)


def parse(text: object) -> object:
    """The rate that a text spells; raises ValueError with the forms that are taken."""
    if not isinstance(text, str):
        return text
    found = SPELLING.fullmatch(text)
    if not found:
        raise ValueError("a rate is spelled like 10/min; the units are s, min, h, day")
    return Rate(int(found[1]), SECONDS[found[2]])


Spelled = Annotated[Rate, NoDecode, BeforeValidator(parse)]  # no JSON
