"""TOTP, backup codes, PIN, payment authorisation."""

from orrery.auth.v1 import second_factors_pb2

from gateway.bridge.names import CAMEL
from gateway.families import ENVELOPE
from gateway.router import RpcRouter

SECOND_FACTORS = second_factors_pb2.DESCRIPTOR.services_by_name["SecondFactorsService"]
LOCKED = (423,)  # after too many wrong PINs

totp = RpcRouter(SECOND_FACTORS, prefix="/api/auth/2fa", family=ENVELOPE, names=CAMEL, backend="auth")
totp.rpc("GET", "", "GetSecondFactor", id="auth_2fa_get")
totp.rpc("GET", "/setup", "SetUpTotp", id="auth_2fa_set_up")
totp.rpc("POST", "/enable", "EnableTotp", id="auth_2fa_enable")
totp.rpc("POST", "/disable", "DisableTotp", id="auth_2fa_disable")
totp.rpc("POST", "/backup-codes", "ReplaceBackupCodes", id="auth_2fa_replace_backup_codes")

pins = RpcRouter(SECOND_FACTORS, prefix="/api/auth/pin", family=ENVELOPE, names=CAMEL, backend="auth")
pins.rpc("POST", "/set", "SetPin", id="auth_pin_set", also=LOCKED)
pins.rpc("POST", "/verify", "VerifyPin", id="auth_pin_verify", also=LOCKED)

payments = RpcRouter(SECOND_FACTORS, prefix="/api/auth/payment-auth", family=ENVELOPE, names=CAMEL, backend="auth")
payments.rpc("POST", "", "AuthorisePayment", id="auth_payment_authorise", also=LOCKED)

ROUTERS = (totp, pins, payments)
