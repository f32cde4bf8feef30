"""Posting a mail and sending it, to a real mail server."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest
from sqlalchemy import text

from libs.database import SYSTEM, Database, Tenant
from libs.settings import DatabaseSettings
from services.auth.mails import Letter, post
from services.auth.mails.models import State
from tests.libs.waiting import eventually
from tests.services.auth.mails.office import posted, send, sending, smtp, state
from tests.services.auth.mails.server import Post, body, open_post

VALUES = {"username": "ada", "link": "/verify-email?token=abc"}


@pytest.fixture
def server() -> Iterator[Post]:
    with open_post() as opened:
        yield opened


@pytest.fixture
async def database(settings: DatabaseSettings) -> AsyncIterator[Database]:
    """Without mails of other tests."""
    async with Database(settings) as opened:
        async with opened.transaction(SYSTEM) as session:
            await session.execute(text("DELETE FROM mail"))
            await session.execute(text("DELETE FROM procrastinate_jobs"))
        yield opened


@pytest.fixture
def recipient() -> str:
    return f"{uuid.uuid4().hex}@example.com"


async def test_a_posted_mail_is_sent_once_and_what_it_said_is_erased(
    database: Database, server: Post, recipient: str
) -> None:
    await send(database, Letter(recipient, "verify_email", "en", VALUES))

    async with sending(database, smtp(server.url)):
        await eventually(lambda: is_state(database, recipient, State.SENT))

    [mail], [made] = await posted(database, recipient), server.taken
    assert (made["To"], made["From"]) == (recipient, "Orrery <no-reply@orrery.test>")
    assert made["Message-ID"] == f"<{mail.id}@orrery.test>"
    assert made["Subject"] == "Confirm your e-mail address"
    assert "https://app.orrery.test/verify-email?token=abc" in body(made)
    assert 'href="https://app.orrery.test/verify-email?token=abc"' in body(made, "html")
    assert mail.content is None


async def test_a_mail_of_a_transaction_that_is_rolled_back_is_not_sent(database: Database, recipient: str) -> None:
    with suppress(LookupError):
        async with database.transaction() as session:
            await post(session, Letter(recipient, "verify_email", "en", VALUES))
            raise LookupError

    assert await posted(database, recipient) == []


async def test_anybody_may_post_but_not_read_what_was_posted(database: Database, recipient: str) -> None:
    whoever = Tenant(42, str(uuid.uuid4()))
    async with database.transaction(whoever) as session:
        await post(session, Letter(recipient, "verify_email", "en", VALUES))

    async with database.transaction(whoever) as session:
        assert (await session.execute(text("SELECT id FROM mail"))).all() == []
    assert await state(database, recipient) == State.WAITING


async def test_a_server_that_is_busy_is_asked_again(database: Database, server: Post, recipient: str) -> None:
    server.refusals.append("451 later please")
    await send(database, Letter(recipient, "verify_email", "ja", VALUES))

    async with sending(database, smtp(server.url)):
        await eventually(lambda: is_state(database, recipient, State.SENT))

    assert len(server.taken) == 1
    assert server.taken[0]["Subject"] == "メールアドレスの確認"
    assert server.refusals == []


async def test_a_server_that_is_away_is_waited_for(database: Database, recipient: str) -> None:
    with open_post() as before:
        port = before.port
    await send(database, Letter(recipient, "verify_email", "en", VALUES))

    async with sending(database, smtp(f"smtp+plain://127.0.0.1:{port}")):
        await eventually(lambda: has_failed_once(database))
        with open_post(port) as after:
            await eventually(lambda: is_state(database, recipient, State.SENT))

    assert (len(before.taken), len(after.taken)) == (0, 1)


async def test_what_a_server_refuses_for_ever_is_not_sent_again(
    database: Database, server: Post, recipient: str
) -> None:
    server.refusals.append("550 no such mailbox")
    await send(database, Letter(recipient, "verify_email", "en", VALUES))

    async with sending(database, smtp(server.url)):
        await eventually(lambda: is_state(database, recipient, State.FAILED))

    [mail] = await posted(database, recipient)
    assert (mail.failure, mail.content, server.taken) == ("550 no such mailbox", None, [])


@pytest.mark.parametrize("unusable", ["a@b@c.example", "ada@-.example", "ada@exa mple.com", "<ada>@example.com", "x"])
async def test_an_address_that_no_server_takes_is_given_up(database: Database, server: Post, unusable: str) -> None:
    await send(database, Letter(unusable, "verify_email", "en", VALUES))

    async with sending(database, smtp(server.url)):
        await eventually(lambda: is_state(database, unusable, State.FAILED))

    assert server.taken == []


async def test_a_domain_of_other_letters_is_written_in_ascii(database: Database, server: Post) -> None:
    recipient = f"{uuid.uuid4().hex}@bücher.example"
    await send(database, Letter(recipient, "verify_email", "en", VALUES))

    async with sending(database, smtp(server.url)):
        await eventually(lambda: is_state(database, recipient, State.SENT))

    assert server.recipients == [recipient.replace("bücher", "xn--bcher-kva")]


async def test_a_comma_in_an_address_makes_no_second_recipient(database: Database, server: Post) -> None:
    recipient = f"a,b{uuid.uuid4().hex}@example.com"
    await send(database, Letter(recipient, "verify_email", "en", VALUES))

    async with sending(database, smtp(server.url)):
        await eventually(lambda: is_state(database, recipient, State.SENT))

    assert len(server.recipients) == 1


async def test_two_workers_send_each_mail_once(database: Database, server: Post) -> None:
    recipients = [f"{uuid.uuid4().hex}@example.com" for _ in range(20)]
    await asyncio.gather(*(send(database, Letter(one, "password_changed", "en")) for one in recipients))

    async with sending(database, smtp(server.url)), sending(database, smtp(server.url)):
        await eventually(lambda: are_sent(database, recipients))

    assert sorted(server.recipients) == sorted(recipients)


async def is_state(database: Database, recipient: str, wanted: State) -> bool:
    return await state(database, recipient) == wanted


async def are_sent(database: Database, recipients: list[str]) -> bool:
    return all([await is_state(database, one, State.SENT) for one in recipients])


async def has_failed_once(database: Database) -> bool:
    query = text("SELECT 1 FROM procrastinate_jobs WHERE (args->>'failures')::int > 0 AND status = 'todo'")
    async with database.transaction(SYSTEM) as session:
        return (await session.execute(query)).first() is not None


async def test_a_server_without_tls_gets_no_mail_where_tls_is_asked_for(
    database: Database, server: Post, recipient: str
) -> None:
    await send(database, Letter(recipient, "verify_email", "en", VALUES))

    async with sending(database, smtp(server.url.replace("smtp+plain", "smtp"))):
        await eventually(lambda: has_failed_once(database))

    assert server.taken == []
    async with sending(database, smtp(server.url)):
        await eventually(lambda: is_state(database, recipient, State.SENT))
