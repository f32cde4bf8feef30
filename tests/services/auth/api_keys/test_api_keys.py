"""ApiKeysService: creating, reading, changing and ending keys."""

import asyncio
import json
from typing import Any

import pytest
from orrery.auth.api_keys.v1 import events_pb2 as events
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.v1 import api_keys_pb2 as pb
from orrery.types.v1.types_pb2 import Filter

from libs.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from libs.rpc.credentials import has_shape, hashed, is_mistyped
from services.auth.api_keys.operations import MOST
from tests.services.auth.api_keys.administrators import (
    READ_MEDIA,
    Administrator,
    administrator,
    identify,
    later,
    permission,
    told,
)
from tests.services.auth.house import House, Visitor


async def test_a_key_is_answered_once_and_kept_as_a_hash(auth: House) -> None:
    ada = await administrator(auth)

    made = await ada.create(name="日本語の鍵")

    assert has_shape(made.key)
    assert not is_mistyped(made.key)
    assert made.key.startswith("pk_live_")
    assert (made.key_prefix, made.last_four) == ("pk_live_", made.key[-4:])
    assert not made.HasField("signing_secret")
    row = (await auth.sql("SELECT * FROM api_key WHERE id = :id", id=made.id))[0]
    assert row.hashed_key == hashed(made.key).hex()
    assert made.key not in str(row)
    seen = await ada.get(made.id)
    assert seen.name == "日本語の鍵"
    assert seen.created_by == ada.signed_in.user.id
    assert (seen.is_active, seen.version, seen.kind) == (True, 1, "secret")
    assert list(seen.permissions) == [READ_MEDIA]


async def test_all_that_was_asked_of_a_key_is_shown_again(auth: House) -> None:
    ada = await administrator(auth)
    rates = pb.ApiRateLimit(requests_per_second=5, requests_per_day=1000, burst_limit=20)
    limited = permission("users", "update", "read", fields=("username",), filters='{"role": "OPERATOR"}')

    made = await ada.create(
        key_prefix="pk_test_",
        permissions=[limited, permission("orders", "create")],
        rate_limit=rates,
        ip_whitelist=["203.0.113.7", "203.0.113.0/24", "203.0.113.99/24", "2001:DB8::/32", "::ffff:203.0.113.0/120"],
        allowed_origins=["https://App.Example.com:443/", "http://localhost:3000"],
        expires_at=later(days=1),
        require_signature=True,
    )

    seen = await ada.get(made.id)
    assert seen.rate_limit == rates
    assert list(seen.ip_whitelist) == ["203.0.113.7/32", "203.0.113.0/24", "2001:db8::/32"]
    assert list(seen.allowed_origins) == ["https://app.example.com", "http://localhost:3000"]
    assert list(seen.permissions[0].actions) == ["read", "update"]
    assert json.loads(seen.permissions[0].conditions.filters.json) == {"role": "OPERATOR"}
    assert made.key.startswith("pk_test_")
    assert made.signing_secret.startswith("ss_")
    assert seen.require_signature


