"""What an ID token leaves out, the issuer may tell at its UserInfo endpoint."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.services.auth.house import House, claims
from tests.services.auth.sso.journey import Journey, person


def with_user_info(journey: Journey) -> None:
    """Let the issuer's description name its UserInfo endpoint, and the service read it anew."""
    journey.issuer.metadata = {"userinfo_endpoint": f"{journey.issuer.url}/userinfo"}
    assert journey.house.trusted
    known = journey.house.trusted.issuers["acme"]
    known._taken = known._asked = -float("inf")


def telling(**claims: Any) -> Any:
    async def page(request: Request) -> Response:
        assert request.headers["authorization"].startswith("Bearer ")
        return JSONResponse(claims)

    return page


async def test_what_an_id_token_leaves_out_is_asked_for(journey: Journey, sso: House) -> None:
    who = person(groups=None, email=None)
    email = f"{who['preferred_username']}@example.com"
    more = {"sub": who["sub"], "email": email, "groups": ["/admins"], "preferred_username": "not this one"}
    journey.issuer.pages["/userinfo"] = telling(**more)
    with_user_info(journey)

    pair = await journey.enter(**who)

    me = await sso.me(pair.access_token)
    assert (me.username, me.email, claims(pair.access_token)["roles"]) == (who["preferred_username"], email, ["ADMIN"])


async def test_what_is_said_of_somebody_else_is_refused(journey: Journey) -> None:
    journey.issuer.pages["/userinfo"] = telling(sub="another", email="another@example.com", email_verified=True)
    with_user_info(journey)

    for said in (journey.issuer.pages["/userinfo"], telling(email="x@example.com")):
        journey.issuer.pages["/userinfo"] = said
        assert (await journey.through(**person(email=None)))["error_reason"] == "SSO_ANSWER_REFUSED"


async def test_an_id_token_that_says_all_costs_no_further_question(journey: Journey) -> None:
    with_user_info(journey)

    await journey.enter(**person())

    assert "/userinfo" not in journey.issuer.hits
