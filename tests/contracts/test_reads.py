"""What clients may ask again when a pod died changes nothing (docs/adr/0015)."""

from gateway.router import all_routes
from gateway.routes import ROUTERS
from libs.rpc.client import READS


def test_what_is_named_as_a_read_is_had_by_get_alone() -> None:
    routes = all_routes(ROUTERS)
    named = {route.id: route.verb for route in routes if route.method.name.startswith(READS)}

    assert named
    assert [name for name, verb in named.items() if verb != "GET"] == []
