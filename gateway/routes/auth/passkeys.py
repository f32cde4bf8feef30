"""Passkeys (WebAuthn)."""

from orrery.auth.v1 import passkeys_pb2

from gateway.bridge.names import CAMEL
from gateway.families import ENVELOPE
from gateway.router import RpcRouter

PASSKEYS = passkeys_pb2.DESCRIPTOR.services_by_name["PasskeysService"]
LARGEST = 96 * 1024  # bytes of a body: a document of 64 KiB and what stands around it

passkeys = RpcRouter(PASSKEYS, prefix="/api/auth/webauthn", family=ENVELOPE, names=CAMEL, backend="auth")
passkeys.rpc("POST", "/register/options", "BeginPasskeyRegistration", id="passkeys_begin_registration")
passkeys.rpc("POST", "/register/verify", "RegisterPasskey", id="passkeys_register", limit=LARGEST)
passkeys.rpc("POST", "/login/options", "BeginPasskeyLogin", id="passkeys_begin_login", rate="auth")
passkeys.rpc("POST", "/login/verify", "LoginByPasskey", id="passkeys_login", rate="auth", limit=LARGEST)
passkeys.rpc("GET", "/credentials", "ListPasskeys", id="passkeys_list")
passkeys.rpc("PATCH", "/credentials/{credential_id}", "RenamePasskey", id="passkeys_rename")
passkeys.rpc("DELETE", "/credentials/{credential_id}", "RemovePasskey", id="passkeys_remove")

ROUTERS = (passkeys,)
