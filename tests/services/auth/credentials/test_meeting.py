"""What two sets of grants both allow."""

import pytest
from orrery.identity.v1.identity_pb2 import Grant

from libs.rpc.grants import permits
from services.auth.credentials.meeting import common, meeting

READ = ["read"]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (
            Grant(resource="*", actions=READ),
            Grant(resource="media", actions=READ),
            Grant(resource="media", actions=READ),
        ),
        (
            Grant(resource="organizations", actions=["read", "delete"]),
            Grant(resource="users", actions=["delete", "create"]),
            Grant(resource="users", actions=["delete"]),
        ),
        (
            Grant(resource="resources", actions=READ),
            Grant(resource="orders", actions=READ),
            Grant(resource="orders", actions=READ),
        ),
        (Grant(resource="media", actions=READ), Grant(resource="forum", actions=READ), None),
        (Grant(resource="users", actions=READ), Grant(resource="members", actions=READ), None),
        (Grant(resource="media", actions=READ), Grant(resource="media", actions=["delete"]), None),
        (
            Grant(resource="users", actions=READ, fields=["a", "b"]),
            Grant(resource="users", actions=READ, fields=["b", "c"]),
            Grant(resource="users", actions=READ, fields=["b"]),
        ),
        (
            Grant(resource="users", actions=READ, fields=["a"]),
            Grant(resource="users", actions=READ),
            Grant(resource="users", actions=READ, fields=["a"]),
        ),
        (
            Grant(resource="users", actions=READ, fields=["a"]),
            Grant(resource="users", actions=READ, fields=["b"]),
            None,
        ),
        (
            Grant(resource="users", actions=READ, filters='{"x": 1}'),
            Grant(resource="users", actions=READ, filters='{"y": 2}'),
            Grant(resource="users", actions=READ, filters='{"x": 1, "y": 2}'),
        ),
        (
            Grant(resource="users", actions=READ, filters='{"x": 1}'),
            Grant(resource="users", actions=READ, filters='{"x": 2}'),
            None,
        ),
    ],
)
def test_two_grants_meet_in_what_both_allow(one: Grant, other: Grant, both: Grant | None) -> None:
    assert common(one, other) == common(other, one) == both


def test_the_meeting_permits_what_both_permit_and_nothing_else() -> None:
    ones = [Grant(resource="organizations", actions=["read", "update"]), Grant(resource="media", actions=READ)]
    others = [Grant(resource="users", actions=["read", "delete"]), Grant(resource="*", actions=["update"])]

    met = meeting(ones, others)

    for resource in ("organizations", "users", "members", "media", "forum"):
        for action in ("create", "read", "update", "delete"):
            by_both = permits(ones, resource, action) and permits(others, resource, action)
            assert permits(met, resource, action) == by_both, (resource, action)
