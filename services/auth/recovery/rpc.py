"""orrery.auth.v1.EmailsService and PasswordsService."""

from uuid import UUID

from orrery.auth.v1 import recovery_pb2 as pb
from orrery.auth.v1 import recovery_pb2_grpc as rpc

from libs.database import SYSTEM
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.accounts.rules import email_violations, normal_email
from services.auth.fields import refuse
from services.auth.recovery import emails, operations, passwords
from services.auth.recovery.errors import MailedTokenUnusable
from services.auth.recovery.passwords import Desk
from services.auth.recovery.tasks import defer_reset
from services.auth.sessions.client import Client


class EmailsServicer(rpc.EmailsServiceServicer):
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def VerifyEmail(self, request: pb.VerifyEmailRequest, context: Context) -> pb.VerifyEmailResponse:
        async with self._desk.database.transaction(SYSTEM) as session:
            is_proven = await operations.prove(session, request.token)
        if not is_proven:
            raise MailedTokenUnusable
        return pb.VerifyEmailResponse(success=True)

    async def SendVerification(
        self, request: pb.SendVerificationRequest, context: Context
    ) -> pb.SendVerificationResponse:
        await emails.send_again(self._desk.database, caller().user_id)
        return pb.SendVerificationResponse(success=True)

    async def ChangeEmail(self, request: pb.ChangeEmailRequest, context: Context) -> pb.ChangeEmailResponse:
        email = normal_email(request.email)
        refuse(*email_violations(email))
        await emails.change(self._desk, caller().user_id, email, request.password, Client.of(caller()))
        return pb.ChangeEmailResponse(success=True)


class PasswordsServicer(rpc.PasswordsServiceServicer):
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def ChangePassword(self, request: pb.ChangePasswordRequest, context: Context) -> pb.ChangePasswordResponse:
        own, client = UUID(caller().session_id), Client.of(caller())
        words = request.current_password, request.new_password
        await passwords.change(self._desk, caller().user_id, own, *words, client)
        return pb.ChangePasswordResponse(success=True)

    async def ForgotPassword(self, request: pb.ForgotPasswordRequest, context: Context) -> pb.ForgotPasswordResponse:
        """The same work for every address: one job, whose outcome nobody sees here."""
        email = normal_email(request.email)
        refuse(*email_violations(email))
        async with self._desk.database.transaction(SYSTEM) as session:
            await defer_reset(session, email)
        return pb.ForgotPasswordResponse(success=True)

    async def ResetPassword(self, request: pb.ResetPasswordRequest, context: Context) -> pb.ResetPasswordResponse:
        await passwords.reset(self._desk, request.token, request.password, Client.of(caller()))
        return pb.ResetPasswordResponse(success=True)

    async def ReplacePassword(self, request: pb.ReplacePasswordRequest, context: Context) -> pb.ReplacePasswordResponse:
        words = request.password, request.new_password
        await passwords.replace(self._desk, request.username, *words, Client.of(caller()))
        return pb.ReplacePasswordResponse(success=True)
