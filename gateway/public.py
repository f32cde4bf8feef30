"""How the gateway shows itself to the outside."""

from collections.abc import Callable
from dataclasses import dataclass


def anybody(address: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Public:
    """What a deployment decides of it."""

    url: str = "/"  # where the API is reached; the document names it as its server
    cors_origins: tuple[str, ...] = ()
    hsts_seconds: int = 0
    may_measure: Callable[[str], bool] = anybody  # whether a caller of this address may read /metrics
    issuer: str = ""  # who signs access tokens; the url where empty
