"""Linking: to the platform's page with a state, and back with a code.

A state is used up before the platform is asked, so that a callback that is repeated asks nobody. No transaction is open
while a platform answers.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from orrery.auth.platforms.v1 import events_pb2 as events

from libs import outbox
from libs.database import SYSTEM, Database, Session
from libs.database.tenant import Caller
from services.auth.platforms import linked
from services.auth.platforms.directory import Directory
from services.auth.platforms.errors import (
    ChannelMissing,
    CodeRefused,
    PermissionMissing,
    PlatformTokenRefused,
    RedirectRefused,
    StateRefused,
)
from services.auth.platforms.models import PlatformState
from services.auth.platforms.oauth import Channel, Client, GrantRefused, Profile, Tokens
from services.auth.platforms.repository import States
from services.auth.sealing import Sealer

STATE_LIFE = timedelta(minutes=10)
STATE_BYTES, VERIFIER_BYTES = 32, 48
OBJECTIONS = {CodeRefused: "code", PermissionMissing: "permission", ChannelMissing: "channel"}


@dataclass(frozen=True, slots=True)
class Callback:
    """What came back with a browser; a public one answers its tokens instead of keeping them."""

    platform: str
    code: str
    state: str
    is_public: bool = False


class Linking:
    """The way to a platform and back, for whoever calls."""

    def __init__(self, database: Database, sealer: Sealer, directory: Directory) -> None:
        self._database, self._sealer, self._directory = database, sealer, directory

    async def authorize(self, platform: str, redirect_uri: str | None, caller: Caller) -> tuple[str, str]:
        """The platform's page and the state. Raises RedirectRefused, and what Directory.client raises."""
        client, page = self._directory.client(platform), self._page(redirect_uri)
        state, key_id = secrets.token_urlsafe(STATE_BYTES), uuid4()
        verifier = secrets.token_urlsafe(VERIFIER_BYTES) if client.has_pkce else None
        sealed = self._sealer.seal(verifier.encode(), purpose(key_id)) if verifier else None
        row = PlatformState(
            id=key_id, platform=platform, user_id=caller.user_id or None, redirect_uri=page, verifier=sealed
        )
        async with self._database.transaction(caller if caller.user_id else SYSTEM) as session:
            await States(session).add(row, state, STATE_LIFE)
        return client.page(page, state, verifier), state

    async def complete(self, callback: Callback, caller: Caller) -> tuple[Client, Tokens]:
        """Trade the code for tokens. Raises StateRefused, CodeRefused, and what the platform's client raises."""
        client = self._directory.client(callback.platform)
        redirect_uri, verifier = await self._spend(callback, caller)
        try:
            return client, await client.exchange(callback.code, redirect_uri, verifier)
        except GrantRefused:
            await self._note(callback.platform, caller, "code")
            raise CodeRefused from None

    async def renew(self, platform: str, refresh_token: str, caller: Caller) -> tuple[Client, Tokens]:
        """New tokens; the refresh token stays where the platform gives no other. Raises PlatformTokenRefused."""
        client = self._directory.client(platform)
        try:
            found = await client.renew(refresh_token)
        except GrantRefused:
            await self._note(platform, caller, "refresh_token")
            raise PlatformTokenRefused from None
        return client, Tokens(found.access_token, found.refresh_token or refresh_token, found.expires_in, found.scopes)

    async def channel(self, client: Client, tokens: Tokens, caller: Caller) -> Channel:
        """What is linked. Raises CodeRefused, PermissionMissing, ChannelMissing."""
        async with self._noting(client, caller):
            return await linked.channel(client, tokens)

    async def hand_over(self, client: Client, tokens: Tokens, caller: Caller) -> Profile:
        """Whose tokens go to a front-end, which is told of. Raises CodeRefused, PermissionMissing, ChannelMissing."""
        async with self._noting(client, caller):
            profile = await linked.profile(client, tokens)
        issued = events.PlatformTokensIssued(
            user_id=caller.user_id, platform=client.platform.name, channel_id=profile.id
        )
        async with self._database.transaction(SYSTEM) as session:
            outbox.publish(session, issued, key=str(caller.user_id))
        return profile

    @asynccontextmanager
    async def _noting(self, client: Client, caller: Caller) -> AsyncIterator[None]:
        """Tell of what the platform objects to."""
        try:
            yield
        except (CodeRefused, PermissionMissing, ChannelMissing) as refusal:
            await self._note(client.platform.name, caller, OBJECTIONS[type(refusal)])
            raise

    def _page(self, redirect_uri: str | None) -> str:
        """Compared as it stands (RFC 9700 §2.1)."""
        pages = self._directory.pages
        if redirect_uri is None and pages:
            return pages[0]
        if redirect_uri is None or redirect_uri not in pages:
            raise RedirectRefused
        return redirect_uri

    async def _spend(self, callback: Callback, caller: Caller) -> tuple[str, str | None]:
        """The state's redirect URI and code verifier."""
        async with self._database.transaction(SYSTEM) as session:
            spent = await States(session).spend(
                callback.state, callback.platform, caller.user_id, is_public=callback.is_public
            )
            if spent is None:
                note(session, callback.platform, caller, "state")
        if spent is None:
            raise StateRefused
        verifier = self._sealer.unseal(spent.verifier, purpose(spent.id)).decode() if spent.verifier else None
        return spent.redirect_uri, verifier

    async def _note(self, platform: str, caller: Caller, reason: str) -> None:
        async with self._database.transaction(SYSTEM) as session:
            note(session, platform, caller, reason)


def note(session: Session, platform: str, caller: Caller, reason: str) -> None:
    """Tell that a link was not made."""
    refused = events.PlatformRefused(user_id=caller.user_id, platform=platform, reason=reason)
    outbox.publish(session, refused, key=str(caller.user_id))


def purpose(state_id: object) -> str:
    return f"platform_state.verifier:{state_id}"
