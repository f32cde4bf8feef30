"""Redis: whether it answers, and lets the gateway in. Five lines of its protocol need no client."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from admin.doctor.finding import Finding, fail, ok
from libs.settings import RedisSettings

SECONDS = 5.0
PORT = 6379


def examine(redis: RedisSettings) -> Finding:
    parts = urlsplit(redis.url.get_secret_value())
    password = redis.password.get_secret_value() if redis.password else unquote(parts.password or "")
    words = [word for word in (unquote(parts.username or ""), password) if word]
    where = parts.path if parts.scheme == "unix" else f"{parts.hostname}:{parts.port or PORT}"
    try:
        with connected(redis) as connection:
            answers = [ask(connection, "AUTH", *words)] if password else []
            answers.append(ask(connection, "PING"))
    except (OSError, ValueError) as away:
        return fail("redis", f"{where} does not answer: {away}", "compare ORRERY_REDIS__URL; is it up?")
    if refused := [answer for answer in answers if answer.startswith("-")]:
        return fail("redis", f"{where} refuses: {refused[0][1:]}", "compare ORRERY_REDIS__PASSWORD with the server's")
    return ok("redis", f"{where} answers")


@contextmanager
def connected(redis: RedisSettings) -> Iterator[socket.socket]:
    parts = urlsplit(redis.url.get_secret_value())
    if parts.scheme == "unix":
        with socket.socket(socket.AF_UNIX) as local:
            local.settimeout(SECONDS)
            local.connect(parts.path)
            yield local
        return
    with socket.create_connection((parts.hostname or "", parts.port or PORT), SECONDS) as plain:
        if parts.scheme != "rediss":
            yield plain
            return
        context = ssl.create_default_context(cafile=redis.authority)
        with context.wrap_socket(plain, server_hostname=parts.hostname) as wrapped:
            yield wrapped


def ask(connection: socket.socket, *words: str) -> str:
    """A command's answer of one line: `+PONG`, `-WRONGPASS …`."""
    sent = [f"*{len(words)}", *(part for word in words for part in (f"${len(word.encode())}", word)), ""]
    connection.sendall("\r\n".join(sent).encode())
    answer = b""
    while not answer.endswith(b"\r\n"):
        received = connection.recv(1024)
        if not received:
            raise ConnectionError("it closed the connection")
        answer += received
    return answer.decode(errors="replace").strip()
