"""The secrets of one stack: made once, at random, readable by their owner alone."""

import base64
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Keys:
    """Files under `secrets/`; each is made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "secrets"

    def password(self, name: str) -> str:
        """A random password of 40 letters, digits, - and _."""
        return self._file(name, lambda: secrets.token_urlsafe(30).encode()).read_text()

    @property
    def master(self) -> Path:
        """32 random bytes in base64: encrypts the private keys that auth keeps in its database."""
        return self._file("master.key", lambda: base64.b64encode(secrets.token_bytes(32)))

    @property
    def identity(self) -> Path:
        """The gateway's Ed25519 private key (PEM), which signs whom it calls for."""
        return self._file("identity.pem", make_private_key)

    @property
    def identity_public(self) -> Path:
        """Its public key (PEM), which every service checks with."""
        return self._file("identity.pub.pem", lambda: public_key_of(self.identity.read_bytes()))

    @property
    def auth_identity(self) -> Path:
        """auth-worker's Ed25519 private key (PEM), by which it asks other services in auth's name."""
        return self._file("auth-identity.pem", make_private_key)

    @property
    def auth_identity_public(self) -> Path:
        """Its public key (PEM)."""
        return self._file("auth-identity.pub.pem", lambda: public_key_of(self.auth_identity.read_bytes()))

    def _file(self, name: str, make: Callable[[], bytes]) -> Path:
        path = self.folder / name
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=self.folder) as draft:  # readable for its owner alone
                draft.write(make())
                draft.flush()
                with suppress(FileExistsError):  # of many who make it at once, the first wins, whole
                    path.hardlink_to(draft.name)
        return path


def make_private_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_key_of(private: bytes) -> bytes:
    key = serialization.load_pem_private_key(private, password=None)
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
