"""Every RPC says who may call it."""

import pytest
from google.protobuf.descriptor import MethodDescriptor

from libs.rpc.access import access_of
from libs.rpc.scopes import SCOPES
from tests.contracts.protos import methods


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.full_name)
def test_each_rpc_has_an_access_rule_with_a_known_scope(method: MethodDescriptor) -> None:
    access = access_of(method)

    assert not access.scope or access.scope in SCOPES


def test_the_walk_saw_the_fleet() -> None:
    assert {method.full_name.split(".")[1] for method in methods()} >= {"auth", "media", "audit"}
