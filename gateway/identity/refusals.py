"""Why a credential is turned away. The sentences say what to do, never what an attacker would like to know."""

import math

from libs.errors import Exhausted, Forbidden, Unauthenticated, Unavailable


class TokenExpired(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The access token has expired; renew it with the refresh token.")


class TokenRevoked(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("This session has ended; sign in again.")


class TokenRefused(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The access token is not one that this server issued.")


class CredentialUnknown(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("This credential is not valid: it is unknown, has expired, was revoked, or may not act now.")


class CredentialMistyped(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("This API token or key has a typing error: its last six characters do not fit the others.")


class TooManyGuesses(Exhausted):
    def __init__(self, wait: float) -> None:
        super().__init__(
            "Too many unknown tokens or keys came from this address; try again in a moment.",
            retry_after_seconds=max(1, math.ceil(wait)),
        )


class CredentialsAway(Unavailable):
    def __init__(self) -> None:
        super().__init__("API tokens and keys cannot be checked for a moment; try again.")


class AddressRefused(Forbidden):
    def __init__(self) -> None:
        super().__init__("This credential may not be used from this address.")


class HttpsRequired(Forbidden):
    def __init__(self) -> None:
        super().__init__("The organization asks for HTTPS.")


class OriginRefused(Forbidden):
    def __init__(self) -> None:
        super().__init__("This credential may be used from its allowed origins alone; check the Origin header.")


class SignatureMissing(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("Sign the request: send X-Timestamp, X-Nonce and X-Signature.")


class SignatureMalformed(Unauthenticated):
    def __init__(self, header: str) -> None:
        super().__init__(f"The header {header} does not have its form.", header=header)


class SignatureUnexpected(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("This key has no signing secret; switch requireSignature on, or send no signature.")


class TimestampOutside(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("X-Timestamp is more than 300 seconds away from the server's clock.")


class SignatureWrong(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The signature does not fit the request.")


class NonceReused(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("This X-Nonce was used before; take a new one for each request.")


class CredentialMalformed(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("Send one credential: `Authorization: Bearer` and the token.")


class KeysAway(Unavailable):
    def __init__(self) -> None:
        super().__init__("Access tokens cannot be checked for a moment; try again.")
