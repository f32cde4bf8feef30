"""Certificates and authorities are renewed on disk while calls run: none fails, and nobody is restarted."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog
from prometheus_client import REGISTRY

from libs.errors import Unavailable
from libs.rpc import Client, Server, Signer
from libs.rpc.certificates import Certificates, WrongCertificate
from libs.rpc.channel import RENEWAL_SECONDS
from libs.settings import RpcSettings, TlsSettings
from tests.libs.keys import Authority, key_files
from tests.libs.rpc.conftest import Fleet
from tests.libs.rpc.load import under_load
from tests.libs.rpc.mounted import Mounted
from tests.libs.rpc.servicer import Probe
from tests.libs.waiting import eventually

AGE = 0.5  # of connections, so that many are made


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path / "authority")


@pytest.fixture
def server(tmp_path: Path, authority: Authority) -> Mounted:
    """What a server called probe has mounted."""
    return mounted(tmp_path / "server", "probe", authority)


@pytest.fixture
def gateway(tmp_path: Path, authority: Authority) -> Mounted:
    return mounted(tmp_path / "client", "gateway", authority)


def mounted(folder: Path, name: str, authority: Authority) -> Mounted:
    made = Mounted(folder, name)
    made.hold(authority)
    return made


@asynccontextmanager
async def serving(
    tmp_path: Path, server: TlsSettings, client: TlsSettings, name: str = "probe"
) -> AsyncIterator[Fleet]:
    private, public = key_files(tmp_path / "keys")
    told = RpcSettings(listen="127.0.0.1:0", identity_keys=str(public), connection_seconds=AGE, **server.model_dump())
    running = Server(told, servicer := Probe())
    await running.start()
    calling = Client(name, f"127.0.0.1:{running.port}", client)
    try:
        yield Fleet(running, calling, Signer(private), servicer, public)
    finally:
        await calling.close()
        await running.stop(0)


async def taken_up() -> None:
    """Return when clients have looked at their files again, and connections were made with what they found."""
    await asyncio.sleep(RENEWAL_SECONDS + 2 * AGE)


async def test_certificates_renewed_under_load_fail_no_call(
    tmp_path: Path, authority: Authority, server: Mounted, gateway: Mounted
) -> None:
    with structlog.testing.capture_logs() as logs:
        async with serving(tmp_path, server.tls, gateway.tls) as fleet, under_load(fleet.client, fleet.signer) as load:
            for _ in range(3):
                server.hold(authority)
                gateway.hold(authority)
                await taken_up()
                await load.more()

    renewed = [one["file"] for one in logs if one["event"] == "certificate_renewed"]
    assert sorted(renewed) == sorted([str(server.tls.certificate), str(gateway.tls.certificate)] * 3)


async def test_an_authority_replaced_in_steps_under_load_fails_no_call_and_the_old_one_is_believed_no_more(
    tmp_path: Path, authority: Authority, server: Mounted, gateway: Mounted
) -> None:
    successor = Authority.make(tmp_path / "successor")
    before = mounted(tmp_path / "before", "gateway", authority)
    before.hold(authority, authority, successor)
    async with serving(tmp_path, server.tls, gateway.tls) as fleet:
        async with under_load(fleet.client, fleet.signer) as load:
            both = (authority, successor)
            for issuer, trusted in ((authority, both), (successor, both), (successor, (successor,))):
                for one in (server, gateway):
                    one.hold(issuer, *trusted)
                    await taken_up()
                    await load.more()

        old = Client("probe", f"127.0.0.1:{fleet.server.port}", before.tls)
        with pytest.raises(Unavailable):
            await Fleet(fleet.server, old, fleet.signer, fleet.servicer, fleet.public).call("User", "x", seconds=5.0)
        await old.close()


async def test_a_call_that_runs_during_a_renewal_ends_on_its_connection(
    tmp_path: Path, authority: Authority, server: Mounted, gateway: Mounted
) -> None:
    async with serving(tmp_path, server.tls, gateway.tls) as fleet:
        calling = asyncio.create_task(fleet.call("User", "wait"))
        await fleet.servicer.entered.wait()
        gateway.hold(authority)
        await taken_up()
        assert await fleet.call("User", "beside") == "beside"

        fleet.servicer.release.set()

        assert await calling == "wait"


async def test_files_that_do_not_fit_each_other_are_passed_over_until_they_do(
    authority: Authority, gateway: Mounted
) -> None:
    certificates = Certificates(gateway.tls)
    before = certificates.latest()
    trusted, certificate, key = gateway.now()
    new_certificate, new_key = (file.read_bytes() for file in authority.issue("gateway"))

    with structlog.testing.capture_logs() as logs:
        unknown = (trusted, of_an_unknown_kind(certificate), key)
        for half in ((trusted, new_certificate, key), (trusted, certificate, new_key), (trusted, b"", b""), unknown):
            gateway.put(*half)
            assert certificates.latest() is before
            assert certificates.latest() is before
        gateway.put(trusted, new_certificate, new_key)
        assert certificates.latest().certificate == new_certificate

    told = [one for one in logs if one["event"] == "certificate_unfit"]
    assert [one["reason"].removeprefix(str(gateway.folder)) for one in told] == [
        f"/tls.key is not the key of {gateway.folder}/tls.crt.",
        "/tls.crt holds no certificate (PEM).",
        "/tls.crt holds a certificate whose kind of key is unknown.",
    ]


def of_an_unknown_kind(certificate: bytes) -> bytes:
    """The certificate, its key's kind (RSA) made one that does not exist."""
    rsa = bytes.fromhex("06092a864886f70d010101")
    encoded = ssl.PEM_cert_to_DER_cert(certificate.decode())
    return ssl.DER_cert_to_PEM_cert(encoded.replace(rsa, rsa[:-1] + b"\x63")).encode()


