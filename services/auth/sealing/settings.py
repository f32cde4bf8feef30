"""Where the master key is."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from libs.settings.stores import Frozen


def address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("a vault's address is https://host:8200")
    return text.rstrip("/")


class VaultSettings(Frozen):
    """HashiCorp Vault or OpenBao: the key of a transit engine, which never leaves it, or a secret of a KV engine."""

    address: Annotated[str, AfterValidator(address)]
    engine: Literal["transit", "kv2"] = "transit"
    mount: str = Field(default="transit", min_length=1, description="Where the engine is mounted.")
    name: str = Field(default="orrery", min_length=1, description="The transit key, or the path of the secret.")
    field: str = Field(default="master", min_length=1, description="The field of the secret; base64 of 32 bytes.")
    namespace: str = ""
    ca: Path | None = Field(default=None, description="File of the CA that signed the vault's certificate.")
    timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    token: SecretStr | None = None
    token_file: Path | None = Field(default=None, description="Read at each call: agents renew it.")
    role: str = Field(default="", description="Kubernetes auth: the role to log in for.")
    jwt: Path = Field(default=Path("/var/run/secrets/kubernetes.io/serviceaccount/token"), description="For the role.")
    auth_mount: str = Field(default="kubernetes", min_length=1)

    @model_validator(mode="after")
    def one_way_in(self) -> Self:
        if [self.token is not None, self.token_file is not None, bool(self.role)].count(True) != 1:
            raise ValueError("set one of VAULT__TOKEN, VAULT__TOKEN_FILE and VAULT__ROLE")
        return self


class MasterSettings(Frozen):
    """One master key: in a file, in the environment, or in a vault."""

    master: Path | None = Field(default=None, description="File of 32 random bytes in base64.")
    master_text: SecretStr | None = Field(default=None, description="The same as text; a file is harder to leak.")
    vault: VaultSettings | None = None

    @model_validator(mode="after")
    def one_source(self) -> Self:
        if [self.master, self.master_text, self.vault].count(None) != 2:
            raise ValueError("set one of MASTER, MASTER_TEXT and VAULT")
        return self


class KeySettings(MasterSettings):
    """The key above all keys in the database."""

    previous: MasterSettings | None = Field(default=None, description="What it replaces, until `remaster` is through.")
