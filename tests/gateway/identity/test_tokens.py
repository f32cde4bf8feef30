"""Access tokens: what is believed, and all that is not."""

import hmac
import json
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.identity import Revocations, Tokens
from gateway.identity.refusals import TokenExpired, TokenRefused, TokenRevoked
from gateway.identity.tokens import LEEWAY_SECONDS
from tests.gateway.identity.issuer import AUDIENCE, ISSUER, Auth, good_header, payload

NOW = int(time.time())


async def test_a_good_token_is_believed(tokens: Tokens, auth: Auth) -> None:
    session = str(uuid.uuid4())

    claims = (await tokens.verify(auth.token(sid=session, scope="media:read media:write"))).claims

    assert (claims.uid, claims.sid, claims.scope) == (7, session, "media:read media:write")


def b64(text: str | bytes) -> str:
    return urlsafe_b64encode(text.encode() if isinstance(text, str) else text).rstrip(b"=").decode()


def by_public_key(auth: Auth) -> str:
    """HS256, its secret the public key that everybody has."""
    public = auth.keyring.private["first"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signing = f"{b64(good_header(alg='HS256'))}.{b64(json.dumps(payload()))}"
    return f"{signing}.{b64(hmac.digest(public, signing.encode(), 'sha256'))}"


def by_another_key(auth: Auth) -> str:
    return jwt.encode(payload(), generate_private_key(65537, 2048), "RS256", {"typ": "at+jwt", "kid": "first"})


def respelled(auth: Auth) -> str:
    """The same bytes, the last character's spare bits set."""
    token = auth.token()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) + 1]


def with_claims(text: str) -> Callable[[Auth], str]:
    return lambda auth: auth.signed(good_header(), text)


def doubled(name: str, value: object) -> Callable[[Auth], str]:
    """The claim twice: first a false one, then the good one."""
    return with_claims(json.dumps(payload()).replace("{", f'{{"{name}": {json.dumps(value)}, ', 1))


REFUSED: dict[str, Callable[[Auth], str]] = {
    "alg none, unsigned": lambda auth: f"{b64(good_header(alg='none'))}.{b64(json.dumps(payload()))}.",
    "alg none, signed": lambda auth: auth.signed(good_header(alg="none"), json.dumps(payload())),
    "alg None": lambda auth: auth.signed(good_header(alg="None"), json.dumps(payload())),
    "alg HS256 with the public key": by_public_key,
    "alg RS384": lambda auth: auth.signed(good_header(alg="RS384"), json.dumps(payload())),
    "alg PS256": lambda auth: auth.signed(good_header(alg="PS256"), json.dumps(payload())),
    "alg in lower case": lambda auth: auth.signed(good_header(alg="rs256"), json.dumps(payload())),
    "alg a list": lambda auth: auth.signed(good_header(alg=["RS256"]), json.dumps(payload())),
    "typ JWT": lambda auth: auth.token(header={"typ": "JWT"}),
    "typ of an id token": lambda auth: auth.token(header={"typ": "id+jwt"}),
    "no typ": lambda auth: auth.signed('{"alg": "RS256", "kid": "first"}', json.dumps(payload())),
    "no kid": lambda auth: auth.signed('{"alg": "RS256", "typ": "at+jwt"}', json.dumps(payload())),
    "kid a path": lambda auth: auth.signed(good_header(kid="../../../dev/null"), json.dumps(payload())),
    "kid a query": lambda auth: auth.signed(good_header(kid="' OR 1=1 --"), json.dumps(payload())),
    "kid a number": lambda auth: auth.signed(good_header(kid=1), json.dumps(payload())),
    "kid unknown": lambda auth: auth.signed(good_header(kid="nobody"), json.dumps(payload())),
    "crit": lambda auth: auth.token(header={"crit": ["exp"]}),
    "b64 false": lambda auth: auth.token(header={"b64": False}),
    "jku": lambda auth: auth.token(header={"jku": "https://evil.test/jwks.json"}),
    "jwk": lambda auth: auth.token(header={"jwk": {"kty": "RSA"}}),
    "x5u": lambda auth: auth.token(header={"x5u": "https://evil.test/x.pem"}),
    "x5c": lambda auth: auth.token(header={"x5c": ["MII"]}),
    "cty": lambda auth: auth.token(header={"cty": "JWT"}),
    "header twice alg": lambda auth: auth.signed('{"alg": "none", ' + good_header()[1:], json.dumps(payload())),
    "header a list": lambda auth: auth.signed("[]", json.dumps(payload())),
    "header not UTF-8": lambda auth: auth.signed(b"\xff\xfe", json.dumps(payload())),
    "another key of the same kid": by_another_key,
    "signature of another token": lambda auth: auth.token().rpartition(".")[0] + "." + auth.token().rpartition(".")[2],
    "signature cut": lambda auth: auth.token()[:-8],
    "signature empty": lambda auth: auth.token().rpartition(".")[0] + ".",
    "spare bits set": respelled,
    "padding": lambda auth: auth.token() + "==",
    "leading space": lambda auth: " " + auth.token(),
    "trailing newline": lambda auth: auth.token() + "\n",
    "newline inside": lambda auth: auth.token()[:20] + "\n" + auth.token()[20:],
    "standard base64": lambda auth: auth.token()[:-3] + "+/A",
    "non-ASCII digits": lambda auth: auth.token()[:-2] + "٣٣",
    "four parts": lambda auth: auth.token() + ".e30",
    "five parts (JWE)": lambda auth: auth.token() + ".e30.e30",
    "over 8 KiB": lambda auth: auth.token(junk="x" * 8192),
    "payload a list": with_claims("[]"),
    "payload empty": with_claims(""),
    "payload of two objects": with_claims(json.dumps(payload()) * 2),
    "payload nested a thousand deep": with_claims('{"a":' * 1000 + "1" + "}" * 1000),
    "uid twice": doubled("uid", 1),
    "exp twice": doubled("exp", 1),
    "exp twice, escaped": with_claims(json.dumps(payload())[:-1] + ', "\\u0065xp": 9999999999}'),
    "exp Infinity": with_claims(json.dumps(payload() | {"exp": float("inf")})),
    "exp NaN": with_claims(json.dumps(payload() | {"exp": float("nan")})),
    "exp text": lambda auth: auth.signed(good_header(), json.dumps(payload() | {"exp": "9999999999"})),
    "exp with a fraction": lambda auth: auth.signed(good_header(), json.dumps(payload() | {"exp": NOW + 9999.5})),
    "exp missing": lambda auth: auth.token(exp=None),
    "iat in the future": lambda auth: auth.token(iat=NOW + 3600),
    "iat missing": lambda auth: auth.token(iat=None),
    "jti missing": lambda auth: auth.token(jti=None),
    "nbf in the future": lambda auth: auth.token(nbf=int(time.time()) + LEEWAY_SECONDS + 30),
    "aud of another": lambda auth: auth.token(aud="another"),
    "aud missing": lambda auth: auth.token(aud=None),
    "aud a list": lambda auth: auth.token(aud=[AUDIENCE]),
    "aud a list with another": lambda auth: auth.token(aud=[AUDIENCE, "another"]),
    "iss of another": lambda auth: auth.token(iss="http://evil.test"),
    "iss longer": lambda auth: auth.token(iss=ISSUER + "/"),
    "iss missing": lambda auth: auth.token(iss=None),
    "sub missing": lambda auth: auth.token(sub=None),
    "sub no UUID": lambda auth: auth.token(sub="1"),
    "uid text": lambda auth: auth.token(uid="7"),
    "uid true": lambda auth: auth.token(uid=True),
    "uid zero": lambda auth: auth.token(uid=0),
    "uid over 64 bits": lambda auth: auth.token(uid=2**63),
    "org missing": lambda auth: auth.token(org=None),
    "sid missing": lambda auth: auth.token(sid=None),
    "roles text": lambda auth: auth.token(roles="ADMIN"),
    "scope a list": lambda auth: auth.token(scope=["*"]),
    "adm a number": lambda auth: auth.token(adm=1),
    "nothing": lambda auth: "",
    "dots": lambda auth: "..",
}


