"""The running gateway keeps to its own OpenAPI document, and no input makes a 500."""

from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, strategies
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.people import Meet, Person

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BOUNDED = hypothesis.settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)
ENDS_THE_CALLER = ("/logout", "/users/me", "/revoke-others", "/sessions/{sessionId}", "/leave")
NASTY = [
    b"",
    b"null",
    b"[]",
    b"{",
    b'"\\ud800"',
    b'{"password": NaN}',
    b'{"password": 1e400}',
    b'{"a": 1, "a": 2}',
    b'{"username": "a\\u0000b"}',
    b"[" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b'{"videoId": ' + b"9" * 400 + b"}",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b'{"title": "' + b"x" * 2_000_000 + b'"}',
]


@pytest.fixture(scope="module")
def caller(meet: Meet) -> Person:
    return meet()


@pytest.fixture(scope="module")
def document(fleet_url: str) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{fleet_url}/openapi.json")


def test_each_operation_answers_as_documented(
    document: schemathesis.BaseSchema, meet: Meet, caller: Person, subtests: pytest.Subtests
) -> None:
    operations = [found.ok() for found in document.get_all_operations() if isinstance(found, Ok)]

    for operation in operations:
        signed_in = meet() if operation.path.endswith(ENDS_THE_CALLER) else caller
        headers = {"authorization": signed_in.http.headers["authorization"]}

        @hypothesis.given(case=operation.as_strategy())
        @BOUNDED
        def holds(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)  # noqa: B023  # called before the loop goes on

        with subtests.test(operation.label):
            holds()

    assert len(operations) > 20
    assert caller.http.get("/api/auth/me").status_code == 200  # else all the others were refused, which proves little


WRITES = [
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/refresh"),
    ("POST", "/api/auth/logout"),
    ("PUT", "/api/auth/me"),
    ("POST", "/api/v1/auth/register"),
    ("POST", "/api/v1/auth/login"),
    ("POST", "/api/media/videos/init-upload"),
    ("POST", "/api/media/videos/complete-upload"),
    ("PATCH", "/api/media/videos/1"),
]


@pytest.mark.parametrize("body", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_nasty_body_gets_a_clear_refusal(caller: Person, method: str, path: str, body: bytes) -> None:
    answer = caller.http.request(method, path, content=body, headers={"content-type": "application/json"})

    refused = answer.json()
    assert 400 <= answer.status_code < 500, answer.text
    assert refused.get("error", refused)


PLACES = [
    "/api/media/videos/{}",
    "/api/media/videos?limit={}",
    "/api/media/videos?userId={}",
    "/api/v1/audit-logs?cursor={}",
    "/api/v1/audit-logs?filter[createdAt][gte]={}",
    "/api/v1/audit-logs?filter[targetId]={}",
    "/api/v1/logs?sort={}",
    "/api/v1/logs?filter[statusCode][in]={}",
]
ODD = ["1_000", "+1", "1e3", "0x10", "NaN", "inf", "-0", "٣", "%00", "%ff", "1&limit=2", " 1"]
VALUES = strategies.one_of(strategies.text(max_size=40), strategies.integers().map(str), strategies.sampled_from(ODD))


@hypothesis.given(path=strategies.sampled_from(PLACES), value=VALUES)
@BOUNDED
def test_no_value_in_a_url_makes_a_server_error(caller: Person, path: str, value: str) -> None:
    answer = caller.http.get(path.format(spelled(value)))

    assert answer.status_code < 500, answer.text


def spelled(value: str) -> str:
    """The value with what no URL can hold percent-encoded; whatever else is odd stays."""
    return "".join(quote(one) if one == "#" or (one.isascii() and not one.isprintable()) else one for one in value)
