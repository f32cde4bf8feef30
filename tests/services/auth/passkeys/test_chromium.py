"""Passkeys by a browser that is not ours: Chromium makes them on a page of the site, and signs in by them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from libs.errors import Invalid, Unauthenticated
from libs.settings import DatabaseSettings
from services.auth.passkeys.party import RelyingParty
from tests.services.auth.house import House, open_house
from tests.services.auth.passkeys.chromium import Browser, PageRefused, empty_site, running
from tests.services.auth.passkeys.people import enter, login_options, person
from tools.stack.errors import StackError
from tools.stack.install import apt
from tools.stack.layout import SETTINGS

pytestmark = pytest.mark.timeout(600)  # the browser may have to be fetched


@pytest.fixture(scope="module")
def program() -> str:
    """The browser's command."""
    try:
        apt.ensure(SETTINGS["debian_browser"])
    except StackError as missing:
        pytest.skip(f"no Chromium on this machine: {missing} {missing.advice}")
    return str(next(iter(SETTINGS["debian_browser"])))


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """An origin."""
    with empty_site() as port:
        yield f"http://localhost:{port}"


@pytest.fixture(scope="module")
async def browser(program: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    async with running(program, tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture(scope="module")
async def auth(settings: DatabaseSettings, site: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A deployment whose public URL is an address, as on a machine of its own."""
    party = RelyingParty.of(site.replace("localhost", "127.0.0.1"))
    async with open_house(settings, tmp_path_factory.mktemp("keys"), party=party) as house:
        yield house


async def test_a_passkey_is_made_and_signs_in_again_and_again(auth: House, browser: Browser, site: str) -> None:
    ada, page = await person(auth), await browser.open(site + "/")

    kept = await ada.verify(await page.create(await ada.options()), name="Chromium")
    for _ in range(2):
        entered = await enter(auth, await page.get(await login_options(auth)))
        assert entered.user == ada.signed_in.user

    [credential] = await page.credentials()
    assert credential["isResidentCredential"]
    assert credential["rpId"] == "localhost"
    assert (kept.name, list(kept.transports)) == ("Chromium", ["internal"])
    assert [one.credential_id for one in await ada.passkeys()] == [kept.credential_id]


async def test_an_answer_is_good_once(auth: House, browser: Browser, site: str) -> None:
    ada, page = await person(auth), await browser.open(site + "/")
    await ada.verify(await page.create(await ada.options()))
    document = await page.get(await login_options(auth))
    await enter(auth, document)

    with pytest.raises(Invalid) as refused:
        await enter(auth, document)

    assert refused.value.reason == "CHALLENGE_REFUSED"


async def test_a_device_makes_no_second_passkey_for_a_person(auth: House, browser: Browser, site: str) -> None:
    ada, page = await person(auth), await browser.open(site + "/")
    await ada.verify(await page.create(await ada.options()))

    with pytest.raises(PageRefused, match="InvalidStateError"):
        await page.create(await ada.options())


async def test_a_device_that_cannot_verify_its_user_makes_none(auth: House, browser: Browser, site: str) -> None:
    ada, page = await person(auth), await browser.open(site + "/")
    await page.verifies_its_user(False)

    with pytest.raises(PageRefused, match="NotAllowedError"):
        await page.create(await ada.options())


async def test_another_site_of_the_same_domain_is_refused(auth: House, browser: Browser, site: str) -> None:
    ada, page = await person(auth), await browser.open(site + "/")
    await ada.verify(await page.create(await ada.options()))

    with empty_site() as port:
        other = await browser.open(f"http://localhost:{port}/")
        document = await other.create(await ada.options())

    with pytest.raises(Invalid) as refused:
        await ada.verify(document)
    assert refused.value.reason == "PASSKEY_NOT_VERIFIED"


async def test_a_page_at_an_address_is_refused_by_the_browser(auth: House, browser: Browser, site: str) -> None:
    ada, page = await person(auth), await browser.open(site.replace("localhost", "127.0.0.1") + "/")

    with pytest.raises(PageRefused, match="SecurityError"):
        await page.create(await ada.options())


async def test_a_removed_passkey_of_the_browser_signs_nobody_in(auth: House, browser: Browser, site: str) -> None:
    ada, page = await person(auth), await browser.open(site + "/")
    await ada.verify(await page.create(await ada.options()))
    await auth.sql("DELETE FROM passkey WHERE user_id = :id", id=ada.user_id)

    with pytest.raises(Unauthenticated) as refused:
        await enter(auth, await page.get(await login_options(auth)))

    assert refused.value.reason == "PASSKEY_REFUSED"


def test_the_profile_of_a_site_is_its_own() -> None:
    assert RelyingParty.of("https://api.example.com/base") == RelyingParty(
        "api.example.com", "Orrery", ("https://api.example.com",)
    )
    assert RelyingParty.of("http://[::1]:8080").origins == ("http://localhost:8080",)
    assert RelyingParty.of(
        "https://api.example.com", name="Shop", id="example.com", origins="https://example.com/, https://a.example.com"
    ) == RelyingParty("example.com", "Shop", ("https://example.com", "https://a.example.com"))
