"""Bent access tokens, in the manner of Project Wycheproof: by header, by claims, by signature, by spelling."""

import hashlib
import hmac
import json
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from tests.gateway.identity.issuer import AUDIENCE, ISSUER, ORGANIZATION, USER, Auth, good_header, payload

HOSTILE = generate_private_key(65537, 2048)
Bend = Callable[[Auth], str | bytes]


def b64(text: str | bytes) -> str:
    return urlsafe_b64encode(text.encode() if isinstance(text, str) else text).rstrip(b"=").decode()


def header(**members: Any) -> Bend:
    """A header with these members, signed well."""
    return lambda auth: auth.signed(good_header(**members), json.dumps(payload()))


def raw_header(text: str | bytes) -> Bend:
    return lambda auth: auth.signed(text, json.dumps(payload()))


def claims(**members: Any) -> Bend:
    """These claims, signed well."""
    return lambda auth: auth.signed(good_header(), json.dumps(payload() | members))


def raw(bend: Callable[[str], str | bytes]) -> Bend:
    """The claims' JSON, bent and signed well."""
    return lambda auth: auth.signed(good_header(), bend(json.dumps(payload())))


def headers_of(member: str, *values: Any) -> dict[str, Bend]:
    return {f"{member} {value!r}": header(**{member: value}) for value in values}


def claims_of(member: str, *values: Any) -> dict[str, Bend]:
    """Each by its value, which is the same in every process that collects the tests, but for moments."""
    named = {f"{member} {value!r}".replace(str(NOW), "now").replace(str(LATER), "later"): value for value in values}
    return {name: claims(**{member: value}) for name, value in named.items()}


def by_secret(secret: Callable[[Auth], bytes], algorithm: str = "HS256") -> Bend:
    """A MAC whose secret everybody can know."""

    def bend(auth: Auth) -> str:
        signing = f"{b64(good_header(alg=algorithm))}.{b64(json.dumps(payload()))}"
        return f"{signing}.{b64(hmac.digest(secret(auth), signing.encode(), 'sha' + algorithm[2:]))}"

    return bend


def public(auth: Auth, encoding: Encoding, form: PublicFormat) -> bytes:
    return auth.keyring.private["first"].public_key().public_bytes(encoding, form)


def by_attacker(**members: Any) -> Bend:
    """Signed by the attacker, whose key the header brings along."""
    headers = {"typ": "at+jwt", "kid": "first", **members}
    return lambda auth: jwt.encode(payload(), HOSTILE, "RS256", headers)


def resigned(sign: Callable[[Auth, bytes], bytes]) -> Bend:
    """A good header and good claims with another signature."""

    def bend(auth: Auth) -> str:
        signing = f"{b64(good_header())}.{b64(json.dumps(payload()))}"
        return f"{signing}.{b64(sign(auth, signing.encode()))}"

    return bend


def parts(bend: Callable[[str, str, str], str | bytes]) -> Bend:
    """The parts of a good token, put together otherwise."""
    return lambda auth: bend(*auth.token().split("."))


def good_signature(auth: Auth, signing: bytes) -> bytes:
    return RSAAlgorithm(RSAAlgorithm.SHA256).sign(signing, auth.keyring.private["first"])


def modulus_added(auth: Auth, signing: bytes) -> bytes:
    """The same signature modulo n: verifiers that do not look at its size take it."""
    number = (
        int.from_bytes(good_signature(auth, signing)) + auth.keyring.private["first"].public_key().public_numbers().n
    )
    return number.to_bytes(257)


ATTACKERS_JWK = {**RSAAlgorithm.to_jwk(HOSTILE.public_key(), as_dict=True), "kid": "first"}
NOW = int(time.time())
LATER = NOW + 9999

