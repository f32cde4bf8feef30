"""Route tables: what is bound, and the mistakes that stop the start."""

from pathlib import Path

import pytest
from google.protobuf.descriptor import ServiceDescriptor

from gateway.app import bound
from gateway.bridge.names import CAMEL, SNAKE
from gateway.families import ENVELOPE, RESOURCE
from gateway.presenters import presenter_of
from gateway.router import RpcRouter, all_routes
from gateway.routes import ROUTERS, families
from tests.gateway.protos import proto

PUBLISHED = Path(__file__).with_name("published.tsv")
FILE = proto(
    "tables",
    """
message Asked { int64 thing_id = 1; }
message Answered { string name = 1; }
message Paged { repeated Answered rows = 1; orrery.types.v1.Pagination pagination = 2; int32 more = 3; }
service ThingsService {
  rpc Open(Asked) returns (Answered) { option (orrery.options.v1.access) = {caller: CALLER_ANYONE}; }
  rpc Paging(Asked) returns (Paged) { option (orrery.options.v1.access) = {caller: CALLER_ANYONE}; }
  rpc Internal(Asked) returns (Answered) { option (orrery.options.v1.access) = {caller: CALLER_SERVICE}; }
  rpc Unsaid(Asked) returns (Answered) {}
  rpc Unscoped(Asked) returns (Answered) { option (orrery.options.v1.access) = {caller: CALLER_USER}; }
}
""",
)
SERVICE: ServiceDescriptor = FILE.services_by_name["ThingsService"]


def router() -> RpcRouter:
    return RpcRouter(SERVICE, prefix="/things", family=ENVELOPE, names=CAMEL, backend="things")


@pytest.mark.parametrize(
    ("verb", "path", "name", "sentence"),
    [
        ("GET", "", "Opne", "ThingsService has no RPC Opne"),
        ("FETCH", "", "Open", "FETCH is not one of"),
        ("GET", "/{thing}", "Open", r"the path's \{thing\} is no field of orrery.tests.tables.v1.Asked"),
        ("GET", "", "Internal", "is for the fleet's services"),
        ("GET", "", "Unsaid", "does not say who may call it"),
        ("GET", "", "Unscoped", "names no scope"),
    ],
)
def test_an_rpc_that_cannot_be_bound_stops_the_start(verb: str, path: str, name: str, sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        router().rpc(verb, path, name, id="things_open")


def test_a_verb_and_path_are_given_once_whatever_the_parameter_is_called() -> None:
    snake = RpcRouter(SERVICE, prefix="/things", family=ENVELOPE, names=SNAKE, backend="things")
    camel = router()
    snake.rpc("GET", "/{thing_id}", "Open", id="things_open")
    camel.rpc("GET", "/{thing_id}", "Open", id="things_open_again")

    with pytest.raises(TypeError, match=r"the route GET /things/\{\} is given twice"):
        all_routes([snake, camel])


def test_an_operation_id_is_given_once() -> None:
    things = router()
    things.rpc("GET", "", "Open", id="things_open")
    things.rpc("POST", "", "Open", id="things_open")

    with pytest.raises(TypeError, match="the operationId things_open is given twice"):
        all_routes([things])


def test_a_page_with_further_fields_stops_the_start() -> None:
    things = router()
    things.rpc("GET", "", "Paging", id="things_list")

    with pytest.raises(TypeError, match="must have one list and its pagination"):
        presenter_of(things.routes[0])


def test_a_backend_that_is_not_there_stops_the_start() -> None:
    things = router()
    things.rpc("GET", "", "Open", id="things_open")

    with pytest.raises(TypeError, match="things_open is served by things"):
        bound(things.routes[0], {})


def test_the_longest_prefix_says_the_family() -> None:
    known = families()

    assert [known.of(path).name for path in ("/api/x", "/api/v1/x", "/api/v1/auth/x", "/v1/x", "/apix", "/api")] == [
        "envelope",
        "resource",
        "plain",
        "openai",
        "operations",
        "envelope",
    ]
    assert families((router(),)).of("/things/5") is ENVELOPE
    assert known.of("/api/v1/audit-logs") is RESOURCE


def test_a_published_route_stays() -> None:
    """One that vanishes, moves or changes its operationId breaks a client. A release adds the new ones to the file."""
    published = {tuple(line.split("\t")) for line in PUBLISHED.read_text().splitlines()}

    assert {(route.id, route.verb, route.path, str(route.status)) for route in all_routes(ROUTERS)} >= published
