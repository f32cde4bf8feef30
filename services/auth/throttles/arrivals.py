"""Where people sign in from: remembered, and told to them where it is new."""

from datetime import UTC, datetime

from libs.database import Session
from services.auth.accounts.holder import Me
from services.auth.mails import Letter, post
from services.auth.sessions.client import Client
from services.auth.throttles import places
from services.auth.throttles.repository import Places, mailing

UNKNOWN = "?"


async def note(session: Session, account: Me, client: Client) -> None:
    """Remember that the person signed in here; tell them by mail where neither here nor nearby they did before.

    Nobody is told of their first place, nor at an address that they have not proven.
    """
    place, network = places.place(client.address), places.network(client.address)
    if place is None or network is None:
        return
    was_near = await Places(session).arrive(account.user_id, place, network)
    if was_near is False and (reader := await mailing(session, account.user_id)):
        values = {
            "username": account.username,
            "address": client.spelled,
            "user_agent": client.user_agent or UNKNOWN,
            "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        }
        await post(session, Letter(reader.email, "sign_in_from_new_place", reader.language, values))
