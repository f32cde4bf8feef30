"""Refusals of OAuth clients and consents."""

from libs.errors import Conflict, Forbidden, NotFound, Precondition


class OauthClientNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such OAuth client.")


class AuthorizedAppNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("You have allowed no such app.")


class OauthClientChanged(Precondition):
    def __init__(self) -> None:
        super().__init__("The OAuth client has been changed since.")


class OauthClientAdminOnly(Forbidden):
    def __init__(self) -> None:
        super().__init__("Only an ADMIN of the organization registers apps.")


class OauthClientHasNoSecret(Conflict):
    def __init__(self) -> None:
        super().__init__("A public client has no secret.")


class TooManyOauthClients(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(f"An organization may register at most {most} apps.", limit=most)
