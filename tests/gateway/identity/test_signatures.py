"""Signed requests. The expected signatures were computed with OpenSSL's command line (dgst -hmac)."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from orrery.identity.v1.identity_pb2 import Credential, Identity

from gateway.idempotency import IdempotencyAway
from gateway.identity.refusals import (
    NonceReused,
    SignatureMalformed,
    SignatureMissing,
    SignatureUnexpected,
    SignatureWrong,
    TimestampOutside,
)
from gateway.identity.signatures import Signatures, signed
from gateway.identity.terms import Terms
from libs.errors import Refusal

SECRET = b"ss_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
STAMP, NONCE = b"1795276800", b"n-0123456789"
LINE, BODY = b"PATCH\n/api/media/videos/7?x=1", b'{"title":"Minutes"}'
KEY = Identity(credential=Credential.CREDENTIAL_API_KEY, credential_id="k1")
MUST = Terms((), (), frozenset(), (), SECRET, True)
MAY = Terms((), (), frozenset(), (), SECRET, False)
Headers = dict[bytes, bytes]


@dataclass
class Shared:
    """What gateways share; it may go away."""

    kept: dict[str, bytes] = field(default_factory=dict)
    is_away: bool = False

    async def claim(self, name: str, value: bytes, seconds: int) -> bytes | None:
        if self.is_away:
            raise IdempotencyAway
        found = self.kept.get(name)
        self.kept.setdefault(name, value)
        return found


@dataclass
class Gateway:
    """One gateway's signatures, and the refusals that it noted."""

    shared: Shared = field(default_factory=Shared)
    noted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.signatures = Signatures(self.shared, self.note)

    def note(self, identity: Identity, refusal: Refusal) -> None:
        self.noted.append(f"{identity.credential_id} {refusal.reason}")

    async def check(self, headers: Headers, terms: Terms = MUST, line: bytes = LINE, body: bytes = BODY) -> None:
        await self.signatures.check(terms, KEY, line, headers, body)


def sealed(nonce: bytes = NONCE, *, off: int = 0, line: bytes = LINE, body: bytes = BODY) -> Headers:
    """The headers of a request that is signed well, `off` seconds from now."""
    stamp = str(int(time.time()) + off).encode()
    signature = b"v1=" + signed(SECRET, line, stamp, nonce, body)
    return {b"x-timestamp": stamp, b"x-nonce": nonce, b"x-signature": signature}


@pytest.mark.parametrize(
    ("line", "body", "expected"),
    [
        (b"GET\n/api/v1/organizations", b"", b"1d32b28f1d7c82f6bb64d86f577453a87cf1802c76d4e43dc3a566eacf01583f"),
        (
            b"GET\n/api/media/videos?limit=2&userId=7",
            b"",
            b"30b382630e5f3ae448120bd8e508707b6a7fd7d86d81cb6bde7d12ab757bada7",
        ),
        (
            b"PATCH\n/api/media/videos/7",
            '{"title":"日本語"}'.encode(),
            b"aacc3f5b4ca369b0dc94b4af5fe4091cc2812cac07eafb56a2e1a120eef3a2f7",
        ),
        (
            b"GET\n/api/v1/resources/a%2Fb?filter[x]=%E6%97%A5",
            b"",
            b"c5d546271dcbda19ce0d900aac455d33de28a00dbd82c606d5ab08b0cee31061",
        ),
    ],
)
def test_signatures_are_what_others_compute(line: bytes, body: bytes, expected: bytes) -> None:
    assert signed(SECRET, line, STAMP, NONCE, body) == expected


@pytest.mark.parametrize("off", [0, -295, 295])
@pytest.mark.parametrize("terms", [MUST, MAY], ids=["must", "may"])
async def test_a_request_that_is_signed_well_and_in_time_is_let_in(terms: Terms, off: int) -> None:
    gateway = Gateway()

    await gateway.check(sealed(off=off), terms)

    assert gateway.noted == []


async def test_who_need_not_sign_is_let_in_without() -> None:
    await Gateway().check({}, MAY)


@pytest.mark.parametrize("missing", [b"x-timestamp", b"x-nonce", b"x-signature"])
@pytest.mark.parametrize("terms", [MUST, MAY], ids=["must", "may"])
async def test_half_a_signature_is_none(terms: Terms, missing: bytes) -> None:
    gateway = Gateway()

    with pytest.raises(SignatureMissing):
        await gateway.check({name: value for name, value in sealed().items() if name != missing}, terms)

    assert gateway.noted == ["k1 SIGNATURE_MISSING"]