HEADERS: dict[str, Bend] = {
    **headers_of("alg", "NONE", "nOnE", "none ", "", None, 0, True, {}, "RS256 ", "RS256\0"),
    **{
        f"alg {one}": header(alg=one) for one in ("RS512", "ES256", "ES256K", "EdDSA", "HS256", "HS512", "PS384", "dir")
    },
    "alg missing": raw_header('{"typ": "at+jwt", "kid": "first"}'),
    "HS256 by the public key in DER": by_secret(
        lambda auth: public(auth, Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ),
    "HS256 by the public key in PKCS#1": by_secret(lambda auth: public(auth, Encoding.PEM, PublicFormat.PKCS1)),
    "HS384 by the public key": by_secret(
        lambda auth: public(auth, Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "HS384"
    ),
    "HS512 by the key's id": by_secret(lambda _: b"first", "HS512"),
    "HS256 by nothing": by_secret(lambda _: b""),
    "an embedded jwk that signed": by_attacker(jwk=ATTACKERS_JWK),
    "a jku with the key that signed": by_attacker(jku="https://evil.test/jwks.json"),
    "a jku of our own host": by_attacker(jku=f"{ISSUER}/../upload/jwks.json"),
    "an x5u with the key that signed": by_attacker(x5u="https://evil.test/x.pem"),
    "an x5c with the key that signed": by_attacker(
        x5c=[b64encode(HOSTILE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()]
    ),
    "an x5t": header(x5t="AAAA"),
    "an x5t#S256": header(**{"x5t#S256": "AAAA"}),
    **headers_of("kid", "", None, [], ["first"], {}, True, "FIRST", " first", "first "),
    **{
        f"kid {name}": header(kid=one)
        for name, one in {
            "with NUL": "first\0",
            "of a file": "/proc/self/environ",
            "of a command": "first|/bin/true",
            "look-alike": "f\u0456rst",
            "long": "first" * 1000,
        }.items()
    },
    **headers_of("crit", [], "exp", ["b64"], ["alg"], {"exp": 1}, None),
    "crit that is there": header(crit=["exp"], exp=LATER),
    "zip": header(zip="DEF"),
    "enc": header(enc="A256GCM"),
    "p2c of a week's work": header(alg="PBES2-HS256+A128KW", p2c=2**31, p2s="AAAA"),
    "a nonce": header(nonce="x"),
    "b64 true": header(b64=True),
    **headers_of("typ", "", None, 1, ["at+jwt"], "at+jwt ", "logout+jwt", "dpop+jwt", "JOSE"),
    "kid twice": raw_header('{"kid": "nobody", ' + good_header()[1:]),
    "typ twice": raw_header('{"typ": "JWT", ' + good_header()[1:]),
    "alg twice, escaped": raw_header('{"\\u0061lg": "none", ' + good_header()[1:]),
    "a BOM before the header": raw_header(b"\xef\xbb\xbf" + good_header().encode()),
    "a NUL after the header": raw_header(good_header() + "\0"),
    "a second object after the header": raw_header(good_header() + "{}"),
    "a comment in the header": raw_header("/**/" + good_header()),
    "the header in UTF-16": raw_header(good_header().encode("utf-16")),
    "the header a text": raw_header(json.dumps(good_header())),
    "the header null": raw_header("null"),
    "the header deep": raw_header('{"a":' * 500 + "1" + "}" * 500),
}
CLAIMS: dict[str, Bend] = {
    **claims_of("exp", None, [], {}, "", "soon", "1e99", 10**400, 1e308),
    "exp 1e400": raw(lambda text: text.replace(f'"exp": {json.loads(text)["exp"]}', '"exp": 1e400')),
    **claims_of("iat", None, "", str(NOW), [], {}, 10**30, 1e308),
    **claims_of("nbf", "", "now", [], {}, LATER, 10**30, float("inf")),
    **claims_of("jti", 7, [], {}),
    **claims_of("iss", None, "", [ISSUER], {}, ISSUER.upper(), f"{ISSUER} ", "http://orrery.test.evil.test"),
    **claims_of("aud", None, "", {}, [], AUDIENCE.upper(), f"{AUDIENCE} ", {AUDIENCE: 1}),
    **claims_of("sub", None, "", 7, USER.upper(), f"{{{USER}}}", f"urn:uuid:{USER}", f"{USER}\n"),
    **claims_of("uid", None, -7, 7.0, "0x7", [7], 10**30),
    **claims_of("org", None, "", "*", ORGANIZATION.upper(), [ORGANIZATION], f"{ORGANIZATION},{USER}"),
    **claims_of("sid", None, "", 7, "../../session", "0" * 36, "g" * 36),
    **claims_of("roles", None, {}, [7], [["ADMIN"]], "ADMIN"),
    "roles by the hundred": claims(roles=["ADMIN"] * 101),
    **claims_of("scope", None, 7, {}, ["media:read"], True),
    **claims_of("adm", None, "true", "false", 1, [True]),
    **claims_of("grt", "*", {}, [7], [["*"]], None),
    **claims_of("net", "0.0.0.0/0", ["everywhere"], [7], {}, None),
    **claims_of("tls", "false", 0, None, []),
    **claims_of("client_id", 7, None, "x" * 101),
    **claims_of("pub", 7, None, "*", [ORGANIZATION], ORGANIZATION.upper()),
    **claims_of("asof", -1, "0", 1.5, None),
    **{
        f"{name} twice": raw(lambda text, name=name, value=value: f'{{"{name}": {json.dumps(value)}, {text[1:]}')  # type: ignore[misc]  # a lambda's default
        for name, value in {"sub": USER, "sid": USER, "adm": True, "iss": "x", "org": USER, "scope": ""}.items()
    },
    "adm twice, escaped": raw(lambda text: text[:-1] + ', "\\u0061dm": true}'),
    "a BOM": raw(lambda text: b"\xef\xbb\xbf" + text.encode()),
    "a NUL behind": raw(lambda text: text + "\0"),
    "text behind": raw(lambda text: text + "garbage"),
    "a trailing comma": raw(lambda text: text[:-1] + ",}"),
    "a comment": raw(lambda text: text + "//"),
    "single quotes": raw(lambda text: text.replace('"', "'")),
    "UTF-16": raw(lambda text: text.encode("utf-16")),
    "UTF-8 cut": raw(lambda text: text.encode()[:-1] + b"\xc3"),
    "a text": raw(json.dumps),
    "null": raw(lambda _: "null"),
    "a number": raw(lambda _: "7"),
    "nothing": raw(lambda _: "{}"),
}
SIGNATURES: dict[str, Bend] = {
    "zeros": resigned(lambda auth, signing: bytes(256)),
    "one": resigned(lambda auth, signing: (1).to_bytes(256)),
    "the modulus added": resigned(modulus_added),
    "a zero before": resigned(lambda auth, signing: b"\0" + good_signature(auth, signing)),
    "a zero behind": resigned(lambda auth, signing: good_signature(auth, signing) + b"\0"),
    "twice": resigned(lambda auth, signing: good_signature(auth, signing) * 2),
    "a byte short": resigned(lambda auth, signing: good_signature(auth, signing)[:-1]),
    "a bit flipped": resigned(lambda auth, signing: bytes([good_signature(auth, signing)[0] ^ 1]) + bytes(255)),
    "by SHA-1": resigned(
        lambda auth, signing: auth.keyring.private["first"].sign(signing, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303  # what is refused
    ),
    "by SHA-512": resigned(
        lambda auth, signing: auth.keyring.private["first"].sign(signing, padding.PKCS1v15(), hashes.SHA512())
    ),
    "by PSS": resigned(
        lambda auth, signing: auth.keyring.private["first"].sign(
            signing, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()
        )
    ),
    "of the claims alone": resigned(lambda auth, signing: good_signature(auth, signing.split(b".")[1])),
    "of the hash": resigned(lambda auth, signing: good_signature(auth, hashlib.sha256(signing).digest())),
    "by another key": resigned(lambda _, signing: HOSTILE.sign(signing, padding.PKCS1v15(), hashes.SHA256())),
}
SPELLINGS: dict[str, Bend] = {
    "claims of another token": lambda auth: ".".join(
        (*auth.token().split(".")[:1], *auth.token(adm=True).split(".")[1:2], auth.token().split(".")[2])
    ),
    "padding inside": parts(lambda head, body, sign: f"{head}=.{body}.{sign}"),
    "padding after the claims": parts(lambda head, body, sign: f"{head}.{body}==.{sign}"),
    "a tab behind": parts(lambda head, body, sign: f"{head}.{body}.{sign}\t"),
    "a carriage return inside": parts(lambda head, body, sign: f"{head}.{body}\r.{sign}"),
    "a NUL inside": parts(lambda head, body, sign: f"{head}.{body}.{sign[:9]}\0{sign[9:]}"),
    "a character that is none of base64's": parts(lambda head, body, sign: f"{head}.{body}.{sign[:9]}*{sign[9:]}"),
    "full-width letters": parts(lambda head, body, sign: f"{head}.{body}.{sign[:-1]}\uff21"),
    "dots escaped": parts(lambda head, body, sign: f"{head}%2E{body}%2E{sign}"),
    "full stops of another script": parts(lambda head, body, sign: f"{head}\u3002{body}\u3002{sign}"),
    "a dot before": parts(lambda head, body, sign: f".{head}.{body}.{sign}"),
    "a dot behind": parts(lambda head, body, sign: f"{head}.{body}.{sign}."),
    "no header": parts(lambda head, body, sign: f".{body}.{sign}"),
    "no claims": parts(lambda head, body, sign: f"{head}..{sign}"),
    "parts exchanged": parts(lambda head, body, sign: f"{body}.{head}.{sign}"),
    "two parts": parts(lambda head, body, sign: f"{head}.{body}"),
    "in capitals": parts(lambda head, body, sign: f"{head}.{body}.{sign}".upper()),
    "quoted": parts(lambda head, body, sign: f'"{head}.{body}.{sign}"'),
    "the scheme twice": parts(lambda head, body, sign: f"Bearer {head}.{body}.{sign}"),
    "two with a comma": parts(lambda head, body, sign: f"{head}.{body}.{sign},{head}.{body}.{sign}"),
    "JWS in JSON": parts(
        lambda head, body, sign: json.dumps(
            {"protected": head, "payload": body, "signature": sign}, separators=(",", ":")
        )
    ),
    "not ASCII": parts(lambda head, body, sign: f"{head}.{body}.{sign}".encode() + b"\xff"),
    "64 KiB": parts(lambda head, body, sign: f"{head}.{body}.{sign * 200}"),
}
TABLE: dict[str, Bend] = {
    **{f"header: {name}": bend for name, bend in HEADERS.items()},
    **{f"claims: {name}": bend for name, bend in CLAIMS.items()},
    **{f"signature: {name}": bend for name, bend in SIGNATURES.items()},
    **{f"spelling: {name}": bend for name, bend in SPELLINGS.items()},
}
