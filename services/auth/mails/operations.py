"""What can be done with mails."""

from uuid import uuid4

from libs.database import Session
from libs.jobs import defer
from services.auth.mails.letters import Letter
from services.auth.mails.repository import Mails

QUEUE = "mails"
SEND = "send_mail"


async def post(session: Session, letter: Letter) -> None:
    """Stage a mail; it is sent if, and only if, the transaction commits."""
    mail_id = uuid4()
    await Mails(session).add(mail_id, letter.to, letter.template, letter.language, letter.values)
    await defer(session, SEND, {"mail_id": str(mail_id)}, queue=QUEUE)
