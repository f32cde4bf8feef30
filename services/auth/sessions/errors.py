"""Refusals of sessions. They tell nobody whether an account exists, is suspended, or had another password."""

from libs.errors import Unauthenticated


class InvalidCredentials(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The username, the e-mail address or the password is wrong.")


class RefreshRefused(Unauthenticated):
    """Unknown, used before, or of a session that has ended."""

    def __init__(self) -> None:
        super().__init__("The refresh token is not valid; sign in again.")


class TokenExpired(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The refresh token has expired; sign in again.")


class NothingToEnd(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("Send the refresh token of the session to end, or its access token.")
