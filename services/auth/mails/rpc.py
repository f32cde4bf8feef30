"""orrery.auth.v1.MailboxService."""

from uuid import UUID

from orrery.auth.v1 import mailbox_pb2 as pb
from orrery.auth.v1 import mailbox_pb2_grpc as rpc

from libs.database import SYSTEM, Database
from libs.rpc.handlers import Context
from services.auth.fields import given
from services.auth.mails.errors import MailboxOff, MailNotFound
from services.auth.mails.models import Mail
from services.auth.mails.repository import Mails


class MailboxServicer(rpc.MailboxServiceServicer):
    """Where the mailbox is off, nothing is there."""

    def __init__(self, database: Database, *, is_on: bool) -> None:
        self._database, self._is_on = database, is_on

    async def ListMails(self, request: pb.ListMailsRequest, context: Context) -> pb.ListMailsResponse:
        self.ensure_on()
        recipient = given(request, "recipient")
        if recipient and "\0" in recipient:  # no address has one, and PostgreSQL takes none
            return pb.ListMailsResponse()
        async with self._database.transaction(SYSTEM) as session:
            mails = await Mails(session).kept(recipient)
        return pb.ListMailsResponse(mails=[to_proto(mail) for mail in mails])

    async def GetMail(self, request: pb.GetMailRequest, context: Context) -> pb.Mail:
        self.ensure_on()
        async with self._database.transaction(SYSTEM) as session:
            mail = await Mails(session).kept_one(parsed(request.mail_id))
        if mail is None:
            raise MailNotFound
        return to_proto(mail)

    def ensure_on(self) -> None:
        """Raises MailboxOff."""
        if not self._is_on:
            raise MailboxOff


def parsed(mail_id: str) -> UUID:
    """Raises MailNotFound for what is no id."""
    try:
        return UUID(mail_id)
    except ValueError:
        raise MailNotFound from None


def to_proto(mail: Mail) -> pb.Mail:
    made = pb.Mail(id=str(mail.id), recipient=mail.recipient, template=mail.template, **(mail.content or {}))
    made.created_at.FromDatetime(mail.created_at)
    return made
