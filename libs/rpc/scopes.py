"""Scopes: what a credential may be granted, and which area each part of the API belongs to."""

AREAS = (
    "profile", "media", "ai", "contents", "finance", "forum", "space", "bio", "research", "streams", "resources",
    "webhooks", "jobs", "flags", "configurations", "billing", "integrations", "organizations",
)  # fmt: skip
SINGLE = ("chat:use", "chat:widget", "audit:read", "events:read")
SCOPES = frozenset([*(f"{area}:{way}" for area in AREAS for way in ("read", "write")), *SINGLE])
EVERY_SCOPE = "*"

READ = "read"
ACTIONS = ("create", READ, "update", "delete")
PARTS = {  # what a grant may name that is less than an area
    "users": "organizations",
    "members": "organizations",
    "memberships": "organizations",  # which organizations one belongs to
    "invitations": "organizations",
    "roles": "organizations",
    "videos": "media",
}


def area_of(resource: str) -> str:
    """The area that a grant's resource lies in; what is neither an area nor a part is a type of `resources`."""
    single = {scope.partition(":")[0] for scope in SINGLE}
    return resource if resource in AREAS or resource in single else PARTS.get(resource, "resources")


def scopes_of(resource: str, actions: tuple[str, ...]) -> frozenset[str]:
    """The scopes that a permission stands for: reading is the area's :read, each other action its :write.

    Of chat it is chat:use whatever the action; "*" is every area.
    """
    areas = (*AREAS, "audit", "events", "chat") if resource == "*" else (area_of(resource),)
    ways = {READ if action == READ else "write" for action in actions}
    wanted = {f"{area}:{way}" for area in areas for way in ways}
    return frozenset(wanted & SCOPES) | (frozenset(["chat:use"]) if actions and "chat" in areas else frozenset())
