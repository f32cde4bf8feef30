"""What an API key may be made of."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from orrery.auth.v1.api_keys_pb2 import ApiRateLimit

from libs.errors import Violation
from services.auth import networks

MOST = 100
ORIGIN = re.compile(r"(https?)://([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?", re.ASCII | re.IGNORECASE)
USUAL_PORTS = {"http": "80", "https": "443"}
HIGHEST_PORT = 65535


class NotSo(ValueError):
    """What a client sent breaks a rule; `str()` is a sentence for them."""


def network(text: str) -> str:
    """As services.auth.networks.network; raises NotSo."""
    try:
        return networks.network(text.strip())
    except ValueError:
        raise NotSo("This must be a network such as 203.0.113.0/24, or an address.") from None


def origin(text: str) -> str:
    """An origin as browsers send it (RFC 6454 §6.2); raises NotSo."""
    found = ORIGIN.fullmatch(text.strip().removesuffix("/"))
    if not found or int(found[3] or 0) > HIGHEST_PORT:
        raise NotSo("This must be an origin such as https://app.example.com, without a path.")
    scheme, host, port = found[1].lower(), found[2].lower(), found[3]
    return f"{scheme}://{host}" + (f":{port}" if port and port != USUAL_PORTS[scheme] else "")


def moment(text: str) -> datetime:
    """An RFC 3339 time in the future; raises NotSo."""
    try:
        found = datetime.fromisoformat(text)
        found.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter where it is after the year 9999 in UTC
        raise NotSo("This must be a time such as 2027-01-31T12:00:00Z.") from None
    if found.tzinfo is None:
        raise NotSo("This must be a time with its offset, such as 2027-01-31T12:00:00Z.")
    if found <= datetime.now(UTC):
        raise NotSo("This must be in the future.")
    return found


def texts(document: bytes, what: str) -> list[str]:
    """A JSON list of texts; null is an empty one. Raises NotSo."""
    found: Any = json.loads(document)
    listed = [] if found is None else found
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise NotSo(f"This must be a list of {what}.")
    if len(listed) > MOST:
        raise NotSo(f"This takes at most {MOST} {what}.")
    return listed


def rates(asked: ApiRateLimit) -> dict[str, int]:
    """The rates that were named, by their public names."""
    return {field.json_name: int(value) for field, value in asked.ListFields()}


def rate_violations(asked: ApiRateLimit) -> Iterator[Violation]:
    if asked.HasField("burst_limit") and not asked.HasField("requests_per_second"):
        sentence = "burstLimit says how many of requestsPerSecond may come at once; send both."
        yield Violation("rateLimit.burstLimit", sentence, "incomplete")


def each(values: Iterable[str], rule: Any, field: str, broken: list[Violation]) -> list[str]:
    """The values in their one spelling, each once; what breaks the rule goes to `broken`."""
    kept: dict[str, None] = {}
    for index, value in enumerate(values):
        try:
            kept[rule(value)] = None
        except NotSo as wrong:
            broken.append(Violation(f"{field}[{index}]", str(wrong), "invalid"))
    return list(kept)
