"""Refusals of sessions. They tell nobody whether an account exists, is suspended, or had another password;
and only whoever sent the right one that a code is asked for."""

from libs.errors import Forbidden, NotFound, Unauthenticated


class InvalidCredentials(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The username, the e-mail address or the password is wrong.")


class OtpRequired(Unauthenticated):
    """The password was right."""

    def __init__(self) -> None:
        super().__init__("This account asks for a code: send otpCode, or a backupCode.")


class OtpInvalid(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The code is wrong, or it was used before; wait for the app's next one.")


class PasswordChangeRequired(Forbidden):
    """The password was right, and for one use."""

    def __init__(self) -> None:
        super().__init__("Choose a password of your own first: this one was for one use.")


class AddressNotAllowed(Forbidden):
    def __init__(self) -> None:
        super().__init__("The organization lets nobody in from this address.")


class HttpsRequired(Forbidden):
    def __init__(self) -> None:
        super().__init__("The organization asks for HTTPS.")


class OrganizationUnknown(NotFound):
    """It is not there, may not act, or is another's."""

    def __init__(self) -> None:
        super().__init__("You belong to no such organization.")


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
