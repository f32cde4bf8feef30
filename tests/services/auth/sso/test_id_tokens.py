"""An ID token is believed only where all of it is as it must be."""

import json
import time
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm
from starlette.responses import JSONResponse

from tests.services.auth.sso.issuer import CLIENT, Claims, Issuer
from tests.services.auth.sso.journey import Journey, person

WRONG_CLAIMS: dict[str, Claims] = {
    "another issuer": {"iss": "https://evil.example"},
    "an issuer with a slash more": {"iss": "http://127.0.0.1/"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another"},
    "no audience": {"aud": None},
    "an empty audience": {"aud": []},
    "an audience that only contains our name": {"aud": CLIENT + "2"},
    "two audiences without azp": {"aud": [CLIENT, "another"]},
    "for us, but given to another": {"aud": [CLIENT, "another"], "azp": "another"},
    "azp of another": {"azp": "another"},
    "another nonce": {"nonce": "x" * 43},
    "no nonce": {"nonce": None},
    "an empty nonce": {"nonce": ""},
    "a nonce that is a list": {"nonce": ["x"]},
    "expired": {"exp": int(time.time()) - 1},
    "no expiry": {"exp": None},
    "an expiry as text": {"exp": str(int(time.time()) + 300)},
    "an expiry as a fraction": {"exp": time.time() + 300.5},
    "an expiry that is true": {"exp": True},
    "made in the future": {"iat": int(time.time()) + 3600},
    "not yet good": {"nbf": int(time.time()) + 3600},
    "made an hour ago": {"iat": int(time.time()) - 3600},
    "no time": {"iat": None},
    "a time as text": {"iat": "now"},
    "another access token's hash": {"at_hash": "x" * 22},
    "an empty hash": {"at_hash": ""},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is a number": {"sub": 7},
    "a subject with NUL": {"sub": "a\0b"},
    "a subject of 256 characters": {"sub": "x" * 256},
    "an e-mail address that is a list": {"email": ["ada@example.com"]},
    "a session with NUL": {"sid": "\0"},
    "methods that are no list": {"amr": "pwd"},
}
WRONG_HEADERS: dict[str, Claims] = {
    "a key of its own": {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}},
    "a key's address": {"jku": "https://evil.example/jwks"},
    "a certificate": {"x5c": ["MII"]},
    "a certificate's address": {"x5u": "https://evil.example/x"},
    "an extension that must be understood": {"crit": ["exp"]},
    "compressed": {"zip": "DEF"},
    "an unknown key": {"kid": "unknown"},
    "a key that is a path": {"kid": "../../../../dev/null"},
    "a key that is a query": {"kid": "' OR 1=1 --"},
    "an empty key": {"kid": ""},
    "a very long key": {"kid": "k" * 300},
    "a type of another use": {"typ": "at+jwt"},
    "a logout token's type": {"typ": "logout+jwt"},
}


async def refused(journey: Journey) -> bool:
    told = await journey.through(**person())
    return (told.get("error"), told.get("error_reason")) == ("server_error", "SSO_ANSWER_REFUSED")


