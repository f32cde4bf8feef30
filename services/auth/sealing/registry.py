"""Every column that holds sealed secrets: the one list that the commands walk.

A model says the same by `mapped_column(info={"sealed": True})`, and a test compares the two: a column that is not
listed here would keep its old key for ever, and be lost with it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Encoding(StrEnum):
    """How a column holds sealed bytes."""

    BYTES = "bytes"
    BASE64 = "base64"  # text columns


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values, and the primary key that their purpose names."""

    table: str
    column: str
    key: str
    encoding: Encoding = Encoding.BYTES
    sealed_by: str = ""  # a column that names the key
    purposes: str = ""  # where they are not `<table>.<column>:<key>`

    def purpose(self, key: Any) -> str:
        return self.purposes.format(key) if self.purposes else f"{self.table}.{self.column}:{key}"


COLUMNS = (
    SealedColumn("platform_key", "access_token", "id"),
    SealedColumn("platform_key", "refresh_token", "id"),
    SealedColumn("platform_state", "verifier", "id"),
    SealedColumn("signing_key", "private_key", "kid", sealed_by="sealed_by", purposes="signing key {}"),
    SealedColumn("user_2fa", "totp_secret", "user_id", Encoding.BASE64),
    SealedColumn("api_key", "sealed_key", "id"),
    SealedColumn("api_key", "signing_secret", "id"),
    SealedColumn("api_key", "previous_signing_secret", "id"),
    SealedColumn("sso_session", "id_token", "session_id"),
)
