"""Asking auth as a gateway does, in its own name."""

from typing import TypeVar

from google.protobuf.message import Message
from orrery.identity.v1.identity_pb2 import Credential, Identity

from libs.rpc import Passage
from tests.services.auth.house import House

M = TypeVar("M", bound=Message)
GATEWAY = Identity(subject="gateway", credential=Credential.CREDENTIAL_SERVICE)


async def ask(auth: House, method: str, request: Message, answer: type[M]) -> M:
    """The answer of an RPC for the fleet's services."""
    found = await auth.calls[method](request, Passage(auth.signer.sign(GATEWAY)))
    assert isinstance(found, answer)
    return found
