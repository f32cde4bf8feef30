"""Redis, from Debian."""

import shutil
import socket
from pathlib import Path

from tools.stack import ports
from tools.stack.install import apt
from tools.stack.layout import SETTINGS
from tools.stack.parts.part import Part


class Redis(Part):
    """One durable server of 128 MB; when they are full it drops keys that would expire anyway."""

    name = "redis"

    def __init__(self, folder: Path, port: int, *, password: str = "") -> None:
        super().__init__(folder, port)
        self.password = password

    @property
    def url(self) -> str:
        """A URL for redis-py."""
        return f"redis://{f':{self.password}@' if self.password else ''}{ports.HOST}:{self.port}/0"

    def install(self) -> None:
        apt.ensure({name: SETTINGS["debian"][name] for name in ("redis-server",)})

    def command(self) -> list[str]:
        return [shutil.which("redis-server") or "redis-server", str(self._configuration)]

    def prepare(self) -> None:
        super().prepare()
        settings = {
            "bind": ports.HOST,
            "port": self.port,
            "dir": self.data,
            "appendonly": "yes",
            "save": '""',
            "maxmemory": "128mb",
            "maxmemory-policy": "volatile-lru",
        }
        if self.password:
            settings["requirepass"] = self.password
        self._configuration.touch(mode=0o600)
        self._configuration.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))

    def answers(self) -> bool:
        hello = f"AUTH {self.password}\r\nPING\r\n" if self.password else "PING\r\n"
        with socket.create_connection((ports.HOST, self.port), timeout=2) as server:
            server.settimeout(2)
            server.sendall(hello.encode())
            return b"+PONG" in receive(server, b"+PONG\r\n")

    @property
    def _configuration(self) -> Path:
        return self.data / "redis.conf"


def receive(server: socket.socket, wanted: bytes) -> bytes:
    """Read until `wanted` or an error or the end has come."""
    heard = b""
    while wanted not in heard and not heard.startswith(b"-"):
        piece = server.recv(512)
        if not piece:
            break
        heard += piece
    return heard
