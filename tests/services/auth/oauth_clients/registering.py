"""Calls of OAuthClientsService."""

from typing import Any

from orrery.auth.v1 import oauth_pb2 as pb

from tests.services.auth.house import House, Visitor

CALLBACK = "https://app.example/callback"


def asked(**more: Any) -> pb.CreateOAuthClientRequest:
    """A registration that is taken, but for what is given."""
    given = {
        "name": "Sky",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "scopes": ["openid", "media:read"],
    }
    return pb.CreateOAuthClientRequest(**(given | more))


async def registered(auth: House, visitor: Visitor, **more: Any) -> pb.OAuthClient:
    return await auth.call("CreateOAuthClient", asked(**more), pb.OAuthClient, visitor)


async def listed(auth: House, visitor: Visitor) -> list[str]:
    """The ids of the apps that somebody sees."""
    answer = await auth.call("ListOAuthClients", pb.ListOAuthClientsRequest(), pb.ListOAuthClientsResponse, visitor)
    return [one.client_id for one in answer.items]
