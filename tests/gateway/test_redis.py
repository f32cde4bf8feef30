"""Redis behind a password and behind TLS, and a gateway that it does not let in."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog
from pydantic import ValidationError

from gateway.limits import Store
from gateway.replays import Replays
from libs.settings import RedisSettings
from tests.libs.keys import Authority
from tests.libs.waiting import eventually
from tools.stack import parts, ports

PASSWORD = "s3cret@:/%+&#?"


class SecuredRedis(parts.Redis):
    """Asks for a password, and listens with TLS at a second port."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(folder, port, password=PASSWORD)
        self.tls_port = ports.free()
        self.authority = Authority.make(folder / "authority")
        self._files = self.authority.issue("localhost")

    def prepare(self) -> None:
        super().prepare()
        shown = dict(zip(("tls-cert-file", "tls-key-file"), self._files, strict=True))
        lines = {"tls-port": self.tls_port, "tls-auth-clients": "no", "tls-ca-cert-file": self.authority.file, **shown}
        with self._configuration.open("a") as configuration:
            configuration.writelines(f"{key} {value}\n" for key, value in lines.items())

    def settings(self, **changed: object) -> RedisSettings:
        plain = {"url": f"redis://127.0.0.1:{self.port}/0", "password": PASSWORD}
        return RedisSettings.model_validate(plain | changed)


@pytest.fixture(scope="module")
def redis() -> Iterator[SecuredRedis]:
    assert shutil.which("redis-server")
    with SecuredRedis.ephemeral() as server:
        assert isinstance(server, SecuredRedis)
        yield server


@asynccontextmanager
async def entered(settings: RedisSettings) -> AsyncIterator[tuple[Store, Replays]]:
    async with Store(settings) as store, Replays(settings) as replays:
        yield store, replays


async def test_a_password_beside_the_url_lets_the_gateway_in(redis: SecuredRedis) -> None:
    async with entered(redis.settings()) as (store, replays):
        assert await store.lets_in()
        assert await replays.claim("one", b"first", 60) is None
        assert await replays.claim("one", b"second", 60) == b"first"


async def test_redis_over_tls_is_believed_by_the_authority_given(redis: SecuredRedis) -> None:
    url = f"rediss://localhost:{redis.tls_port}/0"
    async with entered(redis.settings(url=url, authority=redis.authority.file)) as (store, replays):
        await eventually(store.answers)  # a handshake may take longer than a request waits
        assert await replays.claim("over tls", b"first", 60) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"password": "hunter2"}, "invalid username-password pair"),
        ({"password": None}, "it asks for a password"),
        ({"url": "tls"}, "its certificate is not believed"),
    ],
    ids=["wrong", "missing", "authority"],
)
async def test_who_is_refused_is_not_ready_and_told_why_once(
    redis: SecuredRedis, changed: dict[str, object], reason: str
) -> None:
    if "url" in changed:
        changed = {"url": f"rediss://localhost:{redis.tls_port}/0"}
    async with entered(redis.settings(**changed)) as (store, _):
        with structlog.testing.capture_logs() as logs:
            await eventually(lambda: is_refused(store))
            assert not await store.lets_in()

    (told,) = [one for one in logs if one["event"] == "redis_refused"]
    assert reason in told["reason"]
    assert "hunter2" not in str(logs)


async def is_refused(store: Store) -> bool:
    return not await store.lets_in()


async def test_a_redis_that_is_away_refuses_nobody() -> None:
    async with entered(RedisSettings.model_validate({"url": "redis://127.0.0.1:1/0", "password": "x"})) as (store, _):
        assert await store.lets_in()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"url": "redis://:hunter2@redis/0", "password": "hunter2"}, "the password is in url and beside it"),
        ({"url": "redis://redis/0", "authority": __file__}, "holds no certificates"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence) as refused:
        RedisSettings.model_validate(values)

    assert "hunter2" not in str(refused.value)
