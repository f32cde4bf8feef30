"""Refusals of organizations."""

from libs.errors import Conflict, Forbidden, NotFound


class DomainTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("This tenant domain exists already; joining it needs an invitation.", field="tenant_domain")


class SlugTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("Another organization has this slug.", field="slug")


class OrganizationNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such organization, or you do not belong to it.")


class RoleTooLow(Forbidden):
    def __init__(self, resource: str, action: str) -> None:
        super().__init__(
            f"Your role in this organization does not permit this: {action} {resource}.",
            resource=resource,
            action=action,
        )


class OrganizationNotEntered(Forbidden):
    def __init__(self) -> None:
        super().__init__(
            "Your role there is limited to some fields: act for that organization first, by its organizationId at "
            "sign-in or refresh."
        )


class OwnerOnly(Forbidden):
    def __init__(self) -> None:
        super().__init__("Only the owner of the organization may do this.")


class PlatformAdminOnly(Forbidden):
    def __init__(self) -> None:
        super().__init__("Only a platform administrator may do this.")


class GrantsTooMuch(Forbidden):
    def __init__(self) -> None:
        super().__init__("Nobody can give, or take away, more than they may do themselves.")


class OrganizationSuspended(Conflict):
    def __init__(self) -> None:
        super().__init__("This organization is suspended; nothing in it can be changed.")


class OwnerStays(Conflict):
    def __init__(self) -> None:
        super().__init__("The owner of an organization stays its ADMIN; hand the organization over first.")


class LastAdmin(Conflict):
    def __init__(self) -> None:
        super().__init__("An organization has at least one ADMIN.")


class PersonalStays(Conflict):
    def __init__(self) -> None:
        super().__init__("A personal organization cannot be left, deleted or handed over.")


class ConfirmationMissing(Conflict):
    def __init__(self) -> None:
        super().__init__("This organization has other members: repeat its slug as `confirm` to delete it for all.")


class LocksYouOut(Conflict):
    def __init__(self) -> None:
        super().__init__("Your own address is not on this list: you could not take it back.", field="ipWhitelist")


class TooManyOrganizations(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(f"One account owns at most {most} organizations.", limit=most)
