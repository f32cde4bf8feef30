"""The master key in OpenBao or Vault: a real one, in development mode."""

import base64
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from services.auth.sealing import MasterKeyUnusable, Ring, SealBroken
from services.auth.sealing.masters import MasterAway
from services.auth.sealing.remaster import remaster
from services.auth.sealing.settings import VaultSettings
from services.auth.sealing.vault_masters import KvMaster, TransitMaster
from tests.services.auth.house import MASTER, House
from tools.stack import parts
from tools.stack.parts.vault import ADVICE, program

pytestmark = pytest.mark.skipif(program() is None, reason=f"no vault on this machine: {ADVICE}")
DAY = timedelta(days=1)
KEY, PURPOSE = bytes(range(100, 132)), "data_key.sealed_key:1"
POLICY = """
path "transit/encrypt/orrery" {capabilities = ["update"]}
path "transit/decrypt/orrery" {capabilities = ["update"]}
"""


@pytest.fixture(scope="module")
def vault() -> Iterator[parts.Vault]:
    with parts.Vault.ephemeral() as server:
        ask(server, "POST", "sys/mounts/transit", {"type": "transit"})
        ask(server, "POST", "transit/keys/orrery", {})
        yield server


def ask(vault: parts.Vault, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = httpx.request(
        method, f"{vault.address}/v1/{path}", json=body, headers={"X-Vault-Token": vault.root_token}, timeout=10
    )
    assert answer.is_success, answer.text
    return dict(answer.json()) if answer.content else {}


def told(vault: parts.Vault, **more: Any) -> VaultSettings:
    way_in = {} if {"token_file", "role"} & set(more) else {"token": SecretStr(vault.root_token)}
    return VaultSettings(**{"address": vault.address, **way_in, **more})


async def test_a_transit_key_wraps_for_one_purpose_and_shows_nothing(vault: parts.Vault) -> None:
    master = TransitMaster(told(vault))

    wrapped = await master.wrap(KEY, PURPOSE)

    assert wrapped.startswith(b"vault:v1:")
    assert base64.b64encode(KEY) not in wrapped
    assert await master.unwrap(wrapped, PURPOSE) == KEY
    assert await master.id() == "vault:transit/orrery"
    with pytest.raises(MasterKeyUnusable, match="answered 400"):
        await master.unwrap(wrapped, "data_key.sealed_key:2")


async def test_a_ring_moves_from_a_file_into_the_vault_and_through_the_vaults_own_rotation(
    auth: House, vault: parts.Vault
) -> None:
    sealed = auth.sealer.seal(b"secret", PURPOSE)
    transit = TransitMaster(told(vault))
    await remaster(auth.database, [transit, *auth.sealer._masters])
    ask(vault, "POST", "transit/keys/orrery/rotate", {})

    await remaster(auth.database, [transit])

    ring = Ring(auth.database, [transit])
    await ring.refresh()
    assert ring.unseal(sealed, PURPOSE) == b"secret"
    rows = await auth.sql("SELECT sealed_key FROM data_key")
    assert all(bytes(row.sealed_key).startswith(b"vault:v") for row in rows)
    assert not any(bytes(row.sealed_key).startswith(b"vault:v1:") for row in rows)


async def test_a_secret_of_the_kv_engine_is_a_master_key(vault: parts.Vault) -> None:
    ask(vault, "POST", "secret/data/orrery/keys", {"data": {"master": base64.b64encode(MASTER).decode()}})
    master = KvMaster(told(vault, engine="kv2", mount="secret", name="orrery/keys"))

    wrapped = await master.wrap(KEY, PURPOSE)

    assert await master.unwrap(wrapped, PURPOSE) == KEY
    with pytest.raises(SealBroken):
        await master.unwrap(wrapped, "another")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"other": "x"}, "has no field master"),
        ({"master": 7}, "has no field master"),
        ({"master": "no base64"}, "cannot be read as base64"),
        ({"master": "c2hvcnQ="}, "must hold 32 bytes"),
    ],
)
async def test_a_kv_secret_that_is_no_key_is_refused_without_showing_it(
    vault: parts.Vault, fields: dict[str, Any], says: str
) -> None:
    ask(vault, "POST", "secret/data/orrery/wrong", {"data": fields})

    with pytest.raises(MasterKeyUnusable, match=says) as refused:
        await KvMaster(told(vault, engine="kv2", mount="secret", name="orrery/wrong")).wrap(KEY, PURPOSE)

    assert not any(str(value) in str(refused.value) for value in fields.values())


async def test_a_kv_secret_that_is_not_there_is_named(vault: parts.Vault) -> None:
    with pytest.raises(MasterKeyUnusable, match="answered 404 to secret/data/nothing"):
        await KvMaster(told(vault, engine="kv2", mount="secret", name="nothing")).id()


