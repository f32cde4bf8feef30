"""People with second factors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pyotp
from google.protobuf.message import Message
from orrery.auth.v1 import second_factors_pb2 as pb

from libs.errors import Exhausted, Unavailable
from tests.services.auth.house import House, Visitor

M = TypeVar("M", bound=Message)
ANSWERS: dict[str, type[Message]] = {
    "GetSecondFactor": pb.SecondFactor,
    "SetUpTotp": pb.TotpSetup,
    "EnableTotp": pb.BackupCodes,
    "DisableTotp": pb.SecondFactorChanged,
    "ReplaceBackupCodes": pb.BackupCodes,
    "SetPin": pb.SecondFactorChanged,
    "VerifyPin": pb.PinVerdict,
    "AuthorisePayment": pb.PaymentVerdict,
}


@dataclass
class Ticking:
    """A clock that goes on when it is told to; it begins now, as signing keys and tokens do."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.moment

    def tick(self, steps: int = 1) -> None:
        self.moment += timedelta(seconds=30 * steps)


@dataclass
class Person:
    """Somebody signed in, and what their authenticator app knows."""

    auth: House
    clock: Ticking
    user_id: int
    username: str
    token: str
    secret: str = ""
    backup_codes: list[str] = field(default_factory=list)

    @property
    def visitor(self) -> Visitor:
        return Visitor("2001:db8::5", "App/1", self.token)

    def code(self, steps: int = 0) -> str:
        """What the app shows, some steps from now."""
        return pyotp.TOTP(self.secret).at(self.clock() + timedelta(seconds=30 * steps))

    def wrong(self, nth: int = 0) -> str:
        """A code that the app shows at none of the steps that count."""
        shown = {self.code(step) for step in range(-2, 3)}
        return [one for one in (f"{number:06}" for number in range(nth + 10)) if one not in shown][nth]

    async def ask(self, method: str, request: Message) -> Any:
        return await self.auth.call(method, request, ANSWERS[method], self.visitor)

    async def set_up(self) -> str:
        """Make a secret."""
        self.secret = (await self.ask("SetUpTotp", pb.SetUpTotpRequest())).secret
        return self.secret

    async def enable(self) -> list[str]:
        """Set up and enable; the clock goes on, so that the next code is a new one."""
        await self.set_up()
        self.backup_codes = list(
            (await self.ask("EnableTotp", pb.EnableTotpRequest(otp_code=self.code()))).backup_codes
        )
        self.clock.tick()
        return self.backup_codes

    async def disable(self, **proof: str) -> bool:
        return bool((await self.ask("DisableTotp", pb.DisableTotpRequest(**proof))).success)

    async def replace_codes(self, code: str) -> list[str]:
        return list((await self.ask("ReplaceBackupCodes", pb.ReplaceBackupCodesRequest(otp_code=code))).backup_codes)

    async def state(self) -> pb.SecondFactor:
        found: pb.SecondFactor = await self.ask("GetSecondFactor", pb.GetSecondFactorRequest())
        return found

    async def set_pin(self, pin: str, **proof: str) -> bool:
        return bool((await self.ask("SetPin", pb.SetPinRequest(pin=pin, **proof))).success)

    async def verify(self, pin: str) -> pb.PinVerdict:
        found: pb.PinVerdict = await self.ask("VerifyPin", pb.VerifyPinRequest(pin=pin))
        return found

    async def pay(self, payment_id: str, method: str, code: str, **terms: Any) -> pb.PaymentVerdict:
        request = pb.AuthorisePaymentRequest(payment_id=payment_id, method=method, code=code, **terms)
        found: pb.PaymentVerdict = await self.ask("AuthorisePayment", request)
        return found

    async def row(self, table: str) -> Any:
        return (await self.auth.sql(f"SELECT * FROM {table} WHERE user_id = :id", id=self.user_id))[0]  # noqa: S608  # a test's own name

    async def unlock(self, table: str) -> None:
        """As if the lock's time had passed."""
        statement = f"UPDATE {table} SET locked_until = now() - interval '1 second' WHERE user_id = :id"  # noqa: S608  # a test's own name
        await self.auth.sql(statement, id=self.user_id)

    async def told(self, kind: type[M]) -> list[M]:
        return await self.auth.events(self.user_id, kind)


def looked_at(answers: Sequence[object]) -> int:
    """How many of many guesses at once were compared; all others were told to wait, or met a database that was busy."""
    waiting = [one for one in answers if isinstance(one, Exhausted | Unavailable)]
    return len(answers) - len(waiting)


async def person(auth: House, clock: Ticking) -> Person:
    made = await auth.register()
    return Person(auth, clock, made.user.user_id, made.user.username, made.token)
