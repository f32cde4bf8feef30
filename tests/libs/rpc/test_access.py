"""Who may call what, and who is believed."""

from pathlib import Path
from time import time
from typing import Any

import grpc
import pytest
from orrery.identity.v1.identity_pb2 import Credential, Identity

from libs.errors import Forbidden, Invalid, Unauthenticated
from libs.rpc import Client, Server, Signer, caller, request_id
from libs.rpc.identity import METADATA
from libs.rpc.wire import decode
from libs.settings import RpcSettings, TlsSettings
from tests.libs.generated import probe, probe_rpc
from tests.libs.keys import key_files
from tests.libs.rpc.conftest import Fleet, user
from tests.libs.rpc.servicer import Probe

SESSION, TOKEN, KEY, SERVICE = (
    getattr(Credential, f"CREDENTIAL_{name}") for name in ("SESSION", "API_TOKEN", "API_KEY", "SERVICE")
)
CALLERS = {
    "anonymous": Identity(),
    "session": user(),
    "scoped token": user(credential=TOKEN, scopes=["probe:read"]),
    "key of another scope": user(credential=KEY, scopes=["probe:write", "probe", "probe:reads"]),
    "key without scopes": user(credential=KEY, scopes=[]),
    "all-scopes token": user(credential=TOKEN),
    "service": user(user_id=0, credential=SERVICE, scopes=[]),
}
ALLOWED = {
    "Anyone": set(CALLERS),
    "User": {"session", "scoped token", "all-scopes token"},
    "Session": {"session"},
    "Fleet": {"service"},
    "Many": {"session", "scoped token", "all-scopes token"},
}


@pytest.mark.parametrize("method", ALLOWED)
@pytest.mark.parametrize("name", CALLERS)
async def test_each_caller_is_let_in_where_the_rule_says(method: str, name: str, fleet: Fleet) -> None:
    identity = fleet.signer.sign(CALLERS[name])

    if name in ALLOWED[method]:
        assert await ask(fleet, method, identity) == "hello"
    else:
        with pytest.raises((Forbidden, Unauthenticated)) as refused:
            await ask(fleet, method, identity)
        assert isinstance(refused.value, Unauthenticated) is (not CALLERS[name].user_id and method != "Fleet")


async def test_a_missing_scope_is_named(fleet: Fleet) -> None:
    with pytest.raises(Forbidden, match="lacks the scope probe:read") as refused:
        await fleet.call("User", identity=fleet.signer.sign(CALLERS["key without scopes"]))

    assert (refused.value.reason, refused.value.details) == ("SCOPE_MISSING", {"scope": "probe:read"})


@pytest.mark.parametrize("method", ["Anyone", "User", "Many"])
@pytest.mark.parametrize("fault", ["none", "empty", "short", "forged", "changed", "unsigned", "other key", "expired"])
async def test_an_identity_that_cannot_be_believed_is_refused(
    method: str, fault: str, fleet: Fleet, tmp_path: Path
) -> None:
    good = fleet.signer.sign(user())
    stranger = Signer(key_files(tmp_path / "stranger")[0])
    wrong = {
        "empty": b"",
        "short": good[:63],
        "forged": bytes(64) + good[64:],
        "changed": good[:-1] + bytes([good[-1] ^ 1]),
        "unsigned": good[64:],
        "other key": stranger.sign(user()),
        "expired": expired(fleet.signer),
    }

    with pytest.raises(Unauthenticated, match="no identity that this service believes"):
        await (raw(fleet, metadata=()) if fault == "none" else ask(fleet, method, wrong[fault]))


async def test_an_identity_seen_before_is_refused_once_it_is_old(fleet: Fleet) -> None:
    old = expired(fleet.signer)

    for _ in range(3):
        with pytest.raises(Unauthenticated):
            await fleet.call("Anyone", identity=old)


async def test_an_identity_is_for_one_minute(fleet: Fleet) -> None:
    signed = user()
    fleet.signer.sign(signed)

    assert 0 <= signed.expires_at - time() <= 60


async def test_during_a_rotation_both_keys_are_believed(tmp_path: Path) -> None:
    pairs = [key_files(tmp_path / name) for name in ("old", "new")]
    keys = " , ".join(str(public) for _, public in pairs)
    server = Server(RpcSettings(listen="127.0.0.1:0", identity_keys=keys), servicer := Probe())
    await server.start()
    client = Client("probe", f"127.0.0.1:{server.port}", TlsSettings())

    for private, public in pairs:
        assert await Fleet(server, client, Signer(private), servicer, public).call("User", "hello") == "hello"

    await client.close()
    await server.stop(0)


def test_a_key_of_another_kind_is_refused_at_start(tmp_path: Path) -> None:
    private, public = key_files(tmp_path)

    with pytest.raises(ValueError, match=r"public\.pem holds no Ed25519 private key"):
        Signer(public)
    with pytest.raises(ValueError, match=r"private\.pem holds no Ed25519 public key"):
        Server(RpcSettings(listen="127.0.0.1:0", identity_keys=str(private)), Probe())
    with pytest.raises(FileNotFoundError):
        Server(RpcSettings(listen="127.0.0.1:0", identity_keys=f"{public}, {tmp_path}/none.pem"), Probe())


async def test_a_call_without_a_deadline_is_refused(fleet: Fleet) -> None:
    with pytest.raises(Invalid, match="Every call carries a deadline"):
        await raw(fleet, metadata=((METADATA, fleet.signer.sign(user())),), seconds=None)


@pytest.mark.parametrize("name", ["OpenService", "ScopelessService"])
def test_an_rpc_that_does_not_say_who_may_call_stops_the_start(name: str, tmp_path: Path) -> None:
    servicer = type("Forgetful", (getattr(probe_rpc, f"{name}Servicer"),), {})()
    _, public = key_files(tmp_path)

    with pytest.raises(TypeError, match=r"does not say who may call it|names no scope"):
        Server(RpcSettings(listen="127.0.0.1:0", identity_keys=str(public)), servicer)


async def test_a_servicer_that_is_none_stops_the_start(fleet: Fleet) -> None:
    with pytest.raises(TypeError, match="implements no generated servicer"):
        Server(RpcSettings(listen="127.0.0.1:0", identity_keys=str(fleet.public)), object())


async def test_a_call_knows_its_caller_and_request_and_nothing_of_others(fleet: Fleet) -> None:
    for number in range(5):
        identity = fleet.signer.sign(user(user_id=number + 1, organization_id=f"o{number}"))
        assert await fleet.call("User", "who", identity) == f"{number + 1} o{number} req-5"

    with pytest.raises(LookupError):
        caller()
    assert request_id() == ""


async def ask(fleet: Fleet, method: str, identity: bytes) -> str:
    if method == "Many":
        [text] = [text async for text in fleet.many("hello", identity=identity)]
        return text
    return await fleet.call(method, "hello", identity)


async def raw(fleet: Fleet, metadata: Any, seconds: float | None = 30.0) -> None:
    """A call by grpc's own client."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{fleet.server.port}") as channel:
        try:
            await probe_rpc.ProbeServiceStub(channel).Anyone(probe.Ask(), timeout=seconds, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            raise decode(error) from None


def expired(signer: Signer) -> bytes:
    """A value that the gateway signed a while ago."""
    old = user(expires_at=1)
    payload = old.SerializeToString(deterministic=True)
    return signer._keys.latest()[0].sign(payload) + payload
