"""A browser's way through an issuer, as the gateway sees it."""

import uuid
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from orrery.auth.sso.v1.events_pb2 import SsoSignInRefused
from orrery.auth.v1 import sso_pb2 as pb
from orrery.auth.v1.sessions_pb2 import TokenPair
from orrery.identity.v1.identity_pb2 import Credential, Identity

from libs.rpc import Passage
from tests.services.auth.house import VISITOR, House, Visitor
from tests.services.auth.sso.issuer import Issuer

APP, LANDING = "https://app.example.com/signed-in?from=orrery", "https://app.example.com/"


def person(**more: Any) -> dict[str, Any]:
    """Somebody new at the issuer."""
    name = f"ada_{uuid.uuid4().hex[:12]}"
    told = {
        "sub": uuid.uuid4().hex,
        "preferred_username": name,
        "email": f"{name}@example.com",
        "email_verified": True,
        "name": "Ada Lovelace",
        "groups": ["/staff"],
        "amr": ["pwd", "otp"],
    }
    return told | more


@dataclass
class Journey:
    """Sign-ins at one provider."""

    house: House
    issuer: Issuer
    provider: str = "acme"

    def at(self, provider: str, issuer: Issuer | None = None) -> "Journey":
        return replace(self, provider=provider, issuer=issuer or self.issuer)

    async def begin(self, **more: Any) -> pb.SsoSignIn:
        asked = pb.BeginSsoSignInRequest(provider=self.provider, **({"redirect_uri": APP} | more))
        return await self.house.call("BeginSsoSignIn", asked, pb.SsoSignIn)

    async def finish(self, begun: pb.SsoSignIn, answer: dict[str, str]) -> dict[str, str]:
        """What the app is told by the redirect, under `to` where it goes."""
        told = {"provider": self.provider, "browser_secret": begun.browser_secret, **answer}
        found = await self.house.call("FinishSsoSignIn", pb.FinishSsoSignInRequest(**told), pb.SsoRedirect)
        parts = urlsplit(found.location)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return {**said, "to": f"{parts.scheme}://{parts.netloc}{parts.path}"}

    async def through(self, *, begin: dict[str, Any] | None = None, **claims: Any) -> dict[str, str]:
        """Off to the issuer and back, as a person of these claims."""
        begun = await self.begin(**(begin or {}))
        return await self.finish(begun, self.issuer.authorize(begun.authorization_url, **claims))

    async def exchange(self, code: str, visitor: Visitor = VISITOR, **more: str) -> TokenPair:
        return await self.house.call(
            "ExchangeSsoCode", pb.ExchangeSsoCodeRequest(code=code, **more), TokenPair, visitor
        )

    async def enter(self, **claims: Any) -> TokenPair:
        """Sign in as a person of these claims."""
        told = await self.through(**claims)
        assert "code" in told, told
        return await self.exchange(told["code"])

    async def identify(self, token: str) -> pb.IdentifiedBearer:
        """As the gateway asks."""
        gateway = Identity(subject="gateway", credential=Credential.CREDENTIAL_SERVICE, address="198.51.100.7")
        passage = Passage(self.house.signer.sign(gateway))
        found = await self.house.calls["IdentifyBearer"](pb.IdentifyBearerRequest(token=token), passage)
        assert isinstance(found, pb.IdentifiedBearer)
        return found

    async def log_out(self, **claims: Any) -> int:
        """Tell of a logout over the back channel; how many sessions ended."""
        token = claims.pop("token", None) or self.issuer.logout_token(**claims)
        told = pb.ReceiveSsoLogoutRequest(provider=self.provider, logout_token=token)
        return (await self.house.call("ReceiveSsoLogout", told, pb.ReceiveSsoLogoutResponse)).ended


async def refusals(house: House) -> list[str]:
    """The reasons of all that were told."""
    rows = await house.staged(SsoSignInRefused)
    return [SsoSignInRefused.FromString(row.payload).reason for row in rows]