async def test_a_token_that_may_not_is_refused_in_one_line_that_does_not_show_it(vault: parts.Vault) -> None:
    with pytest.raises(MasterKeyUnusable, match="answered 403") as refused:
        await TransitMaster(told(vault, token=SecretStr("a-wrong-token"))).wrap(KEY, PURPOSE)

    assert "a-wrong-token" not in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_token_file_is_read_at_each_call(vault: parts.Vault, tmp_path: Path) -> None:
    path = tmp_path / "token"
    master = TransitMaster(told(vault, token_file=path))
    with pytest.raises(MasterKeyUnusable, match="the way into"):
        await master.wrap(KEY, PURPOSE)

    path.write_text(f"{vault.root_token}\n")

    assert await master.unwrap(await master.wrap(KEY, PURPOSE), PURPOSE) == KEY


async def test_a_vault_that_is_away_is_told_from_one_that_refuses() -> None:
    nowhere = VaultSettings(address="http://127.0.0.1:1", token=SecretStr("t"))

    with pytest.raises(MasterAway, match="does not answer: ConnectError"):
        await TransitMaster(nowhere).wrap(KEY, PURPOSE)


async def test_a_vault_that_is_sealed_is_asked_again_later() -> None:
    with parts.Vault.ephemeral() as server:
        ask(server, "POST", "sys/seal", {})

        with pytest.raises(MasterAway, match=r"answered 503 .*sealed"):
            await TransitMaster(told(server)).wrap(KEY, PURPOSE)


class Kubernetes(BaseHTTPRequestHandler):
    """A Kubernetes API that reviews tokens: `good` is the service account auth in the namespace orrery."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_good = asked["spec"]["token"].endswith(".good")
        user = {"username": "system:serviceaccount:orrery:auth", "uid": "1", "groups": ["system:serviceaccounts"]}
        status = {"authenticated": True, "user": user} if is_good else {"authenticated": False, "error": "no"}
        body = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@pytest.fixture(scope="module")
def kubernetes(vault: parts.Vault) -> Iterator[None]:
    """The vault lets the service account in."""
    server = HTTPServer(("127.0.0.1", 0), Kubernetes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told = {"kubernetes_host": f"http://127.0.0.1:{server.server_port}", "kubernetes_ca_cert": certificate()}
    ask(vault, "POST", "sys/auth/kubernetes", {"type": "kubernetes"})
    ask(vault, "POST", "auth/kubernetes/config", {**told, "disable_local_ca_jwt": True})
    ask(vault, "PUT", "sys/policies/acl/orrery", {"policy": POLICY})
    bound = {"bound_service_account_names": "auth", "bound_service_account_namespaces": "orrery"}
    ask(vault, "POST", "auth/kubernetes/role/orrery", {**bound, "token_policies": "orrery", "token_ttl": "120s"})
    yield
    server.shutdown()
    server.server_close()


def certificate() -> str:
    """A CA's, which the vault wants to be told of although this Kubernetes speaks plain HTTP."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ca")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + DAY)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def service_account(signature: str) -> str:
    """A JWT as Kubernetes projects it into a pod."""
    claims = {
        "iss": "kubernetes/serviceaccount",
        "kubernetes.io/serviceaccount/namespace": "orrery",
        "kubernetes.io/serviceaccount/service-account.name": "auth",
        "kubernetes.io/serviceaccount/service-account.uid": "1",
    }
    texts = [json.dumps(one).encode() for one in ({"alg": "RS256"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in texts), signature])


async def test_a_pod_logs_in_by_its_service_account(vault: parts.Vault, kubernetes: None, tmp_path: Path) -> None:
    jwt = tmp_path / "token"
    jwt.write_text(service_account("good"))
    master = TransitMaster(told(vault, role="orrery", jwt=jwt))

    wrapped = await master.wrap(KEY, PURPOSE)
    jwt.unlink()  # the login is kept

    assert await master.unwrap(wrapped, PURPOSE) == KEY


@pytest.mark.parametrize(("role", "signature"), [("orrery", "forged"), ("another", "good")])
async def test_a_pod_that_is_not_the_roles_is_refused(
    vault: parts.Vault, kubernetes: None, tmp_path: Path, role: str, signature: str
) -> None:
    jwt = tmp_path / "token"
    jwt.write_text(service_account(signature))

    with pytest.raises(MasterKeyUnusable, match="auth/kubernetes/login") as refused:
        await TransitMaster(told(vault, role=role, jwt=jwt)).wrap(KEY, PURPOSE)

    assert service_account(signature) not in str(refused.value)
