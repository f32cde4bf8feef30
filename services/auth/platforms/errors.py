"""Refusals of platform links. None carries what a platform said: that may hold secrets."""

from libs.errors import Conflict, Invalid, NotFound, Unavailable, Violation

BUSY_SECONDS = 60


class PlatformNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such platform.")


class PlatformInactive(Conflict):
    def __init__(self) -> None:
        super().__init__("Accounts at this platform cannot be linked yet.")


class PlatformNotConfigured(Unavailable):
    """The deployment has no credentials for it."""

    def __init__(self) -> None:
        super().__init__("This deployment is not registered at the platform.")


class RedirectRefused(Invalid):
    def __init__(self) -> None:
        wrong = Violation("redirect_uri", "This page is not on the deployment's list.", "not_allowed")
        super().__init__("The request breaks the rules of its fields.", (wrong,))


class StateRefused(Invalid):
    """Unknown, used, expired, of another platform, or somebody else's."""

    def __init__(self) -> None:
        super().__init__("This state is not good any more; ask for a new authorization URL.")


class CodeRefused(Invalid):
    def __init__(self) -> None:
        super().__init__("The platform did not accept the code; start again.")


class PlatformTokenRefused(Invalid):
    def __init__(self) -> None:
        super().__init__("The platform did not accept the refresh token; link the account again.")


class LinkExpired(Conflict):
    """The key is not active from now on."""

    def __init__(self) -> None:
        super().__init__("The platform takes this key no more; link the account again.")


class NothingToRefresh(Conflict):
    def __init__(self) -> None:
        super().__init__("This key has no refresh token.")


class PermissionMissing(Conflict):
    def __init__(self) -> None:
        super().__init__("Less was allowed at the platform than a link needs; start again and allow all of it.")


class ChannelMissing(Conflict):
    def __init__(self) -> None:
        super().__init__("This account has no channel at the platform.")


class PlatformAway(Unavailable):
    """No answer, a late one, or none that makes sense."""

    def __init__(self) -> None:
        super().__init__("The platform does not answer as it should; try again later.")


class PlatformBusy(Unavailable):
    def __init__(self, seconds: int = BUSY_SECONDS) -> None:
        super().__init__("The platform takes no more calls for a while.", retry_after_seconds=seconds)


class PlatformRefusesUs(Unavailable):
    """The deployment's own credentials or pages are not those that the platform knows."""

    def __init__(self) -> None:
        super().__init__("The platform does not accept this deployment's registration.")


class PlatformKeyNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such key.")


class TooManyPlatformKeys(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(f"An account has at most {most} keys; delete one first.", limit=most)
