"""Sessions in use are told to auth, in batches."""

from collections.abc import Awaitable, Callable

import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from orrery.auth.v1 import devices_pb2 as pb
from orrery.identity.v1.identity_pb2 import Credential

from gateway.identity import Seen
from gateway.identity.seen import BATCH, MOST
from libs.errors import Unavailable
from libs.rpc import Passage
from libs.rpc.identity import Verifier
from tests.gateway.identity.issuer import Auth

Answer = Callable[[Message, Passage], Awaitable[Message]]


class Told:
    """A backend that keeps what it is told."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.calls: list[list[str]] = []
        self.passages: list[Passage] = []
        self._is_away = is_away

    def bind(self, method: MethodDescriptor, timeout: float) -> Answer:
        async def call(request: Message, passage: Passage) -> Message:
            assert isinstance(request, pb.NoteSeenRequest)
            if self._is_away:
                raise Unavailable("away")
            self.calls.append(list(request.session_ids))
            self.passages.append(passage)
            return pb.NoteSeenResponse()

        return call


async def test_each_session_is_told_once_by_the_gateway_itself(auth: Auth) -> None:
    backend = Told()
    seen = Seen(backend, auth.signer)
    for one in ("a", "b", "a"):
        seen.note(one)

    await seen.tell()
    await seen.tell()

    assert [sorted(call) for call in backend.calls] == [["a", "b"]]
    identity = Verifier([auth.identity_public]).verify(backend.passages[0].identity)
    assert (identity.subject, identity.credential) == ("gateway", Credential.CREDENTIAL_SERVICE)


async def test_many_are_told_in_batches_and_beyond_measure_none(auth: Auth) -> None:
    backend = Told()
    seen = Seen(backend, auth.signer)
    for one in range(MOST + 5):
        seen.note(str(one))

    await seen.tell()

    assert len(backend.calls) == MOST // BATCH
    assert all(len(call) == BATCH for call in backend.calls)


@pytest.mark.parametrize("count", [0, 3])
async def test_while_auth_is_away_nothing_is_kept(auth: Auth, count: int) -> None:
    seen = Seen(Told(is_away=True), auth.signer)
    for one in range(count):
        seen.note(str(one))

    await seen.tell()

    assert not seen._sessions
