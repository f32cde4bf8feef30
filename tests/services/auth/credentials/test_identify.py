"""CredentialsService: whose a value is, and what it is limited to."""

import asyncio
import json
from typing import Any

import pytest
from orrery.auth.api_keys.v1.events_pb2 import ApiKeyRefused
from orrery.auth.api_tokens.v1.events_pb2 import ApiTokenRefused
from orrery.auth.v1 import api_keys_pb2, credentials_pb2
from orrery.identity.v1.identity_pb2 import Credential, Grant, Identity
from orrery.types.v1.types_pb2 import RawJson
from sqlalchemy import text

from libs.database import SYSTEM
from libs.errors import Forbidden, NotFound
from libs.rpc.credentials import LIVE, hashed, make
from services.auth.credentials.uses import Uses
from tests.services.auth.api_keys.administrators import ADDRESS, READ_MEDIA, administrator, told
from tests.services.auth.api_keys.administrators import identify as identify_key
from tests.services.auth.api_tokens.people import identify as identify_token
from tests.services.auth.api_tokens.people import person
from tests.services.auth.gateways import ask
from tests.services.auth.house import House, Visitor

SUSPENSIONS = {
    "account_suspended": "UPDATE user_account SET is_active = false WHERE user_id = :user",
    "organization_suspended": "UPDATE organization SET status = 'suspended' WHERE id = :organization",
    "not_a_member": "DELETE FROM organization_member WHERE user_id = :user AND organization_id = :organization",
}


async def test_a_token_acts_for_its_owner_with_its_scopes_alone(auth: House) -> None:
    ada = await person(auth)
    made = await ada.issue("media:read", "profile:write")

    found = await identify_token(auth, made.token)

    assert found.identity == Identity(
        subject=ada.signed_in.user.id,
        user_id=ada.user_id,
        organization_id=ada.organization_id,
        roles=["ADMIN"],
        scopes=["media:read", "profile:write"],
        credential=Credential.CREDENTIAL_API_TOKEN,
        credential_id=str(made.token_id),
    )
    assert found.expires_at_ms > 0
    assert not found.refusal


async def test_a_key_acts_for_its_maker_within_its_permissions(auth: House) -> None:
    ada = await administrator(auth)
    conditions = api_keys_pb2.ApiConditions(fields=["username"], filters=RawJson(json=b'{"role":"OPERATOR"}'))
    users = api_keys_pb2.ApiPermission(resource="users", actions=["read", "update"], conditions=conditions)
    orders = api_keys_pb2.ApiPermission(resource="orders", actions=["delete"])
    chat = api_keys_pb2.ApiPermission(resource="chat", actions=["create"])
    made = await ada.create(permissions=[READ_MEDIA, users, orders, chat])

    identity = (await identify_key(auth, made.key)).identity

    assert (identity.user_id, identity.organization_id) == (ada.user_id, ada.organization_id)
    assert (identity.credential, identity.credential_id) == (Credential.CREDENTIAL_API_KEY, made.id)
    assert not identity.is_admin
    assert list(identity.scopes) == [
        "chat:use", "media:read", "organizations:read", "organizations:write", "resources:write",
    ]  # fmt: skip
    assert [(one.resource, list(one.actions), list(one.fields)) for one in identity.grants] == [
        ("media", ["read"], []), ("users", ["read", "update"], ["username"]), ("orders", ["delete"], []),
        ("chat", ["create"], []),
    ]  # fmt: skip
    assert json.loads(identity.grants[1].filters) == {"role": "OPERATOR"}


async def test_a_key_for_everything_has_each_scope_but_the_widgets(auth: House) -> None:
    ada = await administrator(auth)
    everything = api_keys_pb2.ApiPermission(resource="*", actions=["read", "create"])

    scopes = set((await identify_key(auth, (await ada.create(permissions=[everything])).key)).identity.scopes)

    assert scopes >= {"media:read", "media:write", "audit:read", "events:read", "chat:use", "organizations:write"}
    assert "chat:widget" not in scopes


