"""Every RPC says who may call it."""

import re

import pytest
from google.protobuf.descriptor import MethodDescriptor

from libs.rpc.access import access_of
from tests.contracts.protos import methods

AREAS = (
    "profile media ai contents finance forum space bio research streams resources webhooks jobs flags configurations"
    " billing integrations organizations"
)
SCOPE = re.compile(rf"({'|'.join(AREAS.split())}):(read|write)|chat:use|chat:widget|audit:read|events:read|")


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.full_name)
def test_each_rpc_has_an_access_rule_with_a_known_scope(method: MethodDescriptor) -> None:
    access = access_of(method)

    assert SCOPE.fullmatch(access.scope), access.scope


def test_the_walk_saw_the_fleet() -> None:
    assert {method.full_name.split(".")[1] for method in methods()} >= {"auth", "media", "audit"}
