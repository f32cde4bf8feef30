"""orrery.auth.v1.AccountsService."""

from orrery.auth.v1 import accounts_pb2 as pb
from orrery.auth.v1 import accounts_pb2_grpc as rpc

from libs.database import Database
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.accounts import answers, operations, registration, repository
from services.auth.accounts.operations import Changes
from services.auth.accounts.passwords import Passwords
from services.auth.accounts.rules import Applicant, PasswordRules, admit
from services.auth.fields import given
from services.auth.invitations.rules import ticket
from services.auth.organizations.operations import Charter
from services.auth.organizations.rules import charter
from services.auth.sessions.answers import signed_in
from services.auth.sessions.client import Client
from services.auth.sessions.tokens import AccessTokens


class AccountsServicer(rpc.AccountsServiceServicer):
    def __init__(
        self, database: Database, passwords: Passwords, tokens: AccessTokens, *, refuse_frequent: bool
    ) -> None:
        self._database, self._passwords, self._tokens = database, passwords, tokens
        self._rules = PasswordRules(refuse_frequent)
        self._tenant_rules = PasswordRules(refuse_frequent, mixed=True)

    async def Register(self, request: pb.RegisterRequest, context: Context) -> pb.SignedIn:
        said = given(request, "display_name"), given(request, "language")
        applicant = admit(Applicant(request.username, request.email, request.password, *said), self._rules)
        personal = Charter(applicant.username, is_personal=True)
        entry = await registration.register(self._database, self._passwords, applicant, personal, Client.of(caller()))
        return signed_in(entry, self._tokens.issue(entry))

    async def RegisterTenantUser(self, request: pb.RegisterTenantUserRequest, context: Context) -> pb.TenantUser:
        said = request.username, request.email, request.password, None, given(request, "language")
        applicant = admit(Applicant(*said), self._tenant_rules)
        way = ticket(request) or charter(
            applicant.username, given(request, "tenant_name"), given(request, "tenant_domain")
        )
        client = Client.of(caller())
        holder = await registration.register_tenant(self._database, self._passwords, applicant, way, client)
        return answers.new_tenant_user(holder)

    async def GetMe(self, request: pb.GetMeRequest, context: Context) -> pb.Account:
        return answers.account(await repository.me(self._database, caller()))

    async def GetTenantUser(self, request: pb.GetTenantUserRequest, context: Context) -> pb.TenantUser:
        return answers.tenant_user(await repository.tenant_user(self._database, caller()))

    async def UpdateMe(self, request: pb.UpdateMeRequest, context: Context) -> pb.Account:
        changes = Changes(given(request, "username"), given(request, "display_name"))
        async with self._database.transaction(caller()) as session:
            return answers.account(await operations.update(session, caller().user_id, changes))