async def test_what_nobody_issued_is_unknown(auth: House) -> None:
    ada = await administrator(auth)
    key, token = await ada.create(), await ada.issue("media:read")

    assert (await identify_key(auth, make(LIVE))).refusal == "unknown"
    assert (await identify_key(auth, token.token)).refusal == "unknown"
    assert (await identify_token(auth, key.key)).refusal == "unknown"


@pytest.mark.parametrize("reason", SUSPENSIONS)
async def test_nobody_lives_on_through_another_credential(auth: House, reason: str) -> None:
    ada = await administrator(auth)
    key, token = await ada.create(), await ada.issue("media:read")

    await break_standing(auth, SUSPENSIONS[reason], user=ada.user_id, organization=ada.organization_id)

    assert await identify_key(auth, key.key) == credentials_pb2.Identified(refusal=reason)
    assert await identify_token(auth, token.token) == credentials_pb2.Identified(refusal=reason)
    assert [one.reason for one in await told(auth, ApiKeyRefused, key.id)] == [reason]
    assert [one.reason for one in await auth.events(ada.user_id, ApiTokenRefused)] == [reason]


async def break_standing(auth: House, statement: str, **values: Any) -> None:
    if statement.startswith("DELETE"):  # who owns an organization hands it over first
        await auth.sql("UPDATE organization SET owner_id = NULL WHERE id = :id", id=values["organization"])
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    await auth.sql(statement, **used)


async def test_what_has_expired_or_is_switched_off_is_refused(auth: House) -> None:
    ada = await administrator(auth)
    old, off, token = await ada.create(), await ada.create(), await ada.issue("media:read")
    await auth.sql("UPDATE api_key SET expires_at = now() - interval '1 s' WHERE id = :id", id=old.id)
    await auth.sql("UPDATE api_token SET expires_at = now() - interval '1 s' WHERE token_id = :id", id=token.token_id)
    await ada.change(off.id, is_active=False)

    assert (await identify_key(auth, old.key)).refusal == "expired"
    assert (await identify_key(auth, off.key)).refusal == "inactive"
    assert (await identify_token(auth, token.token)).refusal == "expired"
    await ada.change(off.id, is_active=True)
    assert (await identify_key(auth, off.key)).refusal == ""


