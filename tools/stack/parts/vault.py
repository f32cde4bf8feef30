"""OpenBao, or HashiCorp's Vault: the same HTTP API. For tests of keys that live in a vault; the stack runs none."""

import shutil
import urllib.error
import urllib.request
from pathlib import Path

from tools.stack import ports
from tools.stack.errors import Missing
from tools.stack.layout import installed
from tools.stack.parts.part import Part

ADVICE = "put `bao` (https://openbao.org) or `vault` on PATH"


def program() -> Path | None:
    """`bao` or `vault` on PATH, or a `bao` that was built into the folder of installed parts; None where none is."""
    built = installed() / "openbao" / "bao"
    found = shutil.which("bao") or shutil.which("vault") or (str(built) if built.exists() else None)
    return Path(found) if found else None


class Vault(Part):
    """A server in development mode: unsealed, in memory, a KV engine at `secret/`."""

    name = "vault"

    def __init__(self, folder: Path, port: int, *, root_token: str = "") -> None:
        super().__init__(folder, port)
        self.root_token = root_token

    @property
    def address(self) -> str:
        return f"http://{ports.HOST}:{self.port}"

    @classmethod
    def throwaway_options(cls) -> dict[str, object]:
        return {"root_token": "root-of-a-throwaway"}

    def install(self) -> None:
        if program() is None:
            raise Missing("OpenBao or Vault", ADVICE)

    def command(self) -> list[str]:
        listen = f"-dev-listen-address={ports.HOST}:{self.port}"
        return [
            str(program()),
            "server",
            "-dev",
            "-dev-no-store-token",
            f"-dev-root-token-id={self.root_token}",
            listen,
        ]

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/v1/sys/health", timeout=2) as answer:  # noqa: S310  # our own
                return bool(answer.status)
        except urllib.error.HTTPError:
            return True  # sealed is an answer
