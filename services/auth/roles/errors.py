"""Refusals of roles."""

from libs.errors import Conflict, NotFound


class RoleNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such role in this organization.")


class RoleNameTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("The organization has a role of this name, or of one that looks like it.", field="name")


class SystemRoleStays(Conflict):
    def __init__(self) -> None:
        super().__init__("ADMIN and OPERATOR are the same in every organization and cannot be changed.")


class RoleInUse(Conflict):
    def __init__(self) -> None:
        super().__init__("Members have this role, or open invitations name it; give them another first.")


class TooManyRoles(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(f"An organization has at most {most} roles.", limit=most)
