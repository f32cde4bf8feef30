"""Refusals of invitations."""

from libs.errors import Conflict, Forbidden, NotFound


class InvitationNotFound(NotFound):
    """Unknown, used, withdrawn, expired, or of an organization that may not act."""

    def __init__(self) -> None:
        super().__init__("There is no such invitation, or it can be accepted no more.")


class InvitationForAnother(Forbidden):
    def __init__(self) -> None:
        super().__init__("This invitation is for another e-mail address; sign in with the account that has it.")


class AlreadyMember(Conflict):
    def __init__(self) -> None:
        super().__init__("This account belongs to the organization already.")


class InvitationOpen(Conflict):
    def __init__(self) -> None:
        super().__init__("This address has an open invitation; withdraw that first.", field="email")


class TooManyInvitations(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(
            f"An organization has at most {most} open invitations, and makes no more in a day.", limit=most
        )
