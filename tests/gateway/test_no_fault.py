"""No input makes a 500: anything at all in path, query, headers and body."""

import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message

from gateway.router import all_routes
from gateway.routes import ROUTERS
from tests.gateway.fleet import Fleet
from tests.gateway.servicers import served

SERVED = served()
PATHS = sorted({route.path for route in all_routes(ROUTERS) if route.method.full_name in SERVED})
PARAMETER = re.compile(r"\{.*?\}")
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NAMES = (
    b"authorization", b"content-type", b"content-length", b"content-encoding", b"accept", b"accept-language",
    b"x-api-version", b"x-request-id", b"traceparent", b"if-none-match", b"origin", b"x-forwarded-for", b"user-agent",
)  # fmt: skip
LIKELY = (b"Bearer kana", b"application/json", b"application/problem+json", b"ja", b"1", b"*", b"00-" + b"0" * 52)
VALUES = st.sampled_from(LIKELY) | st.binary(max_size=20)
TEXTS = st.text(alphabet='{}[]":,\\u0ad8e1.-NIfntrlvideIdso ', max_size=40).map(str.encode)
PARTS = st.text(max_size=12) | st.sampled_from(["5", "%00", "9" * 25, "-1", ".."])


@st.composite
def requests(draw: st.DrawFn) -> tuple[dict[str, Any], bytes]:
    """An ASGI scope and its body."""
    path = draw(st.sampled_from(PATHS))
    path = PARAMETER.sub(lambda found: draw(PARTS), path)
    query = draw(st.binary(max_size=30) | st.sampled_from([b"limit=5", b"api_version=\xff", b"filter[a]=1&sort=%00"]))
    headers = draw(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=5))
    scope: dict[str, Any] = {
        "type": "http",
        "method": draw(st.sampled_from(VERBS)),
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "query_string": query,
        "headers": [(b"authorization", b"Bearer kana"), (b"content-type", b"application/json"), *headers],
        "client": ("192.0.2.1", 5),
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
    }
    return scope, draw(TEXTS | st.binary(max_size=40))


async def status(gateway: Fleet, scope: dict[str, Any], body: bytes) -> int:
    """The status that the request gets."""
    seen: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            seen.append(message["status"])

    await gateway.app(dict(scope), receive, send)
    return seen[0]


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests())
async def test_no_input_makes_a_server_error(gateway: Fleet, request: tuple[dict[str, Any], bytes]) -> None:
    answer = await status(gateway, *request)

    assert answer < 500
