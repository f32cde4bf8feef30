"""Refusals of second factors, PINs and payments. At sign-in a code has its own: services/auth/sessions/errors.py."""

from libs.errors import Conflict, Exhausted, Invalid


class OtpInvalid(Invalid):
    """A wrong code, one that was taken before, or a backup code that is none."""

    def __init__(self) -> None:
        super().__init__("The code is wrong, or it was used before; wait for the app's next one.")


class OtpLocked(Exhausted):
    def __init__(self, seconds: int) -> None:
        super().__init__(
            "Too many wrong codes; wait until codes are taken again, or use a backup code.", retry_after_seconds=seconds
        )


class SecondFactorMissing(Conflict):
    def __init__(self) -> None:
        super().__init__("Two-factor authentication is not enabled for this account.")


class SecondFactorEnabled(Conflict):
    def __init__(self) -> None:
        super().__init__("Two-factor authentication is enabled already; disable it first to set it up anew.")


class SetupMissing(Conflict):
    def __init__(self) -> None:
        super().__init__("Set up two-factor authentication first: there is no secret that could be enabled.")


class PinInvalid(Invalid):
    def __init__(self) -> None:
        super().__init__("The present PIN is wrong.")


class PinLocked(Exhausted):
    def __init__(self, seconds: int) -> None:
        super().__init__("The PIN is locked after too many wrong ones.", retry_after_seconds=seconds)


class PinMissing(Conflict):
    def __init__(self) -> None:
        super().__init__("This account has no PIN; set one first.")


class PinChanged(Conflict):
    def __init__(self) -> None:
        super().__init__("The PIN was set by another request meanwhile.")


class ProofMissing(Invalid):
    def __init__(self) -> None:
        super().__init__("A new PIN needs the present one, a code, a backup code or the password.")


class PasswordWrong(Invalid):
    def __init__(self) -> None:
        super().__init__("The password is wrong.")
