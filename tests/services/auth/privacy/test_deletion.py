"""DeleteMe, RestoreAccount and what erasing leaves."""

import asyncio
import uuid

import pytest
from orrery.auth.privacy.v1 import events_pb2 as events
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.v1 import privacy_pb2 as pb

from libs.database import SYSTEM
from libs.errors import Conflict, Forbidden, Unauthenticated
from services.auth.privacy import operations
from tests.services.auth.filling import fill
from tests.services.auth.house import PASSWORD, House, Visitor


async def delete_me(auth: House, token: str) -> pb.Deletion:
    return await auth.call("DeleteMe", pb.DeleteMeRequest(), pb.Deletion, Visitor(token=token))


async def mailed_token(auth: House, email: str) -> str:
    """What the last mail's link carries."""
    rows = await auth.sql(
        "SELECT content->>'link' FROM mail WHERE recipient = :email AND template = 'account_deletion'"
        " ORDER BY created_at DESC LIMIT 1",
        email=email,
    )
    link: str = rows[0][0]
    return link.partition("token=")[2]


async def restore(auth: House, token: str) -> bool:
    request = pb.RestoreAccountRequest(token=token)
    return (await auth.call("RestoreAccount", request, pb.RestoreAccountResponse)).success


async def erase(auth: House, user_id: int) -> bool:
    async with auth.database.transaction(SYSTEM) as session:
        return await operations.erase(session, user_id)


async def everything(auth: House) -> str:
    """The whole schema as text, but for the outbox."""
    tables = await auth.sql(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        " AND table_type = 'BASE TABLE' AND table_name NOT IN ('outbox', 'alembic_version')"
    )
    rows = [await auth.sql(f'SELECT to_jsonb(t)::text FROM "{name}" t') for (name,) in tables]  # noqa: S608  # names of the catalogue
    return "\n".join(row for some in rows for (row,) in some)


async def tables_of(auth: House, user_id: int) -> set[str]:
    """The tables that hold rows of the person."""
    tables = await auth.sql(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND column_name = 'user_id' AND table_name <> 'outbox'"
    )
    rows = {
        name: await auth.sql(f'SELECT 1 FROM "{name}" WHERE user_id = :id LIMIT 1', id=user_id)  # noqa: S608  # as above
        for (name,) in tables
    }
    return {name for name, found in rows.items() if found}


async def test_an_account_that_is_to_be_deleted_is_off_at_once(auth: House) -> None:
    mine = await auth.register()
    other = await auth.login(username=mine.user.username)

    answer = await delete_me(auth, mine.token)

    assert answer.status == "scheduled"
    for attempt in (auth.login(username=mine.user.username), auth.refresh(other.refresh_token)):
        with pytest.raises(Unauthenticated):
            await attempt
    told = await auth.events(mine.user.user_id, events.AccountDeletionRequested)
    assert [one.erases_at for one in told] == [answer.erases_at]
    ended = [CredentialsInvalidated.FromString(row.payload) for row in await auth.staged(CredentialsInvalidated)]
    assert ("account", mine.user.id) in [(one.kind, one.id) for one in ended]


async def test_a_deletion_is_taken_back_once_and_in_time(auth: House) -> None:
    mine = await auth.register()
    await delete_me(auth, mine.token)
    token = await mailed_token(auth, mine.user.email)

    results = await asyncio.gather(*(restore(auth, token) for _ in range(10)), return_exceptions=True)

    assert results.count(True) == 1
    assert all(isinstance(one, Unauthenticated) for one in results if one is not True)
    assert (await auth.login(username=mine.user.username)).user.id == mine.user.id
    jobs = await auth.sql(
        "SELECT status::text FROM procrastinate_jobs WHERE lock = :lock",
        lock=operations.lock_of(mine.user.user_id),
    )
    assert [status for (status,) in jobs] == ["cancelled"]
    told = [row for row in await auth.staged(events.AccountRestored) if row.key == str(mine.user.user_id)]
    assert [row.user_id for row in told] == [mine.user.user_id]
    assert await erase(auth, mine.user.user_id) is False


async def test_a_token_of_anybodys_guess_restores_nothing(auth: House) -> None:
    with pytest.raises(Unauthenticated):
        await restore(auth, "x" * 43)


