"""Mutual TLS: both sides show a certificate of the fleet's authority, and the server's must name the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest

from libs.errors import Unavailable
from libs.rpc import Client, Server, Signer
from libs.settings import RpcSettings, TlsSettings
from tests.libs.generated import probe, probe_rpc
from tests.libs.keys import Authority, key_files
from tests.libs.rpc.conftest import Fleet
from tests.libs.rpc.servicer import Probe


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path / "authority")


def tls(authority: Authority, name: str, trusts: Authority | None = None) -> TlsSettings:
    certificate, key = authority.issue(name)
    return TlsSettings(certificate=certificate, key=key, authority=(trusts or authority).file)


@asynccontextmanager
async def serving(folder: Path, shown: TlsSettings) -> AsyncIterator[Fleet]:
    """The probe over TLS, with a client that is yet to be replaced."""
    private, public = key_files(folder / "gateway")
    settings = RpcSettings(listen="127.0.0.1:0", identity_keys=str(public), **shown.model_dump())
    server = Server(settings, servicer := Probe())
    await server.start()
    client = Client("probe", f"127.0.0.1:{server.port}", TlsSettings())
    yield Fleet(server, client, Signer(private), servicer, public)
    await client.close()
    await server.stop(0)


@asynccontextmanager
async def calling(fleet: Fleet, shown: TlsSettings, name: str = "probe") -> AsyncIterator[Fleet]:
    client = Client(name, f"127.0.0.1:{fleet.server.port}", shown)
    yield Fleet(fleet.server, client, fleet.signer, fleet.servicer, fleet.public)
    await client.close()


async def test_two_of_the_fleet_speak(authority: Authority, tmp_path: Path) -> None:
    async with serving(tmp_path, tls(authority, "probe")) as fleet, calling(fleet, tls(authority, "gateway")) as ours:
        assert await ours.call("User", "hello") == "hello"
        assert [text async for text in ours.many("x", 1)] == ["0", "x"]
        await fleet.server.set_ready(True)
        assert await ours.client.is_ready()


async def test_a_plain_client_is_refused(authority: Authority, tmp_path: Path) -> None:
    async with serving(tmp_path, tls(authority, "probe")) as fleet:
        with pytest.raises(Unavailable):
            await fleet.call("Anyone", "hello", seconds=5.0)


async def test_a_client_without_a_certificate_is_refused(authority: Authority, tmp_path: Path) -> None:
    async with serving(tmp_path, tls(authority, "probe")) as fleet:
        credentials = grpc.ssl_channel_credentials(authority.file.read_bytes())
        options = (("grpc.ssl_target_name_override", "probe"),)
        async with grpc.aio.secure_channel(f"127.0.0.1:{fleet.server.port}", credentials, options) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await probe_rpc.ProbeServiceStub(channel).Anyone(probe.Ask(), timeout=5.0)

    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_client_of_another_authority_is_refused(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority.make(tmp_path / "stranger")

    async with (
        serving(tmp_path, tls(authority, "probe")) as fleet,
        calling(fleet, tls(stranger, "gateway", trusts=authority)) as ours,
    ):
        with pytest.raises(Unavailable):
            await ours.call("Anyone", "hello", seconds=5.0)


async def test_a_server_of_another_authority_is_not_believed(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority.make(tmp_path / "stranger")

    async with (
        serving(tmp_path, tls(stranger, "probe", trusts=authority)) as fleet,
        calling(fleet, tls(authority, "gateway")) as ours,
    ):
        with pytest.raises(Unavailable):
            await ours.call("Anyone", "hello", seconds=5.0)


async def test_a_service_under_another_name_is_not_believed(authority: Authority, tmp_path: Path) -> None:
    async with (
        serving(tmp_path, tls(authority, "media")) as fleet,
        calling(fleet, tls(authority, "gateway"), name="auth") as ours,
    ):
        with pytest.raises(Unavailable):
            await ours.call("Anyone", "hello", seconds=5.0)


async def test_a_certificate_renewed_on_disk_is_taken_up_without_a_restart(
    authority: Authority, tmp_path: Path
) -> None:
    shown = tls(authority, "probe")
    renewed = Authority.make(tmp_path / "renewed")
    async with serving(tmp_path, shown) as fleet, calling(fleet, tls(authority, "gateway")) as ours:
        assert await ours.call("User", "hello") == "hello"
        new = tls(renewed, "probe")
        for old, fresh in (
            (shown.certificate, new.certificate),
            (shown.key, new.key),
            (shown.authority, new.authority),
        ):
            assert old is not None
            assert fresh is not None
            old.write_bytes(fresh.read_bytes())

        async with calling(fleet, tls(renewed, "gateway")) as theirs:
            assert await theirs.call("User", "hello") == "hello"