@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ({"name": "\u202egnp"}, ["name"]),
        ({"name": "n" * 256}, ["name"]),
        ({"permissions": []}, ["permissions"]),
        ({"permissions": [permission("media")]}, ["permissions[0].actions"]),
        ({"permissions": [permission("media", "destroy")]}, ["permissions[0].actions"]),
        ({"permissions": [permission("audit", "delete")]}, ["permissions[0].actions"]),
        ({"permissions": [READ_MEDIA, permission("media", "create")]}, ["permissions[1].resource"]),
        ({"permissions": [permission("*", "read", fields=("id",))]}, ["permissions[0].conditions"]),
        ({"permissions": [permission("media", "read", filters='{"a": 1}')]}, ["permissions[0].conditions.filters"]),
        ({"permissions": [permission("users", "read", filters="[1]")]}, ["permissions[0].conditions.filters"]),
        ({"permissions": [permission("users", "read", filters='{"a": {}}')]}, ["permissions[0].conditions.filters"]),
        ({"permissions": [permission("users", "read", filters='{"a": NaN}')]}, ["permissions[0].conditions.filters"]),
        ({"permissions": [permission("users", "read", filters="{")]}, ["permissions[0].conditions.filters"]),
        ({"permissions": [permission("users", "read", filters='{"a": 1e999}')]}, ["permissions[0].conditions.filters"]),
        (
            {"permissions": [permission("users", "read", filters='{"a": "\\u0000"}')]},
            ["permissions[0].conditions.filters"],
        ),
        (
            {"permissions": [permission("users", "read", fields=tuple(f"{'x' * 60}{at}" for at in range(200)))]},
            ["permissions"],
        ),
        ({"rate_limit": pb.ApiRateLimit(burst_limit=5)}, ["rateLimit.burstLimit"]),
        ({"ip_whitelist": ["203.0.113.0/24", "example.com"]}, ["ipWhitelist[1]"]),
        ({"ip_whitelist": ["127.1"]}, ["ipWhitelist[0]"]),
        ({"ip_whitelist": ["fe80::1%eth0"]}, ["ipWhitelist[0]"]),
        ({"ip_whitelist": ["203.0.113.0/33"]}, ["ipWhitelist[0]"]),
        ({"allowed_origins": ["*"]}, ["allowedOrigins[0]"]),
        ({"allowed_origins": ["https://app.example.com/path"]}, ["allowedOrigins[0]"]),
        ({"allowed_origins": ["https://user@app.example.com"]}, ["allowedOrigins[0]"]),
        ({"allowed_origins": ["https://app.example.com:99999"]}, ["allowedOrigins[0]"]),
        ({"allowed_origins": ["javascript:alert(1)", "null"]}, ["allowedOrigins[0]", "allowedOrigins[1]"]),
        ({"expires_at": "tomorrow"}, ["expiresAt"]),
        ({"expires_at": "2999-01-01T00:00:00"}, ["expiresAt"]),
        ({"expires_at": later(seconds=-1)}, ["expiresAt"]),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, ["expiresAt"]),
    ],
)
async def test_what_breaks_a_rule_is_named_and_nothing_is_made(
    auth: House, more: dict[str, Any], fields: list[str]
) -> None:
    ada = await administrator(auth)

    with pytest.raises(Invalid) as refused:
        await ada.create(**more)

    assert [one.field for one in refused.value.violations] == fields
    assert list((await ada.page()).items) == []


async def test_the_fleet_hears_of_a_key_but_not_its_value(auth: House) -> None:
    ada = await administrator(auth)

    made = await ada.create()

    assert await told(auth, events.ApiKeyCreated, made.id) == [
        events.ApiKeyCreated(
            id=made.id,
            organization_id=ada.organization_id,
            name="Import",
            key_prefix="pk_live_",
            kind="secret",
            permissions='[{"actions": ["read"], "resource": "media"}]',
            created_by=ada.user_id,
        )
    ]


async def test_a_list_can_be_searched_filtered_and_paged(auth: House) -> None:
    ada = await administrator(auth)
    live, test = await ada.create(name="Nightly import"), await ada.create(name="Trial", key_prefix="pk_test_")

    assert [one.id for one in (await ada.page()).items] == [test.id, live.id]
    assert [one.id for one in (await ada.page(search="night")).items] == [live.id]
    assert [one.id for one in (await ada.page(search=live.last_four)).items] == [live.id]
    prefixed = Filter(field="keyPrefix", op="eq", value="pk_test_")
    assert [one.id for one in (await ada.page(filters=[prefixed])).items] == [test.id]
    first = await ada.page(limit=1, sort=["name"])
    assert [one.id for one in first.items] == [live.id]
    assert (first.pagination.total, first.pagination.has_next) == (2, True)


async def test_a_stranger_finds_no_organization_and_no_key(auth: House) -> None:
    ada, eve = await administrator(auth), await administrator(auth)
    made = await ada.create()

    with pytest.raises(NotFound) as unknown:
        await eve.get(made.id, ada.organization_id)
    with pytest.raises(NotFound) as foreign:
        await eve.get(made.id)

    assert (unknown.value.reason, foreign.value.reason) == ("ORGANIZATION_NOT_FOUND", "API_KEY_NOT_FOUND")


