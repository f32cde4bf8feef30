"""Refusals of deletions and exports."""

from libs.errors import Conflict, Forbidden, NotFound, Unauthenticated


class RecentSignInRequired(Forbidden):
    """A stolen access token must not be enough to end an account."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"Sign in again first; this needs a sign-in of the last {minutes} minutes.", minutes=minutes)


class OwnsOrganizations(Conflict):
    def __init__(self, names: list[str]) -> None:
        super().__init__(
            "You own organizations that others belong to; transfer or delete them first.",
            organizations=", ".join(names),
        )


class RestoreRefused(Unauthenticated):
    """Unknown, used, or too late."""

    def __init__(self) -> None:
        super().__init__("This link is not valid any more.")


class ExportNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such export.")
