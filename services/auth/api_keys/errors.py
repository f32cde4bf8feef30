"""Refusals of API keys."""

from libs.errors import Conflict, Forbidden, NotFound, Precondition


class AdminRequired(Forbidden):
    def __init__(self) -> None:
        super().__init__("Only an ADMIN of the organization manages its API keys.")


class ApiKeyNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such API key.")


class ApiKeyRevoked(Conflict):
    def __init__(self) -> None:
        super().__init__("This API key was revoked; create another one.")


class ApiKeyChanged(Precondition):
    def __init__(self, version: int) -> None:
        super().__init__("The API key was changed in the meantime; read it again.", version=version)


class TooManyKeys(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(f"The organization has {most} API keys already; revoke one first.", most=most)


class WidgetLimited(Conflict):
    def __init__(self) -> None:
        super().__init__("A widget key is for the chat widget alone: it takes no permissions and no signature.")
