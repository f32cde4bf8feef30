"""orrery.auth.v1.PasskeysService."""

from orrery.auth.v1 import accounts_pb2
from orrery.auth.v1 import passkeys_pb2 as pb
from orrery.auth.v1 import passkeys_pb2_grpc as rpc
from orrery.types.v1.types_pb2 import RawJson

from libs.database import SYSTEM, Database
from libs.errors import Refusal
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.fields import given
from services.auth.moments import rfc3339
from services.auth.passkeys import login, operations
from services.auth.passkeys.documents import ASSERTION, REGISTRATION, Answer, spelled
from services.auth.passkeys.models import Passkey
from services.auth.passkeys.party import RelyingParty
from services.auth.passkeys.repository import Passkeys
from services.auth.sessions.answers import signed_in
from services.auth.sessions.client import Client
from services.auth.sessions.tokens import AccessTokens


class PasskeysServicer(rpc.PasskeysServiceServicer):
    def __init__(self, database: Database, tokens: AccessTokens, party: RelyingParty) -> None:
        self._database, self._tokens, self._party = database, tokens, party

    async def BeginPasskeyRegistration(
        self, request: pb.BeginPasskeyRegistrationRequest, context: Context
    ) -> pb.PasskeyOptions:
        async with self._database.transaction(caller()) as session:
            options = await operations.ask(session, self._party, caller().user_id)
        return pb.PasskeyOptions(public_key=RawJson(json=options))

    async def RegisterPasskey(self, request: pb.RegisterPasskeyRequest, context: Context) -> pb.RegisterPasskeyResponse:
        answer = Answer.read(request.credential.json, REGISTRATION)
        async with self._database.transaction(caller()) as session:
            kept = await operations.register(session, self._party, caller(), answer, given(request, "name"))
        if isinstance(kept, Refusal):
            raise kept
        return pb.RegisterPasskeyResponse(credential=to_proto(kept))

    async def BeginPasskeyLogin(self, request: pb.BeginPasskeyLoginRequest, context: Context) -> pb.PasskeyOptions:
        async with self._database.transaction(SYSTEM) as session:
            options = await login.ask(session, self._party)
        return pb.PasskeyOptions(public_key=RawJson(json=options))

    async def LoginByPasskey(self, request: pb.LoginByPasskeyRequest, context: Context) -> accounts_pb2.SignedIn:
        answer = Answer.read(request.credential.json, ASSERTION)
        entry = await login.sign_in(self._database, self._party, answer, Client.of(caller()))
        return signed_in(entry, self._tokens.issue(entry))

    async def ListPasskeys(self, request: pb.ListPasskeysRequest, context: Context) -> pb.ListPasskeysResponse:
        async with self._database.transaction(caller()) as session:
            found = await Passkeys(session).of(caller().user_id)
        return pb.ListPasskeysResponse(credentials=[to_proto(one) for one in found])

    async def RenamePasskey(self, request: pb.RenamePasskeyRequest, context: Context) -> pb.RenamePasskeyResponse:
        async with self._database.transaction(caller()) as session:
            renamed = await operations.rename(session, caller(), request.credential_id, request.name)
        return pb.RenamePasskeyResponse(credential=to_proto(renamed))

    async def RemovePasskey(self, request: pb.RemovePasskeyRequest, context: Context) -> pb.RemovePasskeyResponse:
        async with self._database.transaction(caller()) as session:
            await operations.remove(session, caller(), request.credential_id)
        return pb.RemovePasskeyResponse(success=True)


def to_proto(one: Passkey) -> pb.Passkey:
    return pb.Passkey(
        credential_id=spelled(one.credential_id),
        name=one.name,
        aaguid=str(one.aaguid),
        transports=one.transports,
        is_backed_up=one.is_backed_up,
        created_at=rfc3339(one.created_at),
        last_used_at=rfc3339(one.last_used_at) if one.last_used_at else None,
    )
