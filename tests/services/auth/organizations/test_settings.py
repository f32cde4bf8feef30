"""OrganizationsService: settings."""

import json
from typing import Any

import pytest
from orrery.auth.organizations.v1.events_pb2 import SettingsUpdated
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.v1 import organizations_pb2 as pb
from orrery.types.v1.types_pb2 import RawJson

from libs.errors import Conflict, Forbidden, Invalid, Precondition
from tests.services.auth.house import House
from tests.services.auth.organizations.people import Company, company


async def change(made: Company, **settings: Any) -> pb.OrganizationSettings:
    request = pb.UpdateSettingsRequest(id=made.id, **settings)
    return await made.owner.call("UpdateSettings", request, pb.OrganizationSettings)


def raw(value: object) -> RawJson:
    return RawJson(json=json.dumps(value).encode())


async def test_what_nobody_has_set_has_a_default(auth: House) -> None:
    made = await company(auth)

    found = await made.owner.call("GetSettings", pb.GetSettingsRequest(id=made.id), pb.OrganizationSettings)

    assert (found.timezone, list(found.ip_whitelist), list(found.webhook_endpoints)) == ("UTC", [], [])
    assert found.data_retention == pb.DataRetention(logs=90, analytics=365, backups=30)
    assert found.security == pb.Security(session_timeout=10080)


async def test_what_is_absent_stays_and_the_version_grows(auth: House) -> None:
    made = await company(auth)

    one = await change(made, timezone="Asia/Tokyo", data_retention=pb.DataRetentionChange(logs=7))
    other = await change(made, retention=pb.DataRetentionChange(backups=14), security={"session_timeout": 60})

    assert (other.timezone, other.security.session_timeout) == ("Asia/Tokyo", 60)
    assert other.data_retention == pb.DataRetention(logs=7, analytics=365, backups=14)
    assert other.version == one.version + 1


async def test_networks_have_one_spelling_and_null_lets_all_in(auth: House) -> None:
    made = await company(auth)

    listed = ["192.0.2.7/24", "192.0.2.0/24", "2001:DB8::/32", "198.51.100.7", "::ffff:198.51.100.7"]
    one = await change(made, ip_whitelist=raw(listed))
    other = await change(made, ip_whitelist=raw(None))

    assert list(one.ip_whitelist) == ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32"]
    assert list(other.ip_whitelist) == []


async def test_nobody_locks_themselves_out(auth: House) -> None:
    made = await company(auth)

    with pytest.raises(Conflict) as refused:
        await change(made, ip_whitelist=raw(["192.0.2.0/24"]))

    assert refused.value.reason == "LOCKS_YOU_OUT"


async def test_tokens_are_renewed_when_what_they_say_of_settings_changes(auth: House) -> None:
    made = await company(auth)

    await change(made, timezone="Asia/Tokyo")
    await change(made, security={"require_https": True})

    told = await made.staged(CredentialsInvalidated)
    assert [(one.kind, one.id, one.reason) for one in told] == [("organization", made.id, "settings_changed")]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"ip_whitelist": raw(["300.1.1.1"])}, "ipWhitelist[0]"),
        ({"ip_whitelist": raw(["10.0.0.0/33"])}, "ipWhitelist[0]"),
        ({"ip_whitelist": raw(["fe80::1%eth0"])}, "ipWhitelist[0]"),
        ({"ip_whitelist": raw([7])}, "ipWhitelist"),
        ({"ip_whitelist": raw({"a": 1})}, "ipWhitelist"),
        ({"ip_whitelist": raw(["10.0.0.1"] * 201)}, "ipWhitelist"),
        ({"security": {"allowed_origins": raw(["https://a.example/path"])}}, "security.allowedOrigins[0]"),
        ({"security": {"allowed_origins": raw(["javascript:alert(1)"])}}, "security.allowedOrigins[0]"),
        (
            {"retention": pb.DataRetentionChange(logs=1), "data_retention": pb.DataRetentionChange(logs=2)},
            "retention",
        ),
    ],
)
async def test_wrong_values_are_refused_and_nothing_is_changed(auth: House, wrong: dict[str, Any], field: str) -> None:
    made = await company(auth)

    with pytest.raises(Invalid) as refused:
        await change(made, **wrong)

    assert [one.field for one in refused.value.violations] == [field]
    assert await made.staged(SettingsUpdated) == []


async def test_the_fleet_hears_old_and_new_and_nothing_where_nothing_changed(auth: House) -> None:
    made = await company(auth)

    await change(made, timezone="Asia/Tokyo")
    await change(made, timezone="Asia/Tokyo")

    (told,) = await made.staged(SettingsUpdated)
    assert [(one.field, one.old, one.new) for one in told.changes] == [("timezone", '"UTC"', '"Asia/Tokyo"')]


async def test_an_outdated_version_is_refused(auth: House) -> None:
    made = await company(auth)
    await change(made, timezone="Asia/Tokyo", expected_version=1)

    with pytest.raises(Precondition) as refused:
        await change(made, timezone="Europe/Paris", expected_version=1)

    assert (refused.value.reason, refused.value.details) == ("VERSION_OUTDATED", {"version": "2"})


async def test_an_operator_neither_reads_nor_writes_them(auth: House) -> None:
    made = await company(auth)
    operator = await made.hire()

    with pytest.raises(Forbidden):
        await operator.call("GetSettings", pb.GetSettingsRequest(id=made.id), pb.OrganizationSettings)
    request = pb.UpdateSettingsRequest(id=made.id, timezone="Asia/Tokyo")
    with pytest.raises(Forbidden):
        await operator.call("UpdateSettings", request, pb.OrganizationSettings)

    shown = await operator.call("GetOrganization", pb.GetOrganizationRequest(id=made.id), pb.Organization)
    assert not shown.HasField("settings")
