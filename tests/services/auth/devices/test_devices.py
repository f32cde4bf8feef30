"""DevicesService: a person's sessions."""

import asyncio
import uuid

import pytest
from orrery.auth.sessions.v1.events_pb2 import SessionRevoked
from orrery.auth.v1 import devices_pb2 as pb
from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.types.v1.types_pb2 import Filter, ListQuery

from libs.errors import Forbidden, Invalid, NotFound, Refusal, Unauthenticated
from libs.rpc import Passage
from tests.services.auth.house import House, Visitor, claims, name

PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Mobile Safari/537.36"


async def listed(auth: House, token: str, query: ListQuery | None = None) -> pb.ListSessionsResponse:
    return await auth.call(
        "ListSessions", pb.ListSessionsRequest(query=query), pb.ListSessionsResponse, Visitor(token=token)
    )


async def revoke(auth: House, token: str, session_id: str) -> None:
    request = pb.RevokeSessionRequest(session_id=session_id)
    await auth.call("RevokeSession", request, pb.RevokeSessionResponse, Visitor(token=token))


async def revoke_others(auth: House, token: str) -> int:
    request = pb.RevokeOtherSessionsRequest()
    return (
        await auth.call("RevokeOtherSessions", request, pb.RevokeOtherSessionsResponse, Visitor(token=token))
    ).revoked


async def test_sessions_are_listed_with_device_address_and_times(auth: House) -> None:
    username = name()
    made = await auth.register(username)
    phone = await auth.login(Visitor("2001:db8::7", PHONE), username=username)

    answer = await listed(auth, made.token)

    first, own = answer.items
    assert first.id == claims(phone.token)["sid"]
    assert (first.ip_address, first.user_agent, first.is_active, first.is_current) == (
        "2001:db8::7",
        PHONE,
        True,
        False,
    )
    info = first.device_info
    assert (info.type, info.os, info.browser, info.version) == ("mobile", "Android", "Chrome", "143")
    assert (own.is_current, own.organization_id, list(own.amr)) == (True, claims(made.token)["org"], ["pwd"])
    assert own.created_at <= own.last_accessed_at < own.expires_at
    assert (answer.pagination.total, answer.pagination.has_next) == (2, False)


async def test_a_list_is_paged_filtered_and_searched(auth: House) -> None:
    username = name()
    made = await auth.register(username)
    await auth.login(Visitor(user_agent=PHONE), username=username)
    oldest = ListQuery(sort=["createdAt"], limit=1)
    phones = ListQuery(filters=[Filter(field="userAgent", op="contains", value="android")])

    page = await listed(auth, made.token, oldest)

    assert [one.is_current for one in page.items] == [True]
    assert page.pagination.has_next
    assert [one.user_agent for one in (await listed(auth, made.token, phones)).items] == [PHONE]
    assert len((await listed(auth, made.token, ListQuery(search="tests"))).items) == 1
    with pytest.raises(Invalid):
        await listed(auth, made.token, ListQuery(filters=[Filter(field="revokedReason", op="eq", value="x")]))


async def test_nobody_sees_another_persons_sessions(auth: House) -> None:
    made, other = await auth.register(), await auth.register()

    assert [one.id for one in (await listed(auth, made.token)).items] == [claims(made.token)["sid"]]
    with pytest.raises(NotFound) as refused:
        await revoke(auth, other.token, claims(made.token)["sid"])

    assert refused.value.reason == "SESSION_NOT_FOUND"
    assert await auth.refresh(made.refresh_token)


async def test_a_revoked_session_ends_and_the_fleet_is_told(auth: House) -> None:
    username = name()
    made = await auth.register(username)
    other = await auth.login(username=username)
    sid = claims(other.token)["sid"]

    await revoke(auth, made.token, sid)

    (told,) = await auth.events(made.user.user_id, SessionRevoked)
    assert (told.session_id, told.reason) == (sid, "revoked")
    assert [one.is_current for one in (await listed(auth, made.token)).items] == [True]
    with pytest.raises(Unauthenticated):
        await auth.refresh(other.refresh_token)
    with pytest.raises(NotFound):
        await revoke(auth, made.token, sid)


