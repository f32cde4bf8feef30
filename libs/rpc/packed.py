"""Grants in an access token: as short as they can be, for a token has to fit a header.

`["orders", "cr", ["id", "total"], "{}"]`: resource, first letters of the actions, fields and filters; what is empty at
the end is left out.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from orrery.identity.v1.identity_pb2 import Grant

from libs.rpc.scopes import ACTIONS

LETTERS = {action[0]: action for action in ACTIONS}
FIELDS, FILTERS = 2, 3
Packed = list[Any]


class GrantMalformed(ValueError):
    """What should be a packed grant is none."""


def pack(grants: Iterable[Grant]) -> list[Packed]:
    """Grants as JSON values."""
    return [packed(one) for one in grants]


def packed(grant: Grant) -> Packed:
    short: Packed = [grant.resource, "".join(action[0] for action in grant.actions), list(grant.fields), grant.filters]
    while len(short) > FIELDS and not short[-1]:
        short.pop()
    return short


def unpack(values: Iterable[Sequence[Any]]) -> list[Grant]:
    """The grants again; raises GrantMalformed."""
    return [unpacked(one) for one in values]


def unpacked(short: Sequence[Any]) -> Grant:
    whole = (*short, *([], "")[len(short) - FIELDS :])
    try:
        resource, letters, fields, filters = whole
        return Grant(resource=resource, actions=[LETTERS[one] for one in letters], fields=fields, filters=filters)
    except (ValueError, TypeError, KeyError):
        raise GrantMalformed(f"{short!r} is no packed grant") from None