@pytest.mark.parametrize("method", ["ListApiKeys", "CreateApiKey", "UpdateApiKey", "RotateApiKey", "RevokeApiKey"])
async def test_a_member_who_is_no_admin_manages_no_keys_and_the_fleet_hears_of_it(auth: House, method: str) -> None:
    ada, bob = await administrator(auth), await administrator(auth)
    made = await ada.create()
    await join(auth, bob, ada.organization_id, "OPERATOR")
    requests: dict[str, Any] = {
        "ListApiKeys": pb.ListApiKeysRequest(id=ada.organization_id),
        "CreateApiKey": pb.CreateApiKeyRequest(id=ada.organization_id, name="Mine", permissions=[READ_MEDIA]),
        "UpdateApiKey": pb.UpdateApiKeyRequest(id=ada.organization_id, key_id=made.id, name="Mine"),
        "RotateApiKey": pb.RotateApiKeyRequest(id=ada.organization_id, key_id=made.id),
        "RevokeApiKey": pb.RevokeApiKeyRequest(id=ada.organization_id, key_id=made.id),
    }

    with pytest.raises(Forbidden) as refused:
        await auth.call(method, requests[method], pb.ShownApiKey, bob.visitor)

    assert refused.value.reason == "ADMIN_REQUIRED"
    assert await told(auth, events.ApiKeyManagementRefused, ada.organization_id) == [
        events.ApiKeyManagementRefused(organization_id=ada.organization_id, user_id=bob.user_id, role="OPERATOR")
    ]


async def test_an_admin_of_two_organizations_manages_both_from_one_session(auth: House) -> None:
    ada, bob = await administrator(auth), await administrator(auth)
    await join(auth, bob, ada.organization_id, "ADMIN")
    request = pb.CreateApiKeyRequest(id=ada.organization_id, name="Bob's", permissions=[READ_MEDIA])

    made = await auth.call("CreateApiKey", request, pb.ShownApiKey, bob.visitor)

    assert made.created_by == bob.signed_in.user.id
    assert (await ada.get(made.id)).created_by == bob.signed_in.user.id
    assert (await identify(auth, made.key)).identity.organization_id == ada.organization_id


async def test_a_revoked_key_is_over_for_good(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create()

    answers = await asyncio.gather(*(ada.end(made.id) for _ in range(6)))

    assert {one.is_active for one in answers} == {False}
    assert (await identify(auth, made.key)).refusal == "revoked"
    assert len(await told(auth, events.ApiKeyRevoked, made.id)) == 1
    assert [one.reason for one in await told(auth, CredentialsInvalidated, made.id)] == ["revoked"]
    for call in (ada.change(made.id, is_active=True), ada.rotate(made.id)):
        with pytest.raises(Conflict) as refused:
            await call
        assert refused.value.reason == "API_KEY_REVOKED"


async def test_an_organization_has_a_bounded_number_of_keys(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create()
    await auth.sql(
        "INSERT INTO api_key (organization_id, name, key_prefix, hashed_key, last_four, created_by)"
        " SELECT organization_id, name, key_prefix, gen_random_uuid()::text, last_four, created_by"
        " FROM api_key, generate_series(1, :more) WHERE id = :id",
        id=made.id,
        more=MOST - 3,
    )

    answers = await asyncio.gather(*(ada.create() for _ in range(6)), return_exceptions=True)

    refused = [one for one in answers if isinstance(one, Refusal)]
    assert len(answers) - len(refused) == 2
    assert {one.reason for one in refused} == {"TOO_MANY_KEYS"}


async def join(auth: House, who: Administrator, organization_id: str, role: str) -> None:
    await auth.sql(
        "INSERT INTO organization_member (organization_id, user_id, role) VALUES (:organization, :user, :role)",
        organization=organization_id,
        user=who.user_id,
        role=role,
    )


async def test_a_visitor_without_a_session_is_asked_to_sign_in(auth: House) -> None:
    ada = await administrator(auth)

    with pytest.raises(Refusal) as refused:
        await auth.call("ListApiKeys", pb.ListApiKeysRequest(id=ada.organization_id), pb.ListApiKeysResponse, Visitor())

    assert refused.value.reason == "SIGN_IN_REQUIRED"