async def test_a_refusal_is_told_once_a_minute_and_names_the_address(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create()
    await ada.end(made.id)

    await asyncio.gather(*(identify_key(auth, made.key) for _ in range(5)))

    assert await told(auth, ApiKeyRefused, made.id) == [
        ApiKeyRefused(id=made.id, organization_id=ada.organization_id, reason="revoked", address=ADDRESS)
    ]


async def test_a_gateways_refusal_is_told_too(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create()
    request = credentials_pb2.NoteRefusalRequest(api_key_id=made.id, reason="nonce_reused", address=ADDRESS)

    await ask(auth, "NoteRefusal", request, credentials_pb2.NoteRefusalResponse)

    token = await ada.issue("media:read")
    of_token = credentials_pb2.NoteRefusalRequest(api_token_id=token.token_id, reason="address_refused")
    await ask(auth, "NoteRefusal", of_token, credentials_pb2.NoteRefusalResponse)

    assert [one.reason for one in await told(auth, ApiKeyRefused, made.id)] == ["nonce_reused"]
    assert [one.token_id for one in await auth.events(ada.user_id, ApiTokenRefused)] == [token.token_id]
    unknown = credentials_pb2.NoteRefusalRequest(api_key_id="0190a8c4-6d58-7c3e-a111-0c4b5f2d9e10", reason="x")
    with pytest.raises(NotFound):
        await ask(auth, "NoteRefusal", unknown, credentials_pb2.NoteRefusalResponse)


@pytest.mark.parametrize("method", ["IdentifyApiKey", "IdentifyApiToken"])
async def test_only_the_fleet_may_ask(auth: House, method: str) -> None:
    ada = await administrator(auth)
    made = await ada.create()
    request = credentials_pb2.IdentifyRequest(hash=hashed(made.key))

    for visitor in (Visitor(), ada.visitor):
        with pytest.raises(Forbidden) as refused:
            await auth.call(method, request, credentials_pb2.Identified, visitor)
        assert refused.value.reason == "FLEET_ONLY"


async def test_places_are_told_as_the_key_and_its_organization_limit_them(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create(ip_whitelist=["203.0.113.0/24"], allowed_origins=["https://app.example.com"])
    token = await ada.issue("media:read")
    security = {"allowedOrigins": ["https://example.com"], "requireHttps": True}
    settings = {"ipWhitelist": ["203.0.0.0/16"], "security": security}
    await auth.sql(
        "UPDATE organization SET settings = CAST(:settings AS jsonb) WHERE id = :id",
        settings=json.dumps(settings),
        id=ada.organization_id,
    )

    found, of_token = await identify_key(auth, made.key), await identify_token(auth, token.token)

    assert [list(one.names) for one in found.networks] == [["203.0.113.0/24"], ["203.0.0.0/16"]]
    assert [list(one.names) for one in found.origins] == [["https://app.example.com"]]
    assert list(found.page_origins) == list(of_token.page_origins) == ["https://example.com"]
    assert [list(one.names) for one in of_token.networks] == [["203.0.0.0/16"]]
    assert (found.require_https, of_token.require_https) == (True, True)


CUSTOM = [
    {"resource": "media", "actions": ["read"]},
    {"resource": "users", "actions": ["read"], "conditions": {"fields": ["username", "role"]}},
]


async def test_a_credential_may_no_more_than_the_role_of_whoever_it_acts_for(auth: House) -> None:
    ada = await administrator(auth)
    fields = api_keys_pb2.ApiConditions(fields=["username", "email"])
    wide = [
        api_keys_pb2.ApiPermission(resource="media", actions=["read", "delete"]),
        api_keys_pb2.ApiPermission(resource="organizations", actions=["read"], conditions=fields),
        api_keys_pb2.ApiPermission(resource="forum", actions=["read"]),
    ]
    key, other = await ada.create(permissions=wide), await ada.create(permissions=wide[2:])
    token = await ada.issue("media:read")
    await demote(auth, ada.user_id, ada.organization_id)

    found, nothing = await identify_key(auth, key.key), await identify_key(auth, other.key)

    assert [(one.resource, list(one.actions), list(one.fields)) for one in found.identity.grants] == [
        ("media", ["read"], []),
        ("memberships", ["read"], ["username", "email"]),
        ("users", ["read"], ["username"]),
    ]
    assert list(nothing.identity.grants) == [Grant(resource="nothing")]
    assert Grant(resource="media", actions=["read"]) in (await identify_token(auth, token.token)).identity.grants


async def demote(auth: House, user_id: int, organization_id: str) -> None:
    await auth.sql(
        "INSERT INTO organization_role (organization_id, name, name_key, permissions)"
        " VALUES (:id, 'Reader', 'reader', CAST(:permissions AS jsonb))",
        id=organization_id,
        permissions=json.dumps(CUSTOM),
    )
    await auth.sql("UPDATE organization_member SET role = 'Reader' WHERE user_id = :id", id=user_id)


async def test_uses_are_noted_to_the_minute_and_change_nothing_else(auth: House) -> None:
    ada = await administrator(auth)
    key, token = await ada.create(), await ada.issue("media:read")
    before = await ada.get(key.id)
    uses = Uses(auth.database)
    uses.note_token(token.token_id)
    row = (await auth.sql("SELECT id FROM api_key WHERE id = :id", id=key.id))[0]
    uses.note_key(row.id)

    await uses.write()
    await uses.write()

    after = await ada.get(key.id)
    assert after.last_used_at.endswith(":00.000000Z")
    assert (await ada.tokens())[0].last_used_at.endswith(":00.000000Z")
    after.ClearField("last_used_at")
    assert after == before


async def test_values_are_found_by_an_index_through_the_wall(auth: House) -> None:
    asked = {"api_key": "hashed_key = 'a' OR previous_hash = 'a'", "api_token": "token = 'a'"}

    for name, condition in asked.items():
        async with auth.database.transaction(SYSTEM) as session:
            await session.execute(text("SET LOCAL enable_seqscan = off"))
            plan = await session.scalars(text(f"EXPLAIN SELECT * FROM {name} WHERE {condition}"))  # noqa: S608  # constants
            assert "Index Cond" in "\n".join(plan)
