"""GetOAuthClient, UpdateOAuthClient, RotateOAuthClientSecret, DeleteOAuthClient."""

from typing import Any

import pytest
from google.protobuf.message import Message
from orrery.auth.oauth.v1.events_pb2 import ClientDeleted, ClientUpdated
from orrery.auth.v1 import oauth_pb2 as pb

from libs.errors import Conflict, Invalid, NotFound, Precondition
from tests.services.auth.house import House, Visitor
from tests.services.auth.oauth_clients.registering import listed, registered


async def get(auth: House, visitor: Visitor, client_id: str) -> pb.OAuthClient:
    return await auth.call("GetOAuthClient", pb.GetOAuthClientRequest(client_id=client_id), pb.OAuthClient, visitor)


async def update(auth: House, visitor: Visitor, client_id: str, **changes: Any) -> pb.OAuthClient:
    request = pb.UpdateOAuthClientRequest(client_id=client_id, **changes)
    return await auth.call("UpdateOAuthClient", request, pb.OAuthClient, visitor)


async def test_what_is_not_sent_stays(auth: House, visitor: Visitor) -> None:
    made = await registered(auth, visitor)

    await update(auth, visitor, made.client_id, name="Sea", scopes=["email", "openid"])

    changed = await get(auth, visitor, made.client_id)
    assert (changed.name, list(changed.scopes), changed.version) == ("Sea", ["openid", "email"], 2)
    assert list(changed.redirect_uris) == list(made.redirect_uris)
    assert not changed.HasField("client_secret")


async def test_a_change_of_nothing_is_silent(auth: House, visitor: Visitor) -> None:
    made = await registered(auth, visitor)

    assert (await update(auth, visitor, made.client_id, name="Sky")).version == 1

    assert [row for row in await auth.staged(ClientUpdated) if row.key == made.client_id] == []


async def test_a_change_is_held_to_the_rules_of_the_whole(auth: House, visitor: Visitor) -> None:
    made = await registered(auth, visitor, is_public=True)

    with pytest.raises(Invalid):
        await update(auth, visitor, made.client_id, grant_types=["client_credentials"])


async def test_an_outdated_version_changes_nothing(auth: House, visitor: Visitor) -> None:
    made = await registered(auth, visitor)
    await update(auth, visitor, made.client_id, name="Sea", expected_version=1)

    with pytest.raises(Precondition):
        await update(auth, visitor, made.client_id, name="Lake", expected_version=1)

    assert (await get(auth, visitor, made.client_id)).name == "Sea"


async def test_a_rotated_secret_is_another(auth: House, visitor: Visitor) -> None:
    made = await registered(auth, visitor)

    request = pb.RotateOAuthClientSecretRequest(client_id=made.client_id)
    rotated = await auth.call("RotateOAuthClientSecret", request, pb.OAuthClient, visitor)

    assert rotated.client_secret not in ("", made.client_secret)


async def test_a_public_client_has_nothing_to_rotate(auth: House, visitor: Visitor) -> None:
    made = await registered(auth, visitor, is_public=True)

    request = pb.RotateOAuthClientSecretRequest(client_id=made.client_id)
    with pytest.raises(Conflict):
        await auth.call("RotateOAuthClientSecret", request, pb.OAuthClient, visitor)


async def test_a_deleted_client_is_gone(auth: House, visitor: Visitor) -> None:
    made = await registered(auth, visitor)

    request = pb.DeleteOAuthClientRequest(client_id=made.client_id)
    await auth.call("DeleteOAuthClient", request, pb.DeleteOAuthClientResponse, visitor)

    assert await listed(auth, visitor) == []
    assert len([row for row in await auth.staged(ClientDeleted) if row.key == made.client_id]) == 1


WAYS: list[tuple[str, type[Message], type[Message]]] = [
    ("GetOAuthClient", pb.GetOAuthClientRequest, pb.OAuthClient),
    ("UpdateOAuthClient", pb.UpdateOAuthClientRequest, pb.OAuthClient),
    ("RotateOAuthClientSecret", pb.RotateOAuthClientSecretRequest, pb.OAuthClient),
    ("DeleteOAuthClient", pb.DeleteOAuthClientRequest, pb.DeleteOAuthClientResponse),
]


@pytest.mark.parametrize(("method", "request_type", "answer"), WAYS, ids=str)
async def test_another_organizations_client_is_not_there(
    auth: House, visitor: Visitor, method: str, request_type: Any, answer: type[Message]
) -> None:
    made = await registered(auth, visitor)
    stranger = Visitor(token=(await auth.register()).token)

    with pytest.raises(NotFound):
        await auth.call(method, request_type(client_id=made.client_id), answer, stranger)

    assert await listed(auth, stranger) == []
    assert await listed(auth, visitor) == [made.client_id]


@pytest.mark.parametrize("client_id", ["", "x", "0", "00000000-0000-0000-0000-000000000000", "' OR 1=1", "\u0000"])
async def test_an_id_that_is_none_is_not_there(auth: House, visitor: Visitor, client_id: str) -> None:
    with pytest.raises(NotFound):
        await get(auth, visitor, client_id)
