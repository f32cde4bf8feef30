"""Grants as an access token carries them."""

from typing import Any

import pytest
from orrery.identity.v1.identity_pb2 import Grant

from libs.rpc.packed import GrantMalformed, pack, unpack

GRANTS = [
    Grant(resource="media", actions=["read"]),
    Grant(resource="orders", actions=["create", "read", "update", "delete"], fields=["id", "total"]),
    Grant(resource="users", actions=["read"], filters='{"role": "OPERATOR"}'),
    Grant(resource="*", actions=["read"], fields=["id"], filters='{"a": 5.0}'),
]


def test_grants_come_back_as_they_were() -> None:
    assert unpack(pack(GRANTS)) == GRANTS


def test_what_is_empty_at_the_end_is_left_out() -> None:
    assert pack(GRANTS) == [
        ["media", "r"],
        ["orders", "crud", ["id", "total"]],
        ["users", "r", [], '{"role": "OPERATOR"}'],
        ["*", "r", ["id"], '{"a": 5.0}'],
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["media"],
        ["media", "x"],
        ["media", 5],
        [5, "r"],
        ["media", "r", 5],
        ["media", "r", [5]],
        ["media", "r", [], 5],
        ["media", "r", [], "", "more"],
    ],
)
def test_what_is_no_grant_is_refused(wrong: list[Any]) -> None:
    with pytest.raises(GrantMalformed):
        unpack([wrong])
