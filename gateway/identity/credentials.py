"""Credentials that are no access token: API tokens and API keys. They are asked of auth, which keeps them."""

from typing import Protocol

from orrery.identity.v1.identity_pb2 import Identity

from gateway.identity.refusals import CredentialUnknown


class Credentials(Protocol):
    """Finds out whose a credential is."""

    async def api_token(self, token: str) -> Identity:
        """The owner of a bearer that is no access token; raises a Refusal."""

    async def api_key(self, key: str) -> Identity:
        """The owner of an `X-API-Key`; raises a Refusal."""


class NoCredentials:
    """Where nobody has issued any, each is unknown."""

    async def api_token(self, token: str) -> Identity:
        raise CredentialUnknown

    async def api_key(self, key: str) -> Identity:
        raise CredentialUnknown