def written_wrongly(gateway: Mounted, stranger: Authority) -> Iterator[tuple[str, Callable[[], None], str]]:
    trusted, certificate, key = gateway.now()
    other_key = stranger.issue("gateway")[1].read_bytes()
    yield "no certificate", lambda: gateway.put(trusted, b"x", key), "tls.crt holds no certificate (PEM)."
    yield "no key", lambda: gateway.put(trusted, certificate, b"x"), "tls.key holds no private key (PEM, without"
    yield "no authority", lambda: gateway.put(b"", certificate, key), "ca.crt holds no certificate (PEM)."
    yield "another key", lambda: gateway.put(trusted, certificate, other_key), "tls.key is not the key of "
    yield "no file", (gateway.folder / "tls.key").unlink, "tls.key cannot be read: No such file"


def test_files_that_cannot_be_used_stop_the_start_with_one_line(tmp_path: Path, gateway: Mounted) -> None:
    stranger = Authority.make(tmp_path / "stranger")
    for name, write, line in written_wrongly(gateway, stranger):
        write()
        with pytest.raises(WrongCertificate) as stopped:
            Certificates(gateway.tls)
        assert line in str(stopped.value), name
        assert "\n" not in str(stopped.value)


def test_an_expired_certificate_stops_the_start_and_says_its_file_and_date(
    authority: Authority, gateway: Mounted
) -> None:
    gateway.hold(authority, days=-2)
    day = f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=2):%Y-%m-%d}"

    with pytest.raises(WrongCertificate, match=rf"^{gateway.folder}/tls\.crt expired on {day} \d\d:\d\d UTC\.$"):
        Certificates(gateway.tls)


async def test_a_certificate_that_expires_while_in_use_is_told_once_and_makes_the_process_unready(
    tmp_path: Path, authority: Authority, server: Mounted, gateway: Mounted
) -> None:
    server.hold(authority, days=8 / 86_400)
    gateway.hold(authority, days=8 / 86_400)
    with structlog.testing.capture_logs() as logs:
        async with serving(tmp_path, server.tls, gateway.tls) as fleet:
            await eventually(lambda: is_expired(fleet))
            assert not await fleet.server.has_valid_certificate()
            server.hold(authority)
            assert await fleet.server.has_valid_certificate()

    reasons = [one["reason"] for one in logs if one["event"] == "certificate_unfit"]
    assert len(reasons) == len({*reasons})
    assert any("UTC and was not renewed" in one for one in reasons)


async def is_expired(fleet: Fleet) -> bool:
    return not await fleet.client.has_valid_certificate()


def test_metrics_say_when_each_file_ends(authority: Authority, gateway: Mounted) -> None:
    gateway.hold(authority, days=10)
    made = Certificates(gateway.tls).latest()

    name = "orrery_certificate_expires_timestamp_seconds"
    found = {
        file: REGISTRY.get_sample_value(name, {"file": str(gateway.folder / file)}) for file in ("tls.crt", "ca.crt")
    }

    assert found == {"tls.crt": made.ends.timestamp(), "ca.crt": authority.certificate.not_valid_after_utc.timestamp()}


def test_files_that_come_back_as_they_were_are_fit_again_and_told_again_when_they_go(gateway: Mounted) -> None:
    certificates, key, away = Certificates(gateway.tls), gateway.folder / "tls.key", gateway.folder / "away"
    named = {"file": str(gateway.tls.certificate)}
    unfit = []

    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            for before, after in ((key, away), (away, key)):
                before.rename(after)
                certificates.latest()
                unfit.append(REGISTRY.get_sample_value("orrery_certificate_files_unfit", named))

    assert unfit == [1, 0, 1, 0]
    assert [one["event"] for one in logs] == ["certificate_unfit", "certificate_unfit"]


async def test_a_setting_writes_a_deployables_hyphens_as_underscores(
    tmp_path: Path, authority: Authority, gateway: Mounted
) -> None:
    shown = mounted(tmp_path / "ai", "ai-inference", authority)
    async with serving(tmp_path, shown.tls, gateway.tls, name="ai_inference") as fleet:
        assert await fleet.call("User", "hello") == "hello"
