"""Apps, people and browsers, over gRPC."""

import secrets
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

from orrery.auth.v1 import oauth_pb2 as pb
from orrery.auth.v1.accounts_pb2 import SignedIn

from tests.services.auth.house import PASSWORD, VISITOR, House, Visitor

CALLBACK = "https://app.example/callback"
ALL_GRANTS = ["authorization_code", "refresh_token", "client_credentials"]
SCOPES = ["openid", "profile", "email", "media:read", "media:write"]


def verifier() -> str:
    return secrets.token_urlsafe(48)


def challenge(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()


def parameters(given: dict[str, str]) -> list[pb.Parameter]:
    return [pb.Parameter(name=name, value=value) for name, value in given.items()]


@dataclass
class App:
    """A registered app and what it asks."""

    auth: House
    admin: SignedIn
    client: pb.OAuthClient
    verifier: str = field(default_factory=verifier)

    @property
    def id(self) -> str:
        return self.client.client_id

    def request(self, **more: str) -> dict[str, str]:
        """A good authorization request but for what is given; an empty text leaves a parameter out."""
        asked = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": CALLBACK,
            "scope": "openid media:read",
            "state": "s t/a=t&e",
            "code_challenge": challenge(self.verifier),
            "code_challenge_method": "S256",
        } | more
        return {name: value for name, value in asked.items() if value}

    async def begin(self, browser: str = "", **more: str) -> pb.AuthorizeStep:
        request = pb.AuthorizeRequest(parameters=parameters(self.request(**more)), browser=browser)
        return await self.auth.call("Authorize", request, pb.AuthorizeStep)

    async def code(self, person: SignedIn, **more: str) -> str:
        """A code, after the person allowed all."""
        step, _ = await allowed(self.auth, await self.begin(**more), person)
        return answered(step)["code"]

    def authorization(self) -> str:
        """HTTP Basic."""
        pair = f"{quote_plus(self.id)}:{quote_plus(self.client.client_secret)}"
        return f"Basic {b64encode(pair.encode()).decode()}"

    async def ask(self, method: str, kind: Any, visitor: Visitor = VISITOR, **form: str) -> Any:
        """An RPC of the client, authenticated as it does."""
        confidential = self.client.HasField("client_secret")
        own = form if confidential else {"client_id": self.id, **form}
        request = pb.ClientRequest(
            parameters=parameters(own), authorization=self.authorization() if confidential else ""
        )
        return await self.auth.call(method, request, kind, visitor)

    async def token(self, visitor: Visitor = VISITOR, /, **form: str) -> pb.TokenAnswer:
        answer: pb.TokenAnswer = await self.ask("ExchangeToken", pb.TokenAnswer, visitor, **form)
        return answer

    async def redeem(self, code: str, /, **more: str) -> pb.TokenAnswer:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        asked = form | {"code_verifier": self.verifier} | more
        return await self.token(**{name: value for name, value in asked.items() if value})

    async def refresh(self, token: str, visitor: Visitor = VISITOR, **more: str) -> pb.TokenAnswer:
        return await self.token(visitor, grant_type="refresh_token", refresh_token=token, **more)

    async def tokens(self, person: SignedIn, **more: str) -> pb.TokenAnswer:
        return await self.redeem(await self.code(person, **more))

    async def introspect(self, token: str) -> pb.Introspection:
        answer: pb.Introspection = await self.ask("IntrospectToken", pb.Introspection, token=token)
        return answer

    async def revoke(self, token: str) -> None:
        await self.ask("RevokeToken", pb.RevokeTokenResponse, token=token)


async def new_app(auth: House, admin: SignedIn | None = None, **more: Any) -> App:
    """An app of a new organization, or of the one given."""
    owner = admin or await auth.register()
    asked = {"name": "Sky", "redirect_uris": [CALLBACK], "grant_types": ALL_GRANTS, "scopes": SCOPES} | more
    made = await auth.call(
        "CreateOAuthClient", pb.CreateOAuthClientRequest(**asked), pb.OAuthClient, Visitor(token=owner.token)
    )
    return App(auth, owner, made)


async def signed_in(auth: House, step: pb.AuthorizeStep, person: SignedIn, **more: Any) -> pb.AuthorizeStep:
    """What follows the sign-in page."""
    asked = {"username": person.user.username, "password": PASSWORD, "browser": step.browser} | more
    request = pb.SignInToAuthorizeRequest(request=step.request, **asked)
    return await auth.call("SignInToAuthorize", request, pb.AuthorizeStep)


async def decided(
    auth: House, step: pb.AuthorizeStep, browser: str, allow: bool = True, organization_id: str = ""
) -> pb.AuthorizeStep:
    """What follows the consent page."""
    request = pb.DecideConsentRequest(
        request=step.request, browser=browser, allow=allow, organization_id=organization_id
    )
    return await auth.call("DecideConsent", request, pb.AuthorizeStep)


async def allowed(auth: House, step: pb.AuthorizeStep, person: SignedIn) -> tuple[pb.AuthorizeStep, str]:
    """The redirect after signing in and allowing all, and the browser's cookie."""
    consent = await signed_in(auth, step, person)
    if consent.redirect:  # allowed before
        return consent, consent.browser
    assert consent.page == pb.PAGE_CONSENT
    return await decided(auth, consent, consent.browser), consent.browser


def answered(step: pb.AuthorizeStep) -> dict[str, str]:
    """The parameters that the app is sent."""
    assert step.redirect, step
    return dict(parse_qsl(urlsplit(step.redirect).query, keep_blank_values=True))
