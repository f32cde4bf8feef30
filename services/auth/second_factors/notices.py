"""Telling people by mail that what they prove themselves with was changed; perhaps it was not them."""

from enum import Enum

from libs.database import Session
from services.auth.mails import Letter, post
from services.auth.throttles.repository import mailing


class Change(Enum):
    """What was changed, in English and Japanese."""

    ENABLED = "two-factor authentication was enabled", "二要素認証が有効になりました"
    DISABLED = "two-factor authentication was disabled", "二要素認証が無効になりました"
    CODES = "the backup codes were replaced", "バックアップコードが再発行されました"
    PIN = "the PIN was set", "PINが設定されました"
    PASSKEY_ADDED = "a passkey was added", "パスキーが追加されました"
    PASSKEY_REMOVED = "a passkey was removed", "パスキーが削除されました"

    def told(self, language: str) -> str:
        """In that language; in both where it is neither."""
        english, japanese = self.value
        return {"en": english, "ja": japanese}.get(language, f"{english} / {japanese}")


async def tell(session: Session, user_id: int, change: Change) -> None:
    """Stage the mail; nobody is told at an address that they have not proven."""
    if reader := await mailing(session, user_id):
        values = {"change": change.told(reader.language)}
        await post(session, Letter(reader.email, "second_factor_changed", reader.language, values))
