"""/dev/mail."""

import uuid

import pytest

from libs.database import Database
from libs.errors import NotFound
from services.auth.mails import Letter
from services.auth.mails.delivery import Mailbox
from services.auth.mails.models import State
from services.auth.mails.rpc import MailboxServicer
from tests.gateway.oauth2.provider import Provider
from tests.libs.waiting import eventually
from tests.services.auth.mails.office import APP, send, sending, state

MARK = "<script>alert(1)</script>"


@pytest.fixture
async def recipient(site: Provider) -> str:
    """Somebody whose mailbox holds an invitation."""
    database, who = site.house.database, f"{uuid.uuid4().hex}@example.com"
    values = {"organization": MARK, "inviter": "ada", "link": "/invitations/accept?token=t"}
    async with sending(database, Mailbox(APP)):
        await send(database, Letter(who, "invitation", "en", values))
        await eventually(lambda: is_kept(database, who))
    return who


async def is_kept(database: Database, recipient: str) -> bool:
    return await state(database, recipient) == State.KEPT


async def test_the_list_shows_mails_and_escapes_what_people_wrote(site: Provider, recipient: str) -> None:
    page = await site.http.get("/dev/mail")

    assert page.status_code == 200
    assert recipient in page.text
    assert MARK not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


async def test_tests_read_them_as_json(site: Provider, recipient: str) -> None:
    answer = await site.http.get("/dev/mail.json", params={"recipient": recipient})

    [mail] = answer.json()["mails"]
    assert mail["recipient"] == recipient
    assert mail["link"] == f"{APP}/invitations/accept?token=t"
    assert mail["subject"] == f"ada invites you to {MARK}"


async def test_one_mail_is_shown_with_its_link(site: Provider, recipient: str) -> None:
    [mail] = (await site.http.get("/dev/mail.json", params={"recipient": recipient})).json()["mails"]

    page = await site.http.get(f"/dev/mail/{mail['id']}")

    assert page.status_code == 200
    assert f'<a href="{APP}/invitations/accept?token=t">' in page.text
    assert MARK not in page.text


@pytest.mark.parametrize("mail_id", ["0190a8c4-6d58-7c3e-a111-0c4b5f2d9e10", "x", "..", "%00", "'"])
async def test_a_mail_that_there_is_not_is_not_found(site: Provider, mail_id: str) -> None:
    assert (await site.http.get(f"/dev/mail/{mail_id}")).status_code == 404


async def test_mails_that_wait_or_were_sent_are_not_shown(site: Provider) -> None:
    made = await site.house.register()

    answer = await site.http.get("/dev/mail.json", params={"recipient": made.user.email})

    assert answer.json() == {"mails": []}


@pytest.mark.parametrize("recipient", ["%00", "a%00@example.com", "%ff", "x" * 5000, "' OR 1=1 --"])
async def test_to_what_is_no_address_there_are_no_mails(site: Provider, recipient: str) -> None:
    answer = await site.http.get(f"/dev/mail.json?recipient={recipient}")

    assert (answer.status_code, answer.json()) == (200, {"mails": []})


async def test_it_is_in_no_document(site: Provider) -> None:
    assert "/dev/mail" not in (await site.http.get("/openapi.json")).text


async def test_where_it_is_off_nothing_is_there(site: Provider) -> None:
    off = MailboxServicer(site.house.database, is_on=False)

    with pytest.raises(NotFound):
        off.ensure_on()
