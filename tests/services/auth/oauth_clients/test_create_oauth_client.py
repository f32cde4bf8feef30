"""CreateOAuthClient."""

from typing import Any

import pytest
from orrery.auth.oauth.v1.events_pb2 import ClientCreated
from orrery.auth.v1.accounts_pb2 import SignedIn
from orrery.identity.v1.identity_pb2 import Credential

from libs.errors import Conflict, Forbidden, Invalid
from libs.rpc import Passage
from tests.services.auth.house import House, Visitor
from tests.services.auth.oauth_clients.registering import CALLBACK, asked, listed, registered


async def test_the_secret_is_shown_once_and_kept_hashed(auth: House, visitor: Visitor) -> None:
    made = await registered(auth, visitor)

    stored = await auth.sql("SELECT secret_hash, name FROM oauth_client WHERE id = :id", id=made.client_id)
    assert len(made.client_secret) == 43
    assert made.client_secret.encode() not in bytes(stored[0][0])
    assert (made.name, list(made.redirect_uris), made.version) == ("Sky", [CALLBACK], 1)
    assert await listed(auth, visitor) == [made.client_id]


async def test_a_public_client_has_no_secret(auth: House, visitor: Visitor) -> None:
    made = await registered(auth, visitor, is_public=True)

    assert made.is_public
    assert not made.HasField("client_secret")


async def test_the_fleet_is_told(auth: House, visitor: Visitor) -> None:
    made = await registered(auth, visitor)

    told = [row for row in await auth.staged(ClientCreated) if row.key == made.client_id]
    event = ClientCreated.FromString(told[0].payload)
    assert (event.name, event.number > 0, list(event.scopes)) == ("Sky", True, ["openid", "media:read"])


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no uri for codes": ({"redirect_uris": []}, "redirect_uris", "required"),
    "a uri that is none": ({"redirect_uris": ["app"]}, "redirect_uris[0]", "invalid_uri"),
    "http elsewhere": ({"redirect_uris": [CALLBACK, "http://app.example/"]}, "redirect_uris[1]", "invalid_uri"),
    "too many uris": ({"redirect_uris": [CALLBACK] * 21}, "redirect_uris", "too_many"),
    "no grant type": ({"grant_types": []}, "grant_types", "unknown"),
    "the password grant": ({"grant_types": ["password"]}, "grant_types", "unknown"),
    "the implicit grant": ({"grant_types": ["authorization_code", "implicit"]}, "grant_types", "unknown"),
    "refresh alone": ({"grant_types": ["refresh_token"]}, "grant_types", "invalid"),
    "a public client's credentials": (
        {"grant_types": ["client_credentials"], "is_public": True},
        "grant_types",
        "invalid",
    ),
    "no scope": ({"scopes": []}, "scopes", "unknown_scope"),
    "every scope": ({"scopes": ["*"]}, "scopes", "unknown_scope"),
    "an unknown scope": ({"scopes": ["media:read", "moon:read"]}, "scopes", "unknown_scope"),
    "openid without people": ({"grant_types": ["client_credentials"], "scopes": ["openid"]}, "scopes", "invalid"),
    "a name that turns text around": ({"name": "Sky\u202egnp"}, "name", "invalid_format"),
    "a name of spaces": ({"name": "   "}, "name", "invalid_format"),
}


@pytest.mark.parametrize(("change", "field", "code"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_may_not_be_registered(
    auth: House, visitor: Visitor, change: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await registered(auth, visitor, **change)

    assert (field, code) in [(one.field, one.code) for one in refused.value.violations]
    assert await listed(auth, visitor) == []


async def test_only_an_admin_registers_apps_whatever_their_token_says(auth: House, admin: SignedIn) -> None:
    await auth.sql("UPDATE organization_member SET role = 'OPERATOR' WHERE user_id = :id", id=admin.user.user_id)

    with pytest.raises(Forbidden) as refused:
        await registered(auth, Visitor(token=admin.token))

    assert refused.value.reason == "OAUTH_CLIENT_ADMIN_ONLY"


async def test_no_key_registers_apps(auth: House, visitor: Visitor) -> None:
    identity = visitor.identity()
    identity.credential = Credential.CREDENTIAL_API_KEY

    with pytest.raises(Forbidden) as refused:
        await auth.calls["CreateOAuthClient"](asked(), Passage(auth.signer.sign(identity)))

    assert refused.value.reason == "SESSION_REQUIRED"


async def test_an_organization_has_a_hundred_apps_at_most(auth: House, admin: SignedIn, visitor: Visitor) -> None:
    made = await registered(auth, visitor)
    await auth.sql(
        "INSERT INTO oauth_client (organization_id, created_by, name, redirect_uris, post_logout_redirect_uris,"
        " grant_types, scopes, is_public) SELECT organization_id, created_by, name, redirect_uris,"
        " post_logout_redirect_uris, grant_types, scopes, TRUE FROM oauth_client, generate_series(1, 99)"
        " WHERE id = :id",
        id=made.client_id,
    )

    with pytest.raises(Conflict) as refused:
        await registered(auth, visitor)

    assert refused.value.reason == "TOO_MANY_OAUTH_CLIENTS"
