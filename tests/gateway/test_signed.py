"""Signed requests through the whole gateway: what is signed is what was sent, byte for byte."""

import hashlib
import hmac
import time
import uuid
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.options.v1.options_pb2 import Access

from gateway.app import Public, application
from gateway.identity import Signatures
from gateway.identity.terms import Terms
from gateway.limits.rates import Rate
from libs.errors import Refusal
from libs.rpc import Signer
from libs.rpc.access import check
from tests.gateway.fleet import Fleet, fleet, key_files

SECRET = b"ss_secret"
RATES = (Rate(5, 1),)


@dataclass
class Admitted:
    """Who calls, on which terms."""

    identity: Identity
    signed: bytes
    terms: Terms | None


@dataclass
class Holder:
    """Lets everybody in as one API key."""

    signer: Signer
    terms: Terms | None = field(default_factory=lambda: Terms((), (), frozenset(), RATES, SECRET, True))

    async def admit(
        self, peer: str, headers: Iterable[tuple[bytes, bytes]], access: Access, *, verifies: bool = False
    ) -> Admitted:
        identity = Identity(
            user_id=7, scopes=["*"], credential=Credential.CREDENTIAL_API_KEY, credential_id="k1", address=peer
        )
        check(access, identity)
        return Admitted(identity, self.signer.sign(identity), self.terms)


@dataclass
class Memory:
    """Nonces in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    async def claim(self, name: str, value: bytes, seconds: int) -> bytes | None:
        found = self.kept.get(name)
        self.kept.setdefault(name, value)
        return found


@dataclass
class Scene:
    fleet: Fleet
    http: httpx.AsyncClient
    holder: Holder
    noted: list[Refusal]

    async def send(self, verb: str, path: str, body: bytes = b"", *, signed: bytes | None = None) -> httpx.Response:
        """Sign `signed`, or else the body, as a client would by the contract's words, and send the body."""
        stamp, nonce = str(int(time.time())), uuid.uuid4().hex
        digest = hashlib.sha256(body if signed is None else signed).hexdigest()
        text = f"{verb}\n{path}\n{stamp}\n{nonce}\n{digest}".encode()
        headers = {
            "x-timestamp": stamp,
            "x-nonce": nonce,
            "x-signature": "v1=" + hmac.new(SECRET, text, "sha256").hexdigest(),
            **({"content-type": "application/json"} if body else {}),
        }
        return await self.http.request(verb, path, content=body or None, headers=headers)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    noted: list[Refusal] = []
    async with fleet(tmp_path) as running:
        holder = Holder(Signer(key_files(tmp_path)[0]))
        signatures = Signatures(Memory(), lambda identity, refusal: noted.append(refusal))
        # The services trust the fleet's first key, which is on the disk no more.
        holder.signer = running.parts.authenticator._signer  # type: ignore[attr-defined]  # of the stand-in
        parts = replace(running.parts, authenticator=holder, signatures=signatures)
        transport = httpx.ASGITransport(application(parts, Public("http://orrery.test")), client=("192.0.2.1", 5))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            yield Scene(running, http, holder, noted)


def code(answer: httpx.Response) -> Any:
    return answer.json().get("error", {}).get("message")


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("GET", "/api/media/videos/5", b""),
        ("GET", "/api/media/videos?limit=2&userId=7", b""),
        ("PATCH", "/api/media/videos/5", b'{ "title" : "\xe6\x97\xa5" }'),
        ("POST", "/api/media/videos/5/publish", b""),
        ("DELETE", "/api/media/videos/5", b""),
    ],
)
async def test_a_request_signed_as_the_contract_says_reaches_its_service(
    scene: Scene, verb: str, path: str, body: bytes
) -> None:
    answer = await scene.send(verb, path, body)

    assert answer.status_code < 500
    assert "X-" not in str(code(answer))
    assert scene.noted == []


async def test_a_body_that_was_changed_on_the_way_reaches_nobody(scene: Scene) -> None:
    answer = await scene.send("PATCH", "/api/media/videos/5", b'{"title":"Eve"}', signed=b'{"title":"Ada"}')

    assert answer.status_code == 401
    assert code(answer) == "The signature does not fit the request."
    assert scene.fleet.seen.requests == []
    assert [one.reason for one in scene.noted] == ["SIGNATURE_WRONG"]


@pytest.mark.parametrize("verb", ["GET", "PATCH"])
async def test_without_a_signature_nothing_is_served(scene: Scene, verb: str) -> None:
    answer = await scene.http.request(verb, "/api/media/videos/5", json={"title": "x"} if verb == "PATCH" else None)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")
    assert code(answer).startswith("Sign the request")
    assert scene.fleet.seen.requests == []


async def test_a_gateway_that_checks_no_signatures_takes_none(scene: Scene) -> None:
    parts = replace(scene.fleet.parts, authenticator=scene.holder)
    transport = httpx.ASGITransport(application(parts, Public("http://orrery.test")))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        answer = await http.get("/api/media/videos/5")

    assert answer.status_code == 503
    assert scene.fleet.seen.requests == []


async def test_the_keys_rates_reach_the_limiter(scene: Scene) -> None:
    await scene.send("GET", "/api/media/videos/5")

    assert scene.fleet.limiter.rates == [RATES]
