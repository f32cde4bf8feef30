"""Accounts: who people are."""

from orrery.auth.v1 import accounts_pb2, recovery_pb2

from gateway.bridge.names import CAMEL, SNAKE
from gateway.families import ENVELOPE, PLAIN
from gateway.router import RpcRouter

ACCOUNTS = accounts_pb2.DESCRIPTOR.services_by_name["AccountsService"]

accounts = RpcRouter(ACCOUNTS, prefix="/api/auth", family=ENVELOPE, names=CAMEL, backend="auth")
accounts.rpc("POST", "/register", "Register", id="auth_register", rate="auth", status=201)
accounts.rpc("GET", "/me", "GetMe", id="auth_get_me")
accounts.rpc("PUT", "/me", "UpdateMe", id="auth_update_me")

tenant_accounts = RpcRouter(ACCOUNTS, prefix="/api/v1/auth", family=PLAIN, names=SNAKE, backend="auth")
tenant_accounts.rpc("POST", "/register", "RegisterTenantUser", id="tenant_auth_register", rate="auth", status=201)
tenant_accounts.rpc("GET", "/me", "GetTenantUser", id="tenant_auth_get_me")

EMAILS = recovery_pb2.DESCRIPTOR.services_by_name["EmailsService"]
PASSWORDS = recovery_pb2.DESCRIPTOR.services_by_name["PasswordsService"]

emails = RpcRouter(EMAILS, prefix="/api/auth/email", family=ENVELOPE, names=CAMEL, backend="auth")
passwords = RpcRouter(PASSWORDS, prefix="/api/auth/password", family=ENVELOPE, names=CAMEL, backend="auth")
tenant_emails = RpcRouter(EMAILS, prefix="/api/v1/auth/email", family=PLAIN, names=SNAKE, backend="auth")
tenant_passwords = RpcRouter(PASSWORDS, prefix="/api/v1/auth/password", family=PLAIN, names=SNAKE, backend="auth")

for router, area in ((emails, "auth_email"), (tenant_emails, "tenant_auth_email")):
    router.rpc("POST", "/verify", "VerifyEmail", id=f"{area}_verify", rate="auth")
    router.rpc("POST", "/verification", "SendVerification", id=f"{area}_send_verification", rate="auth")
    router.rpc("POST", "/change", "ChangeEmail", id=f"{area}_change", rate="auth")

for router, area in ((passwords, "auth_password"), (tenant_passwords, "tenant_auth_password")):
    router.rpc("POST", "/change", "ChangePassword", id=f"{area}_change", rate="auth")
    router.rpc("POST", "/forgot", "ForgotPassword", id=f"{area}_forgot", rate="auth")
    router.rpc("POST", "/reset", "ResetPassword", id=f"{area}_reset", rate="auth")
    router.rpc("POST", "/replace", "ReplacePassword", id=f"{area}_replace", rate="auth")

ROUTERS = (accounts, tenant_accounts, emails, passwords, tenant_emails, tenant_passwords)