@pytest.mark.parametrize("bend", REFUSED.values(), ids=REFUSED.keys())
async def test_a_bent_token_is_refused(tokens: Tokens, auth: Auth, bend: Callable[[Auth], str]) -> None:
    token = bend(auth)

    with pytest.raises(TokenRefused):
        await tokens.verify(token)

    with pytest.raises(TokenRefused):
        await tokens.verify(token)  # and no less the second time


@pytest.mark.parametrize("age", [1, LEEWAY_SECONDS - 5, 3600])
async def test_an_expired_token_says_so_and_gets_no_leeway(tokens: Tokens, auth: Auth, age: int) -> None:
    token = auth.token(exp=int(time.time()) - age)

    with pytest.raises(TokenExpired) as refused:
        await tokens.verify(token)

    assert refused.value.reason == "TOKEN_EXPIRED"


async def test_a_token_that_is_remembered_expires_all_the_same(tokens: Tokens, auth: Auth) -> None:
    token = auth.token(exp=int(time.time()) + 1)
    verified = await tokens.verify(token)

    assert not tokens.holds(verified, verified.claims.exp)


async def test_auths_clock_may_run_ahead_by_half_a_minute(tokens: Tokens, auth: Auth) -> None:
    ahead = int(time.time()) + LEEWAY_SECONDS - 5

    verified = await tokens.verify(auth.token(iat=ahead, nbf=ahead))

    assert verified.claims.uid == 7


async def test_a_forged_expired_token_is_not_called_expired(tokens: Tokens, auth: Auth) -> None:
    token = auth.token(exp=1).rpartition(".")[0] + "." + auth.token().rpartition(".")[2]

    with pytest.raises(TokenRefused):
        await tokens.verify(token)


async def test_a_revoked_sessions_token_is_refused_even_when_remembered(
    tokens: Tokens, auth: Auth, revocations: Revocations
) -> None:
    session = str(uuid.uuid4())
    token, another = auth.token(sid=session), auth.token()
    verified = await tokens.verify(token)

    revocations.ended.add(f"session:{session}", time.time_ns() // 1_000_000)

    with pytest.raises(TokenRevoked):
        await tokens.verify(token)
    assert not tokens.holds(verified, time.time())
    assert await tokens.verify(another)
