"""Master keys in a vault."""

import base64
import binascii

from services.auth.sealing.cipher import SealBroken
from services.auth.sealing.master import MasterKey, MasterKeyUnusable
from services.auth.sealing.masters import LocalMaster
from services.auth.sealing.settings import VaultSettings
from services.auth.sealing.vault import Vault


class TransitMaster:
    """A key of the transit engine: the vault wraps and unwraps, and shows the key to nobody.

    The vault may rotate it; its ciphertexts say of which version they are.
    """

    def __init__(self, settings: VaultSettings) -> None:
        self._vault, self._mount, self._key = Vault(settings), settings.mount, settings.name

    async def id(self) -> str:
        return f"vault:{self._mount}/{self._key}"[:100]

    async def wrap(self, key: bytes, purpose: str) -> bytes:
        body = {"plaintext": encoded(key), "associated_data": encoded(purpose.encode())}
        answer = await self._vault.write(f"{self._mount}/encrypt/{self._key}", body)
        if not isinstance(wrapped := answer.get("ciphertext"), str):
            raise MasterKeyUnusable("the vault's answer is no ciphertext")
        return wrapped.encode()

    async def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        body = {"ciphertext": wrapped.decode("ascii", "replace"), "associated_data": encoded(purpose.encode())}
        answer = await self._vault.write(f"{self._mount}/decrypt/{self._key}", body)
        try:
            return base64.b64decode(str(answer.get("plaintext", "")), validate=True)
        except binascii.Error:
            raise SealBroken("the vault's answer is no key") from None

    def direct(self) -> MasterKey | None:
        return None


class KvMaster:
    """A secret of the KV engine, version 2: read once, then kept in memory."""

    def __init__(self, settings: VaultSettings) -> None:
        self._vault, self._path, self._field = Vault(settings), f"{settings.mount}/data/{settings.name}", settings.field
        self._read: LocalMaster | None = None

    async def id(self) -> str:
        return await (await self._local()).id()

    async def wrap(self, key: bytes, purpose: str) -> bytes:
        return await (await self._local()).wrap(key, purpose)

    async def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        return await (await self._local()).unwrap(wrapped, purpose)

    def direct(self) -> MasterKey | None:
        return self._read.direct() if self._read else None

    async def _local(self) -> LocalMaster:
        if self._read is None:
            fields = (await self._vault.read(self._path)).get("data")
            text = fields.get(self._field) if isinstance(fields, dict) else None
            if not isinstance(text, str):
                raise MasterKeyUnusable(f"the vault's secret {self._path} has no field {self._field}")
            self._read = LocalMaster(MasterKey.decode(text.encode(), f"the vault's secret {self._path}"))
        return self._read


def encoded(text: bytes) -> str:
    return base64.b64encode(text).decode()
