"""Rotating keys, widget keys, handing keys over."""

import asyncio
from uuid import UUID

import pytest
from orrery.auth.api_keys.v1 import events_pb2 as events
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.v1.api_keys_pb2 import ApiPermission

from libs.database import SYSTEM, Tenant
from libs.errors import Conflict
from services.auth.api_keys import operations
from services.auth.sealing import SealBroken
from tests.services.auth.api_keys.administrators import READ_MEDIA, Administrator, administrator, identify, told
from tests.services.auth.house import House


async def test_the_former_value_works_on_for_the_overlap_alone(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create()

    turned = await ada.rotate(made.id, 3600)

    assert turned.key != made.key
    assert (turned.id, turned.version, turned.last_four) == (made.id, 2, turned.key[-4:])
    old, new = await identify(auth, made.key), await identify(auth, turned.key)
    assert old.identity == new.identity
    assert old.expires_at_ms > 0
    assert new.expires_at_ms == 0
    assert (await ada.get(made.id)).previous_expires_at
    await auth.sql("UPDATE api_key SET previous_expires_at = now() WHERE id = :id", id=made.id)
    assert (await identify(auth, made.key)).refusal == "expired"
    assert (await identify(auth, turned.key)).refusal == ""
    assert not (await ada.get(made.id)).HasField("previous_expires_at")


async def test_without_an_overlap_it_stops_at_once(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create()

    turned = await ada.rotate(made.id)

    assert (await identify(auth, made.key)).refusal == "unknown"
    assert (await identify(auth, turned.key)).refusal == ""
    assert [one.overlap_seconds for one in await told(auth, events.ApiKeyRotated, made.id)] == [0]
    assert [one.reason for one in await told(auth, CredentialsInvalidated, made.id)] == ["rotated"]


async def test_an_overlap_never_outlives_the_key(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create()
    turned = await ada.rotate(made.id, 3600)
    await auth.sql("UPDATE api_key SET expires_at = now() + interval '1 min' WHERE id = :id", id=made.id)

    old, new = await identify(auth, made.key), await identify(auth, turned.key)

    assert old.expires_at_ms == new.expires_at_ms


async def test_a_second_rotation_ends_the_first_value(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create()

    second = await ada.rotate(made.id, 3600)
    third = await ada.rotate(made.id, 3600)

    assert (await identify(auth, made.key)).refusal == "unknown"
    assert [(await identify(auth, one.key)).refusal for one in (second, third)] == ["", ""]


async def test_each_value_has_its_own_signing_secret(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create(require_signature=True)

    turned = await ada.rotate(made.id, 60)

    assert made.signing_secret != turned.signing_secret
    assert (await identify(auth, made.key)).signing_secret == made.signing_secret
    assert (await identify(auth, turned.key)).signing_secret == turned.signing_secret


async def test_of_rotations_at_once_the_last_two_values_are_good(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create()

    turned = await asyncio.gather(*(ada.rotate(made.id, 3600) for _ in range(6)))

    good = [one.version for one in turned if not (await identify(auth, one.key)).refusal]
    assert sorted(one.version for one in turned) == [2, 3, 4, 5, 6, 7]
    assert sorted(good) == [6, 7]


async def test_revoking_while_it_is_used_and_rotated_ends_every_value(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create()
    turned = await ada.rotate(made.id, 3600)

    calls = [identify(auth, turned.key) for _ in range(10)]
    await asyncio.gather(*calls, ada.end(made.id), ada.rotate(made.id, 60), return_exceptions=True)

    assert (await identify(auth, turned.key)).refusal in ("revoked", "unknown")
    assert (await identify(auth, made.key)).refusal in ("revoked", "unknown")
    assert not (await ada.get(made.id)).is_active


async def widget(auth: House, ada: Administrator) -> str:
    """As whoever shows the embed snippet asks for it."""
    async with auth.database.transaction(Tenant(ada.user_id, ada.organization_id)) as session:
        return await operations.widget_key(session, UUID(ada.organization_id), ada.user_id, auth.sealer)


async def test_a_widget_key_is_made_once_and_can_be_shown_again(auth: House) -> None:
    ada = await administrator(auth)

    shown = await asyncio.gather(*(widget(auth, ada) for _ in range(5)))

    assert len(set(shown)) == 1
    found = await identify(auth, shown[0])
    assert list(found.identity.scopes) == ["chat:widget"]
    assert list(found.identity.grants) == []
    kept = list((await ada.page()).items)
    assert [(one.kind, one.name) for one in kept] == [("widget", "Chat widget")]
    assert len(await told(auth, events.ApiKeyCreated, kept[0].id)) == 1


async def test_a_widget_key_is_bound_to_origins(auth: House) -> None:
    ada = await administrator(auth)
    shown = await widget(auth, ada)
    key_id = (await ada.page()).items[0].id
    await ada.change(key_id, allowed_origins=b'["https://shop.example.com"]')
    await auth.sql(
        "UPDATE organization SET settings = CAST(:settings AS jsonb) WHERE id = :id",
        settings='{"security": {"allowedOrigins": ["https://example.com"]}}',
        id=ada.organization_id,
    )

    found = await identify(auth, shown)

    assert [list(one.names) for one in found.origins] == [["https://shop.example.com"], ["https://example.com"]]


async def test_a_rotated_or_revoked_widget_key_is_replaced(auth: House) -> None:
    ada = await administrator(auth)
    first = await widget(auth, ada)
    key_id = (await ada.page()).items[0].id

    turned = await ada.rotate(key_id)
    assert await widget(auth, ada) == turned.key != first
    await ada.end(key_id)
    assert await widget(auth, ada) not in (first, turned.key)


@pytest.mark.parametrize("changes", [{"permissions": [READ_MEDIA]}, {"require_signature": True}])
async def test_a_widget_key_never_gets_more(auth: House, changes: dict[str, list[ApiPermission]]) -> None:
    ada = await administrator(auth)
    await widget(auth, ada)

    with pytest.raises(Conflict) as refused:
        await ada.change((await ada.page()).items[0].id, **changes)

    assert refused.value.reason == "WIDGET_LIMITED"


async def test_a_sealed_value_opens_in_its_own_row_alone(auth: House) -> None:
    ada, eve = await administrator(auth), await administrator(auth)
    await widget(auth, ada)
    await widget(auth, eve)
    await auth.sql(
        "UPDATE api_key SET sealed_key = (SELECT sealed_key FROM api_key WHERE organization_id = :ada)"
        " WHERE organization_id = :eve",
        ada=ada.organization_id,
        eve=eve.organization_id,
    )

    with pytest.raises(SealBroken):
        await widget(auth, eve)


async def test_keys_of_who_leaves_are_handed_over(auth: House) -> None:
    ada, bob = await administrator(auth), await administrator(auth)
    made, ended, bobs = await ada.create(), await ada.create(), await bob.create()
    await ada.end(ended.id)
    await auth.sql(
        "INSERT INTO organization_member (organization_id, user_id, role) VALUES (:id, :user, 'ADMIN')",
        id=ada.organization_id,
        user=bob.user_id,
    )

    async with auth.database.transaction(SYSTEM) as session:
        await operations.hand_over(
            session, UUID(ada.organization_id), ada.user_id, bob.user_id, by=Tenant(ada.user_id, ada.organization_id)
        )

    assert (await identify(auth, made.key)).identity.user_id == bob.user_id
    assert (await ada.get(made.id)).created_by == bob.signed_in.user.id
    assert (await ada.get(ended.id)).created_by == ada.signed_in.user.id
    assert (await bob.get(bobs.id)).version == 1
    assert await told(auth, events.ApiKeyHandedOver, made.id) == [
        events.ApiKeyHandedOver(
            id=made.id, organization_id=ada.organization_id, from_user_id=ada.user_id, to_user_id=bob.user_id
        )
    ]
