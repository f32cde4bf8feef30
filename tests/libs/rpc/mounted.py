"""A secret of type kubernetes.io/tls as the kubelet mounts and renews it."""

import shutil
from pathlib import Path

from libs.settings import TlsSettings
from tests.libs.keys import Authority

FILES = ("ca.crt", "tls.crt", "tls.key")


class Mounted:
    """Files that are links into `..data`, a link itself, which one rename turns to a folder of new ones."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self._name, self._states = folder, name, 0
        folder.mkdir(parents=True)
        for file in FILES:
            (folder / file).symlink_to(Path("..data") / file)

    @property
    def tls(self) -> TlsSettings:
        authority, certificate, key = (self.folder / file for file in FILES)
        return TlsSettings(certificate=certificate, key=key, authority=authority)

    def hold(self, issuer: Authority, *trusted: Authority, days: float = 1) -> None:
        """A new certificate of the issuer; `trusted` are believed, or the issuer alone where none is given."""
        certificate, key = issuer.issue(self._name, days=days)
        believed = b"".join(one.file.read_bytes() for one in trusted or (issuer,))
        self.put(believed, certificate.read_bytes(), key.read_bytes())

    def put(self, *contents: bytes) -> None:
        """What the three files hold from now on, all at once."""
        before = self.folder / f"..{self._states}"
        self._states += 1
        state = self.folder / f"..{self._states}"
        state.mkdir()
        for file, content in zip(FILES, contents, strict=True):
            (state / file).write_bytes(content)
        (self.folder / "..data_tmp").symlink_to(state.name)
        (self.folder / "..data_tmp").replace(self.folder / "..data")
        shutil.rmtree(before, ignore_errors=True)

    def now(self) -> list[bytes]:
        """What the three files hold."""
        return [(self.folder / file).read_bytes() for file in FILES]
