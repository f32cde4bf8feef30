"""Sample data for every service that keeps some, made through the public API like anybody's; safe to repeat.

An organization with people in each role, an invitation that waits, an API key, an API token, an OAuth client, and a
film with all that processing makes of it. What is shown once (keys, tokens) is printed when it is made.
"""

from dataclasses import dataclass
from urllib.parse import quote

from rich.console import Console

from admin.smoke.api import Api, Json, Login
from tools.stack import start
from tools.stack.demo import journey
from tools.stack.environment import public_url
from tools.stack.errors import StackError
from tools.stack.keys import Keys
from tools.stack.layout import Layout
from tools.stack.login import first_login

SLUG = "analytical-films"
EDITOR: Json = {
    "name": "Editor",
    "description": "Works on films and sees who else does.",
    "permissions": [
        {"resource": "media", "actions": ["create", "read", "update", "delete"]},
        {"resource": "users", "actions": ["read"]},
        {"resource": "profile", "actions": ["read", "update"]},
    ],
}
KEY: Json = {
    "name": "Film archive",
    "keyPrefix": "pk_test_",
    "permissions": [{"resource": "media", "actions": ["read"]}],
}
CLIENT: Json = {
    "name": "Film browser",
    "redirectUris": ["http://127.0.0.1:8400/callback"],
    "grantTypes": ["authorization_code", "refresh_token"],
    "scopes": ["openid", "profile", "email", "media:read"],
    "isPublic": True,
}


@dataclass(frozen=True)
class Guest:
    """Somebody who joins the organization."""

    username: str
    role: str

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"


GUESTS = (Guest("charles", "ADMIN"), Guest("mary", "OPERATOR"), Guest("luigi", EDITOR["name"]))
WAITING = Guest("annabella", "OPERATOR")


def run(layout: Layout, console: Console) -> None:
    """Bring the fleet up and put the sample data in."""
    told = start.up(layout, console)
    url = public_url(layout)
    with Api(url) as owner:
        login = first_login(url, told.keys)
        owner.sign_in(login)
        organization = organization_of(owner)
        console.print(f"Organization  {organization['name']}  {organization['id']}")
        home = f"/api/v1/organizations/{organization['id']}"
        once(owner, f"{home}/roles", EDITOR)
        for guest in GUESTS:
            join(url, told.keys, owner, home, guest)
        people(told.keys, login, console)
        invite(owner, home, WAITING)
        show(console, "API key", "key", once(owner, f"{home}/api-keys", KEY))
        show(console, "OAuth client", "clientId", once(owner, "/api/v1/oauth-clients", CLIENT))
        api_token(owner, console)
        if not owner.get("/api/media/videos?limit=1")["videos"]:
            journey.upload(owner, console)
    console.print(f"Docs          {url}/docs")


def organization_of(owner: Api) -> Json:
    """The sample organization, founded unless it is there."""
    found: list[Json] = owner.get(f"/api/v1/organizations?filter[slug]={SLUG}")
    if found:
        return found[0]
    made: Json = owner.post("/api/v1/organizations", {"name": "Analytical Films", "slug": SLUG})
    return made


def once(owner: Api, path: str, wanted: Json) -> Json | None:
    """Make what has this name unless there is such a one; None where there is."""
    if owner.get(f"{path}?filter[name]={quote(wanted['name'])}"):
        return None
    made: Json = owner.post(path, wanted)
    return made


def join(url: str, keys: Keys, owner: Api, home: str, guest: Guest) -> None:
    """Register, be invited and accept; whoever belongs to it already is left alone."""
    login = Login(guest.username, keys.password(f"seed-{guest.username}"))
    with Api(url) as theirs:
        theirs.register(login, guest.email)
        theirs.sign_in(login)
        if any(one["id"] == home.rpartition("/")[2] for one in theirs.get("/api/v1/organizations")):
            return
        for open_one in owner.get(f"{home}/invitations?filter[email]={quote(guest.email)}&filter[status]=pending"):
            owner.delete(f"{home}/invitations/{open_one['id']}")
        made = invite(owner, home, guest)
        if made is None:
            raise StackError(f"{guest.username} was invited before and has not accepted.", "make reset")
        theirs.post("/api/v1/invitations/accept", {"token": made["token"]})


def invite(owner: Api, home: str, guest: Guest) -> Json | None:
    """Invite them unless they are; None where they are."""
    if owner.get(f"{home}/invitations?filter[email]={quote(guest.email)}&filter[status]=pending"):
        return None
    made: Json = owner.post(f"{home}/invitations", {"email": guest.email, "role": guest.role})
    return made


def people(keys: Keys, first: Login, console: Console) -> None:
    console.print(f"Login         {first.username}  {first.password}  (owner)")
    for guest in GUESTS:
        console.print(f"Login         {guest.username}  {keys.password(f'seed-{guest.username}')}  ({guest.role})")


def api_token(owner: Api, console: Console) -> None:
    if any(not one["revoked"] for one in owner.get("/api/auth/api-token")["tokens"]):
        return
    wanted = {"scope": ["profile:read", "media:read"], "expiresIn": 30 * 24 * 3600}
    show(console, "API token", "token", owner.post("/api/auth/api-token", wanted))


def show(console: Console, what: str, field: str, made: Json | None) -> None:
    """Print what is shown once."""
    if made:
        console.print(f"{what:<13} {made[field]}  (shown once)" if field != "clientId" else f"{what:<13} {made[field]}")
