"""The one builder of connections to Redis, and whether it lets this gateway in."""

import ssl
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from libs.settings import RedisSettings

CONNECTIONS = 16
AWAY = (RedisError, OSError, TimeoutError)
UNASKED = ("HELLO must be called", "Authentication required")  # what it says where none was given
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"


class OverTls(SSLConnection):
    """All connections share one context: each of redis-py's own reads the system's certificates anew, 30 ms at work."""

    def __init__(self, *, shared: ssl.SSLContext, **options: Any) -> None:
        super().__init__(**options)
        self.ssl_context.context = shared


def connect(settings: RedisSettings, patience_seconds: float) -> Redis:
    """A client whose callers wait for no connection longer than this; it connects as it is used and never retries."""
    url = settings.url.get_secret_value()
    password = {"password": settings.password.get_secret_value()} if settings.password else {}
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=patience_seconds,
        socket_timeout=None,  # by wait_for, which swallows cancellations in Python 3.11; asyncio.timeout stands in
        socket_connect_timeout=patience_seconds,
        retry=Retry(NoBackoff(), 0),
        **password,
    )
    if url.startswith("rediss://"):
        pool.connection_class = OverTls
        pool.connection_kwargs["shared"] = ssl.create_default_context(cafile=settings.authority)
    return Redis(connection_pool=pool)


def refusal(failure: BaseException) -> str:
    """Why Redis, though it is there, is not to be had by these settings; empty for any other failure."""
    if isinstance(failure, AuthenticationError | NoPermissionError):
        return "it asks for a password" if any(word in str(failure) for word in UNASKED) else str(failure)
    return "its certificate is not believed" if UNTRUSTED in str(failure) else ""
