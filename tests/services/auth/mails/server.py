"""A mail server (aiosmtpd) that keeps what it takes and refuses what it is told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tools.stack import ports


@dataclass
class Post:
    """What came, and the answers still to be given instead of taking a mail."""

    port: int = 0
    refusals: list[str] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        self.recipients += envelope.rcpt_tos
        made = message_from_bytes(content, policy=POLICY)
        assert isinstance(made, EmailMessage)
        self.taken.append(made)
        return "250 taken"

    @property
    def url(self) -> str:
        return f"smtp+plain://127.0.0.1:{self.port}"


@contextmanager
def open_post(port: int = 0) -> Iterator[Post]:
    """A server in a thread of its own, to the block's end; port 0 takes a free one."""
    post = Post(port=port or ports.free())
    controller = Controller(post, hostname="127.0.0.1", port=post.port)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


def body(made: EmailMessage, kind: str = "plain") -> str:
    part = made.get_body((kind,))
    assert part is not None
    text = part.get_content()
    assert isinstance(text, str)
    return text
