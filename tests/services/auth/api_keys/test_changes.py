"""ApiKeysService.UpdateApiKey, and versions of keys."""

from typing import Any

import pytest
from orrery.auth.api_keys.v1 import events_pb2 as events
from orrery.auth.v1 import api_keys_pb2 as pb

from libs.errors import Invalid, Precondition
from tests.services.auth.api_keys.administrators import READ_MEDIA, administrator, identify, later, permission, told
from tests.services.auth.house import House


async def test_a_change_takes_hold_and_what_is_absent_stays(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create(ip_whitelist=["203.0.113.0/24"], expires_at=later(days=1))

    changed = await ada.change(
        made.id,
        name="Export",
        permissions=[permission("forum", "read")],
        rate_limit=pb.ApiRateLimit(requests_per_hour=9),
        ip_whitelist=b"[]",
        allowed_origins=b'["https://app.example.com"]',
        expires_at=b"null",
    )
    again = await ada.change(made.id, is_active=False)

    assert changed.version == 2
    assert not changed.HasField("expires_at")
    assert list(again.allowed_origins) == ["https://app.example.com"]
    assert (again.name, list(again.ip_whitelist), again.is_active, again.version) == ("Export", [], False, 3)
    assert [list(one.changed) for one in await told(auth, events.ApiKeyUpdated, made.id)] == [
        ["name", "permissions", "rate_limit", "ip_whitelist", "allowed_origins", "expires_at"],
        ["is_active"],
    ]


async def test_a_change_of_nothing_is_silent(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create()

    assert (await ada.change(made.id, name="Import")).version == 1
    assert await told(auth, events.ApiKeyUpdated, made.id) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ip_whitelist": b'"203.0.113.0/24"'}, "ipWhitelist"),
        ({"ip_whitelist": b"[5]"}, "ipWhitelist"),
        ({"allowed_origins": b'["x"]'}, "allowedOrigins[0]"),
        ({"expires_at": b"5"}, "expiresAt"),
        ({"expires_at": b'"2001-01-01T00:00:00Z"'}, "expiresAt"),
        ({"expires_at": b'"9999-12-31T23:59:59-14:00"'}, "expiresAt"),
        ({"permissions": [READ_MEDIA, READ_MEDIA]}, "permissions[1].resource"),
        ({"name": "\t"}, "name"),
    ],
)
async def test_a_change_that_breaks_a_rule_changes_nothing(auth: House, changes: dict[str, Any], field: str) -> None:
    ada = await administrator(auth)
    made = await ada.create()

    with pytest.raises(Invalid) as refused:
        await ada.change(made.id, **changes)

    assert refused.value.violations[0].field == field
    assert (await ada.get(made.id)).version == 1


async def test_the_first_signature_asked_for_shows_a_secret_once(auth: House) -> None:
    ada = await administrator(auth)
    made = await ada.create()

    first = await ada.change(made.id, require_signature=True)
    off = await ada.change(made.id, require_signature=False)
    on = await ada.change(made.id, require_signature=True)

    assert first.signing_secret
    assert not off.HasField("signing_secret")
    assert not on.HasField("signing_secret")
    assert (await identify(auth, made.key)).signing_secret == first.signing_secret


@pytest.mark.parametrize("method", ["change", "rotate", "end"])
async def test_an_outdated_version_is_refused(auth: House, method: str) -> None:
    ada = await administrator(auth)
    made = await ada.create()
    await ada.change(made.id, name="Another")

    with pytest.raises(Precondition) as refused:
        await getattr(ada, method)(made.id, expected_version=1)

    assert refused.value.reason == "API_KEY_CHANGED"
    assert (await identify(auth, made.key)).refusal == ""
    await getattr(ada, method)(made.id, expected_version=2)
