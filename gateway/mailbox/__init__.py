"""/dev/mail: the mails of a development machine, which are shown instead of sent."""

from gateway.mailbox.pages import mailbox as mailbox