async def test_a_deletion_that_an_administrator_forbade_to_undo_stays(auth: House) -> None:
    mine = await auth.register()
    await delete_me(auth, mine.token)
    async with auth.database.transaction(SYSTEM) as session:
        await operations.forbid_restoring(session, mine.user.user_id)

    with pytest.raises(Unauthenticated):
        await restore(auth, await mailed_token(auth, mine.user.email))
    assert await erase(auth, mine.user.user_id) is True


async def test_an_old_session_is_not_enough(auth: House) -> None:
    mine = await auth.register()
    await auth.sql(
        "UPDATE session SET created_at = now() - interval '16 minutes' WHERE user_id = :id", id=mine.user.user_id
    )

    with pytest.raises(Forbidden) as refused:
        await delete_me(auth, mine.token)

    assert refused.value.reason == "RECENT_SIGN_IN_REQUIRED"
    assert (await auth.login(username=mine.user.username)).user.id == mine.user.id


async def test_an_owner_of_what_others_belong_to_must_give_it_up_first(auth: House) -> None:
    owner = await auth.register_tenant(tenant_name="Ours")
    member = await auth.register()
    await auth.sql(
        "INSERT INTO organization_member (organization_id, user_id, role) VALUES (CAST(:org AS uuid), :id, 'OPERATOR')",
        org=owner.tenant_id,
        id=member.user.user_id,
    )
    signed_in = await auth.login(username=owner.username)

    with pytest.raises(Conflict) as refused:
        await delete_me(auth, signed_in.token)

    assert (refused.value.reason, refused.value.details) == ("OWNS_ORGANIZATIONS", {"organizations": "Ours"})


async def test_erasing_leaves_a_number_and_nothing_else(auth: House) -> None:
    marker = uuid.uuid4().hex[:12]
    mine = await auth.register(username=f"erased_{marker}", email=f"erased_{marker}@example.com")
    await fill(auth, mine.user.user_id)
    await auth.sql("DELETE FROM erasure WHERE user_id = :id", id=mine.user.user_id)
    await delete_me(auth, mine.token)
    assert marker in await everything(auth)

    assert await erase(auth, mine.user.user_id) is True

    assert marker not in await everything(auth)
    assert await tables_of(auth, mine.user.user_id) == {"user_account", "erasure", "payment_auth_log"}
    kept = await auth.sql(
        "SELECT username, email, is_active FROM user_account WHERE user_id = :id", id=mine.user.user_id
    )
    number = mine.user.user_id
    assert [tuple(row) for row in kept] == [(f"deleted_{number}", f"deleted-{number}@deleted.invalid", False)]
    told = await auth.events(number, events.AccountErased)
    assert [(one.id, len(one.organization_ids)) for one in told] == [(mine.user.id, 1)]
    assert (await auth.register(username=f"erased_{marker}", email=f"erased_{marker}@example.com")).user.user_id


async def test_erasing_twice_tells_once(auth: House) -> None:
    mine = await auth.register(password=PASSWORD)
    await delete_me(auth, mine.token)

    done = await asyncio.gather(*(erase(auth, mine.user.user_id) for _ in range(5)))

    assert sorted(done) == [False] * 4 + [True]
    assert len(await auth.events(mine.user.user_id, events.AccountErased)) == 1


async def test_an_account_that_an_administrator_let_act_again_is_not_erased(auth: House) -> None:
    mine = await auth.register()
    await delete_me(auth, mine.token)
    await auth.sql("UPDATE user_account SET is_active = TRUE WHERE user_id = :id", id=mine.user.user_id)

    assert await erase(auth, mine.user.user_id) is False
    assert (await auth.login(username=mine.user.username)).user.id == mine.user.id


async def test_what_somebody_joined_meanwhile_goes_on_with_them(auth: House) -> None:
    owner, late = await auth.register_tenant(tenant_name="Left behind"), await auth.register()
    signed_in = await auth.login(username=owner.username)
    await delete_me(auth, signed_in.token)
    await auth.sql(
        "INSERT INTO organization_member (organization_id, user_id, role) VALUES (CAST(:org AS uuid), :id, 'OPERATOR')",
        org=owner.tenant_id,
        id=late.user.user_id,
    )

    assert await erase(auth, signed_in.user.user_id) is True

    left = await auth.sql(
        "SELECT o.name, o.status, o.owner_id, m.role FROM organization o JOIN organization_member m"
        " ON m.organization_id = o.id WHERE o.id = CAST(:org AS uuid)",
        org=owner.tenant_id,
    )
    assert [tuple(row) for row in left] == [("Left behind", "active", late.user.user_id, "ADMIN")]
