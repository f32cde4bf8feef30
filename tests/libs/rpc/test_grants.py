"""What limited credentials may do."""

import pytest
from orrery.identity.v1.identity_pb2 import Grant, Identity
from orrery.options.v1.options_pb2 import Access, Caller

from libs.errors import Forbidden
from libs.rpc.access import check
from libs.rpc.grants import Conditions, conditions, permits
from libs.rpc.scopes import SCOPES, scopes_of

ORDERS = Grant(resource="orders", actions=["create", "read"], fields=["id", "total"], filters='{"status": "open"}')
USERS = Grant(resource="users", actions=["read"])


@pytest.mark.parametrize(
    ("grant", "resource", "action", "allowed"),
    [
        (USERS, "users", "read", True),
        (USERS, "users", "delete", False),
        (USERS, "organizations", "read", False),
        (USERS, "members", "read", False),
        (ORDERS, "resources", "create", True),
        (ORDERS, "resources", "delete", False),
        (ORDERS, "media", "read", False),
        (Grant(resource="organizations", actions=["read"]), "users", "read", True),
        (Grant(resource="*", actions=["delete"]), "media", "delete", True),
        (Grant(resource="*", actions=["delete"]), "media", "read", False),
        (Grant(resource="media", actions=["update"]), "videos", "update", True),
    ],
)
def test_a_grant_allows_its_actions_on_its_resource_alone(
    grant: Grant, resource: str, action: str, allowed: bool
) -> None:
    assert permits([grant], resource, action) is allowed


def test_a_scope_without_the_action_is_not_enough() -> None:
    identity = Identity(user_id=7, scopes=["media:write"], grants=[Grant(resource="media", actions=["create"])])
    rule = Access(caller=Caller.CALLER_USER, scope="media:write", resource="media", action="delete")

    with pytest.raises(Forbidden, match="may not delete media") as refused:
        check(rule, identity)

    assert refused.value.reason == "ACTION_MISSING"
    rule.action = "create"
    check(rule, identity)


def test_conditions_name_fields_and_rows() -> None:
    identity = Identity(user_id=7, grants=[ORDERS, USERS])

    assert conditions(identity, "orders", "read") == [Conditions(frozenset({"id", "total"}), {"status": "open"})]
    assert conditions(identity, "orders", "update") == []
    assert conditions(identity, "users", "read") == [Conditions(None, {})]
    assert conditions(Identity(user_id=7), "users", "read") == [Conditions(None, {})]


@pytest.mark.parametrize(
    ("resource", "actions", "scopes"),
    [
        ("media", ("read",), {"media:read"}),
        ("media", ("create", "delete"), {"media:write"}),
        ("users", ("read", "update"), {"organizations:read", "organizations:write"}),
        ("orders", ("read", "create"), {"resources:read", "resources:write"}),
    ],
)
def test_permissions_map_onto_scopes(resource: str, actions: tuple[str, ...], scopes: set[str]) -> None:
    assert scopes_of(resource, actions) == scopes <= SCOPES
