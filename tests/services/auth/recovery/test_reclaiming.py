"""Whoever registers another's address has nothing in the account once its owner takes it."""

import pytest
from orrery.auth.accounts.v1.events_pb2 import AccountReclaimed
from orrery.auth.sessions.v1.events_pb2 import CredentialsInvalidated
from orrery.auth.v1 import oauth_pb2 as pb

from libs.errors import Unauthenticated
from tests.services.auth.filling import fill
from tests.services.auth.house import House, Visitor, claims
from tests.services.auth.oauth_clients.registering import registered
from tests.services.auth.recovery.desk import forget, mailed, proven, reset

PLANTED = (
    "passkey",
    "api_token",
    "user_2fa",
    "user_pin",
    "sso_identity",
    "platform_key",
    "oauth_grant",
    "oauth_consent",
)


async def exchanged(auth: House, app: pb.OAuthClient) -> pb.TokenAnswer:
    """What the app gets for its secret alone."""
    form = {"grant_type": "client_credentials", "client_id": app.client_id, "client_secret": app.client_secret}
    parameters = [pb.Parameter(name=name, value=value) for name, value in form.items()]
    return await auth.call("ExchangeToken", pb.ClientRequest(parameters=parameters), pb.TokenAnswer)


async def planted(auth: House, user_id: int) -> dict[str, int]:
    """How much of each kind could act for the account."""
    found = {}
    for table in PLANTED:
        query = f"SELECT count(*) FROM {table} WHERE user_id = :id"  # noqa: S608  # they stand above
        found[table] = (await auth.sql(query, id=user_id))[0][0]
    live = "SELECT count(*) FROM api_key WHERE created_by = :id AND revoked_at IS NULL"
    apps = "SELECT count(*) FROM oauth_client WHERE created_by = :id"
    found |= {name: (await auth.sql(query, id=user_id))[0][0] for name, query in (("api_key", live), ("app", apps))}
    return {name: count for name, count in found.items() if count}


async def test_the_first_proof_of_an_address_removes_what_was_left_in_the_account(auth: House) -> None:
    trap = await auth.register()
    await fill(auth, trap.user.user_id)
    app = await registered(
        auth, Visitor(token=trap.token), grant_types=["client_credentials"], scopes=["media:read"], redirect_uris=[]
    )
    held = await exchanged(auth, app)
    before = await planted(auth, trap.user.user_id)
    assert set(before) == {*PLANTED, "api_key", "app"}

    assert await forget(auth, trap.user.email)
    assert await reset(auth, await mailed(auth, trap.user.email, "reset_password"))

    assert await planted(auth, trap.user.user_id) == {}
    (told,) = await auth.events(trap.user.user_id, AccountReclaimed)
    assert told.removed == sum(before.values())
    ended = [CredentialsInvalidated.FromString(row.payload) for row in await auth.staged(CredentialsInvalidated)]
    assert ("grant", claims(held.access_token)["sid"]) in [(one.kind, one.id) for one in ended]
    with pytest.raises(Unauthenticated):
        await exchanged(auth, app)


async def test_whoever_proved_the_address_before_keeps_what_is_theirs(auth: House) -> None:
    mine = await proven(auth)
    await fill(auth, mine.user.user_id)

    assert await forget(auth, mine.user.email)
    assert await reset(auth, await mailed(auth, mine.user.email, "reset_password"))

    assert set(await planted(auth, mine.user.user_id)) == {*PLANTED, "api_key", "app"}
    assert await auth.events(mine.user.user_id, AccountReclaimed) == []


async def test_whoever_the_stranger_let_into_the_accounts_organization_is_out(auth: House) -> None:
    trap, trojan = await auth.register(), await auth.register()
    await auth.sql(
        "INSERT INTO organization_member (organization_id, user_id, role) SELECT id, :trojan, 'ADMIN'"
        " FROM organization WHERE owner_id = :owner",
        trojan=trojan.user.user_id,
        owner=trap.user.user_id,
    )

    assert await forget(auth, trap.user.email)
    assert await reset(auth, await mailed(auth, trap.user.email, "reset_password"))

    left = await auth.sql(
        "SELECT m.user_id FROM organization_member m JOIN organization o ON o.id = m.organization_id"
        " WHERE o.owner_id = :owner",
        owner=trap.user.user_id,
    )
    assert [row[0] for row in left] == [trap.user.user_id]
    assert (await auth.login(username=trojan.user.username)).user.id == trojan.user.id