async def test_ended_from_several_devices_at_once_it_ends_once(auth: House) -> None:
    username = name()
    made = await auth.register(username)
    sid = claims((await auth.login(username=username)).token)["sid"]

    raced = await asyncio.gather(*(revoke(auth, made.token, sid) for _ in range(6)), return_exceptions=True)

    assert None in raced
    assert all(one is None or isinstance(one, NotFound) for one in raced)
    assert len(await auth.events(made.user.user_id, SessionRevoked)) == 1


async def test_a_refresh_that_races_the_end_of_its_session_leaves_nothing_alive(auth: House) -> None:
    username = name()
    made = await auth.register(username)
    other = await auth.login(username=username)

    renewed, _ = await asyncio.gather(
        auth.refresh(other.refresh_token), revoke_others(auth, made.token), return_exceptions=True
    )

    with pytest.raises(Unauthenticated):
        await auth.refresh(other.refresh_token if isinstance(renewed, BaseException) else renewed.refresh_token)
    assert [one.is_current for one in (await listed(auth, made.token)).items] == [True]


@pytest.mark.parametrize(
    "session_id", ["", "me", "0", "0190a8c4-6d58-7c3e-a111-0c4b5f2d9e10", "' OR 1=1 --", "\u0660" * 36]
)
async def test_what_is_no_session_is_not_found(auth: House, session_id: str) -> None:
    made = await auth.register()

    with pytest.raises((NotFound, Invalid)):
        await revoke(auth, made.token, session_id)


async def test_all_others_end_at_once(auth: House) -> None:
    username = name()
    made = await auth.register(username)
    others = [await auth.login(username=username) for _ in range(3)]
    stranger = await auth.register()

    assert await revoke_others(auth, others[0].token) == 3

    assert await revoke_others(auth, others[0].token) == 0
    assert [one.id for one in (await listed(auth, others[0].token)).items] == [claims(others[0].token)["sid"]]
    assert len(await auth.events(made.user.user_id, SessionRevoked)) == 3
    assert await auth.refresh(stranger.refresh_token)
    assert await auth.refresh(others[0].refresh_token)


async def test_of_several_that_end_all_others_at_once_the_first_one_stays(auth: House) -> None:
    username = name()
    made = await auth.register(username)
    tokens = [made.token, *[(await auth.login(username=username)).token for _ in range(5)]]

    ended = await asyncio.gather(*(revoke_others(auth, token) for token in tokens), return_exceptions=True)

    assert sorted(str(one) for one in ended if isinstance(one, int)) == ["5"]
    assert {one.reason for one in ended if isinstance(one, Refusal)} == {"SESSION_ENDED"}
    stays = tokens[ended.index(5)]
    assert [one.id for one in (await listed(auth, stays)).items] == [claims(stays)["sid"]]


async def test_no_other_credential_manages_sessions(auth: House) -> None:
    identity = Visitor(token=(await auth.register()).token).identity()
    identity.credential, identity.session_id = Credential.CREDENTIAL_API_TOKEN, ""

    for method, request in (
        ("ListSessions", pb.ListSessionsRequest()),
        ("RevokeOtherSessions", pb.RevokeOtherSessionsRequest()),
        ("RevokeSession", pb.RevokeSessionRequest(session_id=str(uuid.uuid4()))),
    ):
        with pytest.raises((Forbidden, Unauthenticated)):
            await auth.calls[method](request, Passage(auth.signer.sign(identity)))


async def note_seen(auth: House, *ids: str, credential: Credential.ValueType = Credential.CREDENTIAL_SERVICE) -> None:
    identity = Identity(subject="gateway", credential=credential)
    await auth.calls["NoteSeen"](pb.NoteSeenRequest(session_ids=ids), Passage(auth.signer.sign(identity)))


async def test_gateways_tell_which_sessions_are_in_use(auth: House) -> None:
    made, other = await auth.register(), await auth.register()
    await auth.sql("UPDATE session SET last_seen_at = now() - interval '1 hour', created_at = now() - interval '2 h'")

    await note_seen(auth, claims(made.token)["sid"], str(uuid.uuid4()))

    rows = await auth.sql("SELECT id::text FROM session WHERE last_seen_at > now() - interval '1 minute'")
    assert [row.id for row in rows] == [claims(made.token)["sid"]]
    with pytest.raises((Forbidden, Unauthenticated)):
        await note_seen(auth, claims(other.token)["sid"], credential=Credential.CREDENTIAL_SESSION)