async def test_who_must_sign_and_does_not_is_refused() -> None:
    with pytest.raises(SignatureMissing):
        await Gateway().check({})


async def test_a_key_without_a_secret_takes_no_signature() -> None:
    with pytest.raises(SignatureUnexpected):
        await Gateway().check(sealed(), Terms((), (), frozenset(), (), b"", False))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"x-timestamp", b""),
        (b"x-timestamp", b"now"),
        (b"x-timestamp", b"-5"),
        (b"x-timestamp", b"1.5"),
        (b"x-timestamp", b"1" * 13),
        (b"x-timestamp", "\uff11".encode()),
        (b"x-nonce", b"short"),
        (b"x-nonce", b"with a space"),
        (b"x-nonce", b"n" * 129),
        (b"x-nonce", b"line\nline\nline"),
        (b"x-signature", b"v1="),
        (b"x-signature", b"v2=" + b"0" * 64),
        (b"x-signature", b"0" * 64),
        (b"x-signature", b"v1=" + b"A" * 64),
        (b"x-signature", b"v1=" + b"0" * 63),
        (b"x-signature", b"v1=" + b"0" * 64 + b",v1=" + b"0" * 64),
    ],
)
async def test_a_header_of_another_form_is_refused(name: bytes, value: bytes) -> None:
    with pytest.raises(SignatureMalformed) as refused:
        await Gateway().check({**sealed(), name: value})

    assert refused.value.details["header"].lower() == name.decode()


@pytest.mark.parametrize("off", [-302, 302, -86400])
async def test_a_time_too_far_off_is_refused(off: int) -> None:
    with pytest.raises(TimestampOutside):
        await Gateway().check(sealed(off=off))


def bent(**parts: bytes) -> Callable[[], tuple[Headers, bytes, bytes]]:
    """A request that is not the one that was signed."""
    return lambda: (
        sealed() | {name.replace("_", "-").encode(): value for name, value in parts.items() if name.startswith("x_")},
        parts.get("line", LINE),
        parts.get("body", BODY),
    )


@pytest.mark.parametrize(
    "request_of",
    [
        bent(line=b"POST\n/api/media/videos/7?x=1"),
        bent(line=b"PATCH\n/api/media/videos/8?x=1"),
        bent(line=b"PATCH\n/api/media/videos/7?x=2"),
        bent(line=b"PATCH\n/api/media/videos/7"),
        bent(line=b"PATCH\n/api/media/videos/%37?x=1"),
        bent(body=b'{"title":"minutes"}'),
        bent(body=b""),
        bent(body=BODY + b" "),
        bent(x_nonce=b"another-nonce"),
        bent(x_timestamp=str(int(time.time()) - 100).encode()),
        bent(x_signature=b"v1=" + b"0" * 64),
    ],
)
async def test_what_was_signed_may_not_be_bent(request_of: Callable[[], tuple[Headers, bytes, bytes]]) -> None:
    headers, line, body = request_of()
    gateway = Gateway()

    with pytest.raises(SignatureWrong):
        await gateway.check(headers, line=line, body=body)

    assert gateway.noted == ["k1 SIGNATURE_WRONG"]


async def test_another_keys_secret_does_not_fit() -> None:
    with pytest.raises(SignatureWrong):
        await Gateway().check(sealed(), Terms((), (), frozenset(), (), SECRET[:-1] + b"g", True))


async def test_a_nonce_is_taken_once_by_all_gateways_together() -> None:
    shared = Shared()
    here, there = Gateway(shared), Gateway(shared)
    headers = sealed()
    await here.check(headers)

    for gateway in (here, there):
        with pytest.raises(NonceReused):
            await gateway.check(headers)


async def test_while_nothing_is_shared_each_gateway_knows_its_own() -> None:
    gateway, headers = Gateway(Shared(is_away=True)), sealed()
    await gateway.check(headers)

    with pytest.raises(NonceReused):
        await gateway.check(headers)

    gateway.shared.is_away = False
    with pytest.raises(NonceReused):
        await gateway.check(headers)


async def test_a_wrong_signature_uses_no_nonce_up() -> None:
    gateway, headers = Gateway(), sealed()
    with pytest.raises(SignatureWrong):
        await gateway.check({**headers, b"x-signature": b"v1=" + b"0" * 64})

    await gateway.check(headers)


async def test_two_keys_may_use_one_nonce() -> None:
    gateway = Gateway()
    await gateway.check(sealed())
    other = Identity(credential=Credential.CREDENTIAL_API_KEY, credential_id="k2")

    await gateway.signatures.check(MUST, other, LINE, sealed(), BODY)
