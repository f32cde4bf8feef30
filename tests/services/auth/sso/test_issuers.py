"""What an issuer says of itself is believed as far as it must be, and costs no more than it may."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from services.auth.sso.errors import SsoAnswerRefused, SsoIssuerAway
from services.auth.sso.fetch import Fetch
from services.auth.sso.issuer import Issuer as Known
from services.auth.sso.issuer import sound
from services.auth.sso.jwks import ASK_AGAIN_SECONDS, usable
from tests.services.auth.sso.conftest import provider
from tests.services.auth.sso.issuer import Claims, Issuer, new_key, pristine, public

DISCOVERY, JWKS = "/.well-known/openid-configuration", "/jwks"


class Clock:
    """A clock that is put forward."""

    def __init__(self) -> None:
        self.now = time.monotonic()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer(issuer: Issuer) -> Issuer:
    return pristine(issuer)


@pytest.fixture
async def fetch() -> AsyncIterator[Fetch]:
    async with Fetch(seconds=0.5) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def known(issuer: Issuer, fetch: Fetch, clock: Clock) -> Known:
    return Known(provider("acme", issuer.url), fetch, clock)


WRONG: dict[str, Claims] = {
    "another issuer": {"issuer": "https://evil.example"},
    "an issuer with a slash more": {"issuer": "{url}/"},
    "no issuer": {"issuer": None},
    "keys by plain HTTP elsewhere": {"jwks_uri": "http://evil.example/jwks"},
    "keys in a file": {"jwks_uri": "file:///etc/passwd"},
    "keys at no address": {"jwks_uri": "//evil.example/jwks"},
    "no keys": {"jwks_uri": None},
    "a list of addresses": {"token_endpoint": ["https://a.example", "https://b.example"]},
    "tokens by plain HTTP elsewhere": {"token_endpoint": "http://169.254.169.254/token"},
    "a script for a page": {"authorization_endpoint": "javascript:alert(1)"},
    "a page with somebody's name in it": {"authorization_endpoint": "https://evil@issuer.example/"},
    "a fragment": {"authorization_endpoint": "https://issuer.example/#a"},
    "a line break": {"authorization_endpoint": "https://issuer.example/\r\nset-cookie: a=b"},
    "people by plain HTTP elsewhere": {"userinfo_endpoint": "http://evil.example/userinfo"},
    "a logout that is a script": {"end_session_endpoint": "data:text/html,x"},
    "only algorithms that we do not believe": {"id_token_signing_alg_values_supported": ["HS256", "none", "RS512"]},
    "algorithms that are no list": {"id_token_signing_alg_values_supported": "RS256"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_description_that_is_not_believed(issuer: Issuer, known: Known, wrong: Claims) -> None:
    filled = {name: text.format(url=issuer.url) if isinstance(text, str) else text for name, text in wrong.items()}
    issuer.metadata = filled

    with pytest.raises(SsoIssuerAway):
        await known.metadata()


async def test_an_issuer_of_https_sends_nobody_to_plain_places(fetch: Fetch) -> None:
    described = {
        "issuer": "https://issuer.example",
        "authorization_endpoint": "https://issuer.example/a",
        "token_endpoint": "https://issuer.example/t",
        "jwks_uri": "https://issuer.example/k",
    }
    assert sound(described, "https://issuer.example")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"):
        with pytest.raises(SsoAnswerRefused):
            sound({**described, name: "http://127.0.0.1/x"}, "https://issuer.example")


async def redirecting(request: Request) -> Response:
    return RedirectResponse("http://127.0.0.1:1/elsewhere", 302)


async def huge(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(10_000):
            yield b" " * 65_536

    return StreamingResponse(parts(), media_type="application/json")


async def slow(request: Request) -> Response:
    await asyncio.sleep(5)
    return JSONResponse({})


async def dripping(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.1)

    return StreamingResponse(parts(), media_type="application/json")


def answering(body: bytes, status: int = 200) -> Any:
    async def page(request: Request) -> Response:
        return Response(body, status, media_type="application/json")

    return page


PAGES: dict[str, Any] = {
    "redirecting": redirecting,
    "huge": huge,
    "slow": slow,
    "dripping": dripping,
    "empty": answering(b""),
    "a list": answering(b"[]"),
    "no JSON": answering(b"<html>"),
    "deep": answering(b"[" * 100_000),
    "a key twice": answering(b'{"keys": [], "keys": []}'),
    "not a number": answering(b'{"keys": NaN}'),
    "no text": answering(b"\xff\xfe"),
    "not found": answering(b"{}", 404),
    "a fault": answering(b"{}", 500),
    "too many": answering(b"{}", 429),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
@pytest.mark.parametrize("path", [DISCOVERY, JWKS])
async def test_an_issuer_that_answers_badly_is_away_and_breaks_nothing(
    issuer: Issuer, known: Known, page: Any, path: str
) -> None:
    issuer.pages[path] = page

    with pytest.raises(SsoIssuerAway):
        await known.key("first", "RS256")

    assert issuer.hits[path] == 1


async def test_nobody_listens(fetch: Fetch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SsoIssuerAway):
            await Known(provider("acme", url), fetch).metadata()


async def test_an_issuer_that_was_away_is_asked_again_soon(issuer: Issuer, known: Known, clock: Clock) -> None:
    issuer.pages[DISCOVERY] = answering(b"{}", 503)
    for _ in range(5):
        with pytest.raises(SsoIssuerAway):
            await known.metadata()
    assert issuer.hits[DISCOVERY] == 1

    issuer.pages.clear()
    clock.now += 6

    assert (await known.metadata()).issuer == issuer.url


async def test_what_is_known_is_kept_for_an_hour_and_while_the_issuer_is_away(
    issuer: Issuer, known: Known, clock: Clock
) -> None:
    await known.key("first", "RS256")
    clock.now += 3000
    await known.key("first", "RS256")
    assert issuer.hits == {DISCOVERY: 1, JWKS: 1}

    issuer.pages = {DISCOVERY: answering(b"{}", 503), JWKS: answering(b"{}", 503)}
    clock.now += 3601

    assert await known.key("first", "RS256")
    assert issuer.hits == {DISCOVERY: 2, JWKS: 2}


async def test_a_new_key_is_found_and_an_old_one_that_is_gone_is_forgotten(
    issuer: Issuer, known: Known, clock: Clock
) -> None:
    await known.key("first", "RS256")
    issuer.add_key("second")
    del issuer.keys["first"]
    clock.now += ASK_AGAIN_SECONDS + 1

    assert await known.key("second", "RS256")
    with pytest.raises(SsoAnswerRefused):
        await known.key("first", "RS256")


async def test_unknown_keys_cost_the_issuer_one_request_in_ten_seconds(
    issuer: Issuer, known: Known, clock: Clock
) -> None:
    await known.key("first", "RS256")
    asked = [known.key(f"unknown-{number}", "RS256") for number in range(50)]
    assert all(isinstance(one, SsoAnswerRefused) for one in await asyncio.gather(*asked, return_exceptions=True))
    assert issuer.hits[JWKS] == 1

    clock.now += ASK_AGAIN_SECONDS + 1
    asked = [known.key(f"unknown-{number}", "RS256") for number in range(50)]
    await asyncio.gather(*asked, return_exceptions=True)

    assert issuer.hits[JWKS] == 2


async def test_many_at_once_ask_once(issuer: Issuer, known: Known) -> None:
    await asyncio.gather(*(known.key("first", "RS256") for _ in range(50)))

    assert issuer.hits == {DISCOVERY: 1, JWKS: 1}


async def test_without_a_kid_the_one_key_that_fits_is_taken(issuer: Issuer, known: Known, clock: Clock) -> None:
    issuer.add_key("curve", "ES256")

    assert await known.key(None, "RS256")
    assert await known.key(None, "ES256")

    issuer.add_key("third")
    clock.now += 3601
    with pytest.raises(SsoAnswerRefused):
        await known.key(None, "RS256")


RSA = public("a", new_key("RS256"))
KEYS: dict[str, Claims] = {
    "a secret": {"kty": "oct", "k": "c2VjcmV0", "kid": "a", "alg": "HS256"},
    "a key for encryption": {**RSA, "use": "enc"},
    "a key for another algorithm": {**RSA, "alg": "RS512"},
    "a key that signs alone": {**RSA, "key_ops": ["sign"]},
    "operations that are no list": {**RSA, "key_ops": 7},
    "a kid that is a number": {**RSA, "kid": 7},
    "a weak key": {"kty": "RSA", "n": "x" * 171, "e": "AQAB", "kid": "a"},
    "a giant key": {"kty": "RSA", "n": "x" * 20_000, "e": "AQAB", "kid": "a"},
    "a key of no numbers": {"kty": "RSA", "n": "!", "e": "!", "kid": "a"},
    "a key of other types": {"kty": "RSA", "n": 7, "e": [], "kid": "a"},
    "no type": {"kid": "a"},
    "a type that is a list": {"kty": ["RSA"], "kid": "a"},
    "a point off the curve": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "a"},
    "another curve": {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA", "kid": "a"},
    "X25519": {"kty": "OKP", "crv": "X25519", "x": "A" * 43, "kid": "a"},
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_a_key_that_verifies_nothing(key: Claims) -> None:
    assert usable([key]) == ()
    assert len(usable([key, RSA])) == 1


@pytest.mark.parametrize("found", [None, {}, "x", [7], [None], [[]], [RSA] * 101])
def test_a_set_that_is_none(found: Any) -> None:
    assert usable(found) == ()
