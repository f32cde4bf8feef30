"""Every SELECT of passkeys, and the conditional statements that decide their races."""

import hashlib
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, select, update

from libs.database import Session
from services.auth.accounts.models import Account
from services.auth.passkeys.ceremonies import Assertion
from services.auth.passkeys.errors import PasskeyNotFound
from services.auth.passkeys.models import Passkey, PasskeyChallenge, Purpose


class Owned(NamedTuple):
    """A passkey and its owner's UUID."""

    passkey: Passkey
    owner: UUID


class Challenges:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, challenge: bytes, purpose: Purpose, user_id: int | None, lifetime: timedelta) -> None:
        self._session.add(
            PasskeyChallenge(hash=hashed(challenge), purpose=purpose, user_id=user_id, expires_at=func.now() + lifetime)
        )
        await self._session.flush()

    async def spend(self, challenge: bytes, purpose: Purpose, user_id: int | None) -> bool:
        """Use it up; False where it was not good. However often it is answered at once, one answer gets True."""
        spent = (
            delete(PasskeyChallenge)
            .where(
                PasskeyChallenge.hash == hashed(challenge),
                PasskeyChallenge.purpose == purpose,
                PasskeyChallenge.user_id.is_not_distinct_from(user_id),
                PasskeyChallenge.expires_at > func.now(),
            )
            .returning(PasskeyChallenge.hash)
        )
        return await self._session.scalar(spent) is not None

    async def forget(self, most: int) -> int:
        """Delete at most so many that have expired; answers how many."""
        expired = select(PasskeyChallenge.hash).where(PasskeyChallenge.expires_at < func.now()).limit(most)
        gone = delete(PasskeyChallenge).where(PasskeyChallenge.hash.in_(expired)).returning(PasskeyChallenge.hash)
        return len((await self._session.scalars(gone)).all())


class Passkeys:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, passkey: Passkey) -> Passkey:
        self._session.add(passkey)
        await self._session.flush()
        return passkey

    async def of(self, user_id: int) -> list[Passkey]:
        """A person's, newest first."""
        query = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at.desc(), Passkey.id)
        return list(await self._session.scalars(query))

    async def count(self, user_id: int) -> int:
        query = select(func.count()).select_from(Passkey).where(Passkey.user_id == user_id)
        return await self._session.scalar(query) or 0

    async def own(self, user_id: int, credential_id: bytes) -> Passkey:
        """One of this person, locked for a change; raises PasskeyNotFound."""
        query = select(Passkey).where(Passkey.credential_id == credential_id, Passkey.user_id == user_id)
        found: Passkey | None = await self._session.scalar(query.with_for_update())
        if found is None:
            raise PasskeyNotFound
        return found

    async def known(self, credential_id: bytes) -> Owned | None:
        """Whosever it is."""
        query = select(Passkey, Account.id).join(Account, Account.user_id == Passkey.user_id)
        found = (await self._session.execute(query.where(Passkey.credential_id == credential_id))).first()
        return Owned(found[0], found[1]) if found else None

    async def use(self, passkey_id: UUID, proven: Assertion) -> bool:
        """Note a use; False where the counter did not go on (WebAuthn L3 §7.2: a copy may be in use)."""
        went_on = Passkey.sign_count < proven.sign_count
        if proven.sign_count == 0:  # it does not count, and must never have counted
            went_on = Passkey.sign_count == 0
        used = (
            update(Passkey)
            .where(Passkey.id == passkey_id, went_on)
            .values(sign_count=proven.sign_count, is_backed_up=proven.is_backed_up, last_used_at=func.now())
            .returning(Passkey.id)
        )
        return await self._session.scalar(used) is not None


def hashed(challenge: bytes) -> bytes:
    """What is stored of a challenge."""
    return hashlib.sha256(challenge).digest()
