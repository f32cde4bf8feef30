"""Why a credential is turned away. The sentences say what to do, never what an attacker would like to know."""

from libs.errors import Unauthenticated, Unavailable


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
        super().__init__("This is an unknown credential.")


class CredentialMalformed(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("Send one credential: `Authorization: Bearer` and the token.")


class KeysAway(Unavailable):
    def __init__(self) -> None:
        super().__init__("Access tokens cannot be checked for a moment; try again.")
