"""Refusals of API tokens."""

from libs.errors import Conflict, Forbidden, NotFound


class ApiTokenNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such API token.")


class ScopeNotHeld(Forbidden):
    """Nobody hands on what they may not do themselves."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"You do not have the scope {scope} yourself.", scope=scope)


class TooManyTokens(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(f"You have {most} API tokens already; revoke one first.", most=most)
