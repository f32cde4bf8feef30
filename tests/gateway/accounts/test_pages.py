"""The pages that links in mails lead to."""

import re

import pytest

from gateway.account.pages import ACTIONS
from tests.gateway.oauth2.provider import Provider
from tests.services.auth.mails.office import posted
from tests.services.auth.recovery.desk import forget

TOKEN = "#token="


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", ACTIONS)
async def test_each_page_is_there_in_each_language_and_loads_from_here_alone(
    site: Provider, name: str, language: str
) -> None:
    page = await site.http.get(f"/account/{name}", headers={"accept-language": language})

    assert (page.status_code, page.headers["content-language"]) == (200, language)
    assert f'data-action="{ACTIONS[name]}"' in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    for loaded in re.findall(r'(?:href|src)="([^"]+)"', page.text):
        assert (await site.http.get(loaded)).status_code == 200


@pytest.mark.parametrize("name", ["nothing", "page.html", "..%2fpages.py", "words.json"])
async def test_nothing_else_is_there(site: Provider, name: str) -> None:
    assert (await site.http.get(f"/account/{name}")).status_code == 404


async def test_the_actions_are_routes(site: Provider) -> None:
    for action in ACTIONS.values():
        assert (await site.http.post(action, json={})).status_code in (400, 422)


async def test_links_of_mails_lead_to_these_pages(site: Provider) -> None:
    made = await site.house.register()
    await forget(site.house, made.user.email)

    mails = await posted(site.house.database, made.user.email)

    links = [str((mail.content or {})["link"]).partition(TOKEN)[0] for mail in mails]
    assert links == ["/account/verify-email", "/account/reset-password"]
    for link in links:
        assert (await site.http.get(link)).status_code == 200


async def test_whoever_was_invited_joins_from_the_page_that_their_mail_leads_to(site: Provider) -> None:
    page = (await site.http.get("/account/join")).text

    fields = re.findall(r"<input[^>]* name=\"(\w+)\"", page)
    answer = await site.http.post("/api/v1/auth/register", json=dict.fromkeys(fields, "x") | {"invitation_token": "x"})

    assert 'data-token="invitation_token"' in page
    assert set(fields) >= {"email", "username", "password"}
    assert {broken["field"] for broken in answer.json()["validation_errors"]} == {"email", "username", "password"}
