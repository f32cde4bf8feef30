"""What finding out who calls costs the gateway, in this process: CPU µs a call, nothing else running in it."""

import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from jwt.algorithms import RSAAlgorithm
from orrery.auth.v1 import credentials_pb2
from orrery.auth.v1.sessions_pb2 import Key, KeySet
from orrery.identity.v1.identity_pb2 import Credential, Grant, Identity
from orrery.options.v1.options_pb2 import Access, Caller

from gateway.identity import AskedCredentials, Authenticator, Keys, Proxies, Revocations, Tokens
from gateway.seams import Call
from libs.kafka import Kafka
from libs.rpc import Passage, Signer
from libs.rpc.credentials import LIVE, make
from libs.settings import KafkaSettings

ISSUER, AUDIENCE, PEER = "https://orrery.bench", "orrery", "203.0.113.9"
READER = Access(caller=Caller.CALLER_USER, scope="media:read", action="read", resource="media")
COLD, HOT, ROUNDS = 200, 10_000, 10
Ask = Callable[[int], Awaitable[object]]


class Answering:
    """An auth in this process that answers at once: its own cost and the hop's are not the gateway's check."""

    def bind(self, method: MethodDescriptor, timeout: float) -> Call:
        async def answer(request: Message, passage: Passage) -> Message:
            return credentials_pb2.Identified(
                identity=Identity(
                    subject=str(uuid.uuid4()),
                    user_id=7,
                    organization_id=str(uuid.uuid4()),
                    roles=["ADMIN"],
                    scopes=["media:read", "media:write"],
                    grants=[Grant(resource="media", actions=["read"])],
                    credential=Credential.CREDENTIAL_API_KEY,
                    credential_id=str(uuid.uuid4()),
                ),
                networks=[credentials_pb2.Names(names=["203.0.0.0/16"])],
            )

        return answer


class Bench:
    """A gateway's authenticator with real keys."""

    def __init__(self, folder: Path) -> None:
        self._private = generate_private_key(65537, 2048)
        signer = Signer(identity_key(folder))
        revocations = Revocations(Kafka(KafkaSettings(brokers="127.0.0.1:1")))
        self.tokens = Tokens(Keys(lambda: keys(self._private)), revocations, ISSUER, AUDIENCE)
        credentials = AskedCredentials(Answering(), signer, revocations.ended)
        self.authenticator = Authenticator(self.tokens, credentials, signer, Proxies())

    def token(self) -> str:
        now, some = int(time.time()), str(uuid.uuid4())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": some,
            "uid": 7,
            "org": some,
            "sid": str(uuid.uuid4()),
            "jti": some,
        }
        claims |= {"roles": ["ADMIN"], "scope": "*", "adm": False, "iat": now, "exp": now + 1800}
        return jwt.encode(claims, self._private, algorithm="RS256", headers={"kid": "k1", "typ": "at+jwt"})

    async def admit(self, name: bytes, value: str, peer: str = PEER) -> None:
        await self.authenticator.admit(peer, [(name, value.encode()), (b"user-agent", b"bench/1")], READER)


async def keys(private: RSAPrivateKey) -> KeySet:
    made = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return KeySet(keys=[Key(kty="RSA", use="sig", alg="RS256", kid="k1", n=made["n"], e=made["e"])])


def identity_key(folder: Path) -> Path:
    path = folder / "identity.pem"
    path.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def near(at: int) -> str:
    """An address that no other request had."""
    return f"203.0.{at // 250}.{at % 250}"


async def cost(ask: Ask, times: int) -> tuple[float, float]:
    """CPU µs of one call: of the best and of the worst of some rounds."""
    rounds = []
    for at in range(ROUNDS):
        began = time.process_time()
        for one in range(times):
            await ask(at * times + one)
        rounds.append((time.process_time() - began) / times * 1e6)
    return min(rounds), max(rounds)


async def checks() -> dict[str, tuple[float, float]]:
    """CPU µs by what is done, best and worst round."""
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        tokens = [bench.token() for _ in range(COLD * ROUNDS)]
        bearers = [f"Bearer {bench.token()}" for _ in range(COLD * ROUNDS)]
        values = [make(LIVE) for _ in range(COLD * ROUNDS)]
        await bench.tokens.verify(tokens[0])
        await bench.admit(b"x-api-key", values[0])
        return {
            "JWT verified for the first time": await cost(lambda at: bench.tokens.verify(tokens[at]), COLD),
            "JWT verified again": await cost(lambda at: bench.tokens.verify(tokens[0]), HOT),
            "request with a new JWT admitted": await cost(lambda at: bench.admit(b"authorization", bearers[at]), COLD),
            "the next ones": await cost(lambda at: bench.admit(b"authorization", bearers[0]), HOT),
            "request with a new API key admitted": await cost(lambda at: bench.admit(b"x-api-key", values[at]), COLD),
            "a known key from a new address": await cost(
                lambda at: bench.admit(b"x-api-key", values[0], near(at)), COLD
            ),
            "the next ones of a key": await cost(lambda at: bench.admit(b"x-api-key", values[0]), HOT),
        }