@pytest.mark.parametrize("wrong", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
async def test_a_claim_that_is_wrong(journey: Journey, wrong: Claims) -> None:
    journey.issuer.claims = wrong

    assert await refused(journey)


@pytest.mark.parametrize("wrong", WRONG_HEADERS.values(), ids=WRONG_HEADERS.keys())
async def test_a_header_that_is_wrong(journey: Journey, wrong: Claims) -> None:
    journey.issuer.header = wrong

    assert await refused(journey)


GOOD: dict[str, Claims] = {
    "the audience as a list": {"aud": [CLIENT]},
    "two audiences, given to us": {"aud": ["another", CLIENT], "azp": CLIENT},
    "no hash of the access token": {"at_hash": None},
    "no session": {"sid": None},
    "nothing but who it is": {"sid": None, "at_hash": None},
    "a clock that is 20 s ahead": {"iat": int(time.time()) + 20},
}


@pytest.mark.parametrize("said", GOOD.values(), ids=GOOD.keys())
async def test_what_may_differ(journey: Journey, said: Claims) -> None:
    journey.issuer.claims = said

    assert "code" in await journey.through(**person())


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
async def test_the_algorithms_that_are_believed(journey: Journey, alg: str) -> None:
    journey.issuer.alg, journey.issuer.kid = alg, f"of-{alg}"
    if journey.issuer.kid not in journey.issuer.keys:
        journey.issuer.add_key(journey.issuer.kid, alg)
    journey.issuer.shown_keys = None
    forget(journey)

    assert "code" in await journey.through(**person())


def part(value: Claims | bytes) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(issuer: Issuer, claims: Claims) -> str:
    return f"{part({'alg': 'none', 'kid': 'first'})}.{part(claims)}."


def none_signed(issuer: Issuer, claims: Claims) -> str:
    return f"{part({'alg': 'none', 'kid': 'first'})}.{part(claims)}.{part(b'x')}"


def by_public_key(issuer: Issuer, claims: Claims) -> str:
    """HS256, the public key for its secret: what algorithm confusion is."""
    pem = issuer.keys["first"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signing = f"{part({'alg': 'HS256', 'kid': 'first', 'typ': 'JWT'})}.{part(claims)}"
    mac = HMAC(pem, SHA256())
    mac.update(signing.encode())
    return f"{signing}.{part(mac.finalize())}"


def by_client_secret(issuer: Issuer, claims: Claims) -> str:
    return jwt.encode(claims, "x" * 64, algorithm="HS256", headers={"kid": "first"})


def another_signature(issuer: Issuer, claims: Claims) -> str:
    good, other = issuer.signed(claims), issuer.signed({**claims, "sub": "another"})
    return f"{good.rpartition('.')[0]}.{other.rpartition('.')[2]}"


def padded(issuer: Issuer, claims: Claims) -> str:
    return issuer.signed(claims) + "="


def stray_bits(issuer: Issuer, claims: Claims) -> str:
    """Another spelling of the same signature: 256 bytes leave four bits of the last character unused."""
    good = issuer.signed(claims)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return good[:-1] + letters[letters.index(good[-1]) ^ 1]


def twice(issuer: Issuer, claims: Claims) -> str:
    """A claim that comes twice, signed well."""
    text = json.dumps(claims)[:-1] + ',"sub":"another"}'
    return raw(issuer, json.dumps({"alg": "RS256", "kid": "first"}), text)


def not_a_number(issuer: Issuer, claims: Claims) -> str:
    return raw(issuer, json.dumps({"alg": "RS256", "kid": "first"}), json.dumps(claims)[:-1] + ',"x":NaN}')


def lone_surrogate(issuer: Issuer, claims: Claims) -> str:
    return raw(issuer, json.dumps({"alg": "RS256", "kid": "first"}), json.dumps({**claims, "name": "\ud800"}))


def a_list(issuer: Issuer, claims: Claims) -> str:
    return raw(issuer, json.dumps({"alg": "RS256", "kid": "first"}), json.dumps([claims]))


def deep(issuer: Issuer, claims: Claims) -> str:
    return raw(issuer, json.dumps({"alg": "RS256", "kid": "first"}), "[" * 4000 + "]" * 4000)


def alg_twice(issuer: Issuer, claims: Claims) -> str:
    return raw(issuer, '{"alg":"none","alg":"RS256","kid":"first"}', json.dumps(claims))


def huge(issuer: Issuer, claims: Claims) -> str:
    return issuer.signed({**claims, "x": "x" * 20_000})


def raw(issuer: Issuer, header: str, payload: str) -> str:
    signing = f"{part(header.encode())}.{part(payload.encode())}"
    return f"{signing}.{part(RSAAlgorithm(RSAAlgorithm.SHA256).sign(signing.encode(), issuer.keys['first']))}"


def encrypted(issuer: Issuer, claims: Claims) -> str:
    return f"{issuer.signed(claims)}.x.y"


FORGERIES = [
    unsigned, none_signed, by_public_key, by_client_secret, another_signature, padded, stray_bits, twice, not_a_number,
    lone_surrogate, a_list, deep, alg_twice, huge, encrypted,
]  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda one: one.__name__)
async def test_a_forged_token(journey: Journey, forge: Any) -> None:
    journey.issuer.make_id_token = lambda claims: forge(journey.issuer, claims)

    assert await refused(journey)


async def test_an_algorithm_that_the_issuer_does_not_name(journey: Journey) -> None:
    """The key could do it; the issuer says that it does not."""
    journey.issuer.alg, journey.issuer.kid = "RS512", "first"

    assert await refused(journey)


@pytest.mark.parametrize("answer", [{}, {"id_token": 7}, {"access_token": "x"}, {"id_token": "x", "token_type": None}])
async def test_an_answer_without_tokens(journey: Journey, answer: Claims) -> None:
    async def token(request: Any) -> JSONResponse:
        return JSONResponse(answer)

    journey.issuer.pages["/token"] = token

    assert await refused(journey)


def forget(journey: Journey) -> None:
    """Let the service look for keys again at once."""
    assert journey.house.trusted
    for one in journey.house.trusted.issuers.values():
        one._jwks._asked = -float("inf")
