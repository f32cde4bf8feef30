"""orrery.auth.v1.OAuthClientsService and AuthorizedAppsService."""

from orrery.auth.v1 import oauth_pb2 as pb
from orrery.auth.v1 import oauth_pb2_grpc as rpc

from libs.database import SYSTEM, Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.oauth_clients import answers, operations
from services.auth.oauth_clients.repository import Clients, Consents
from services.auth.oauth_clients.rules import Registration


class OAuthClientsServicer(rpc.OAuthClientsServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def CreateOAuthClient(self, request: pb.CreateOAuthClientRequest, context: Context) -> pb.OAuthClient:
        async with self._database.transaction(caller()) as session:
            await operations.ensure_admin(session, caller())
            client, secret = await operations.create(session, caller(), registration(request, request.is_public))
            return answers.client(client, secret)

    async def ListOAuthClients(
        self, request: pb.ListOAuthClientsRequest, context: Context
    ) -> pb.ListOAuthClientsResponse:
        async with self._database.transaction(caller()) as session:
            await operations.ensure_admin(session, caller())
            rows, pagination = await Clients(session).page(caller().organization_id, request.query)
        return pb.ListOAuthClientsResponse(items=[answers.client(row) for row in rows], pagination=pagination)

    async def GetOAuthClient(self, request: pb.GetOAuthClientRequest, context: Context) -> pb.OAuthClient:
        async with self._database.transaction(caller()) as session:
            await operations.ensure_admin(session, caller())
            return answers.client(await Clients(session).get(caller().organization_id, request.client_id))

    async def UpdateOAuthClient(self, request: pb.UpdateOAuthClientRequest, context: Context) -> pb.OAuthClient:
        changes = registration(request, is_public=False)
        async with self._database.transaction(caller()) as session:
            await operations.ensure_admin(session, caller())
            updated = await operations.update(session, caller(), request.client_id, changes, version(request))
            return answers.client(updated)

    async def DeleteOAuthClient(
        self, request: pb.DeleteOAuthClientRequest, context: Context
    ) -> pb.DeleteOAuthClientResponse:
        async with self._database.transaction(SYSTEM) as session:  # over the grants of everybody who used the app
            await operations.ensure_admin(session, caller())
            await operations.remove(session, caller(), request.client_id, version(request))
        return pb.DeleteOAuthClientResponse()

    async def RotateOAuthClientSecret(
        self, request: pb.RotateOAuthClientSecretRequest, context: Context
    ) -> pb.OAuthClient:
        async with self._database.transaction(caller()) as session:
            await operations.ensure_admin(session, caller())
            client, secret = await operations.rotate_secret(session, caller(), request.client_id, version(request))
            return answers.client(client, secret)


class AuthorizedAppsServicer(rpc.AuthorizedAppsServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListAuthorizedApps(
        self, request: pb.ListAuthorizedAppsRequest, context: Context
    ) -> pb.ListAuthorizedAppsResponse:
        async with self._database.transaction(caller()) as session:
            rows, pagination = await Consents(session, caller().user_id).page(request.query)
        async with self._database.transaction(SYSTEM) as session:  # the apps are other organizations'
            shown = await Clients(session).shown([row.client_id for row in rows])
        items = [answers.app(row, shown.get(row.client_id)) for row in rows]
        return pb.ListAuthorizedAppsResponse(items=items, pagination=pagination)

    async def WithdrawAuthorizedApp(
        self, request: pb.WithdrawAuthorizedAppRequest, context: Context
    ) -> pb.WithdrawAuthorizedAppResponse:
        async with self._database.transaction(caller()) as session:
            await operations.withdraw(session, caller(), request.client_id)
        return pb.WithdrawAuthorizedAppResponse()


def registration(request: pb.CreateOAuthClientRequest | pb.UpdateOAuthClientRequest, is_public: bool) -> Registration:
    return Registration(
        name=request.name,
        redirect_uris=list(request.redirect_uris),
        post_logout_redirect_uris=list(request.post_logout_redirect_uris),
        grant_types=list(request.grant_types),
        scopes=list(request.scopes),
        is_public=is_public,
    )


def version(
    request: pb.UpdateOAuthClientRequest | pb.DeleteOAuthClientRequest | pb.RotateOAuthClientSecretRequest,
) -> int | None:
    return request.expected_version if request.HasField("expected_version") else None
