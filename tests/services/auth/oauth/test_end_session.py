"""EndSession: RP-initiated logout."""

import pytest
from orrery.auth.v1 import oauth_pb2 as pb
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.services.auth.house import House
from tests.services.auth.oauth.flow import App, allowed, answered, new_app, parameters

GOODBYE = "https://app.example/bye"


@pytest.fixture
async def app(auth: House) -> App:
    return await new_app(auth, post_logout_redirect_uris=[GOODBYE])


async def end(auth: House, browser: str, request: str = "", **given: str) -> pb.AuthorizeStep:
    asked = pb.EndSessionRequest(parameters=parameters(given), browser=browser, request=request)
    return await auth.call("EndSession", asked, pb.AuthorizeStep)


async def entered(auth: House, app: App, person: SignedIn) -> tuple[str, str]:
    """The browser's cookie, and the app's id token."""
    step, browser = await allowed(auth, await app.begin(), person)
    return browser, (await app.redeem(answered(step)["code"])).id_token


async def is_signed_in(app: App, browser: str) -> bool:
    return (await app.begin(browser)).page != pb.PAGE_SIGN_IN


async def test_with_the_persons_id_token_an_app_signs_them_out(auth: House, app: App, person: SignedIn) -> None:
    browser, token = await entered(auth, app, person)

    step = await end(auth, browser, id_token_hint=token, post_logout_redirect_uri=GOODBYE, state="s")

    assert step.redirect == GOODBYE + "?state=s"
    assert not await is_signed_in(app, browser)


@pytest.mark.parametrize("hint", ["", "junk", "a.b.c"])
async def test_without_it_the_person_is_asked(auth: House, app: App, person: SignedIn, hint: str) -> None:
    browser, _ = await entered(auth, app, person)

    page = await end(auth, browser, client_id=app.id, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    assert (page.page, page.account) == (pb.PAGE_SIGN_OUT, person.user.username)
    assert await is_signed_in(app, browser)

    assert (await end(auth, browser, page.request)).redirect == GOODBYE
    assert not await is_signed_in(app, browser)


async def test_anothers_id_token_is_no_proof(auth: House, app: App, person: SignedIn) -> None:
    browser, _ = await entered(auth, app, person)
    _, others = await entered(auth, app, await auth.register())

    assert (await end(auth, browser, id_token_hint=others)).page == pb.PAGE_SIGN_OUT


async def test_an_access_token_is_no_id_token(auth: House, app: App, person: SignedIn) -> None:
    browser, _ = await entered(auth, app, person)
    access = (await app.tokens(person)).access_token

    assert (await end(auth, browser, id_token_hint=access)).page == pb.PAGE_SIGN_OUT


@pytest.mark.parametrize("uri", ["https://evil.example/", GOODBYE + "/", "https://app.example/callback"])
async def test_nobody_is_sent_where_the_app_did_not_register(auth: House, app: App, person: SignedIn, uri: str) -> None:
    browser, token = await entered(auth, app, person)

    step = await end(auth, browser, id_token_hint=token, post_logout_redirect_uri=uri)

    assert (step.page, step.redirect) == (pb.PAGE_ERROR, "")
    assert await is_signed_in(app, browser)


async def test_another_browsers_answer_signs_nobody_out(auth: House, app: App, person: SignedIn) -> None:
    browser, _ = await entered(auth, app, person)
    his, _ = await entered(auth, app, await auth.register())
    forged = await end(auth, his)

    assert (await end(auth, browser, forged.request)).page == pb.PAGE_ERROR
    assert await is_signed_in(app, browser)


async def test_who_is_signed_out_already_is_told_so(auth: House, app: App) -> None:
    assert (await end(auth, "")).page == pb.PAGE_SIGNED_OUT
    assert (await end(auth, "", client_id=app.id, post_logout_redirect_uri=GOODBYE)).redirect == GOODBYE
