"""orrery.auth.v1.SecondFactorsService."""

from orrery.auth.v1 import second_factors_pb2 as pb
from orrery.auth.v1 import second_factors_pb2_grpc as rpc

from libs.database import Database
from libs.errors import Violation
from libs.rpc import caller
from libs.rpc.handlers import Context
from services.auth.accounts.passwords import Passwords
from services.auth.accounts.rules import refuse_long_password
from services.auth.fields import given, refuse
from services.auth.second_factors import answers, operations, pins, rules
from services.auth.second_factors.authenticator import Authenticator
from services.auth.second_factors.codes import Proof
from services.auth.second_factors.errors import OtpInvalid
from services.auth.second_factors.payments import Payment, Payments
from services.auth.second_factors.pin_change import PinChange, PinChanges


class SecondFactorsServicer(rpc.SecondFactorsServiceServicer):
    def __init__(
        self, database: Database, passwords: Passwords, authenticator: Authenticator, *, refuse_frequent: bool
    ) -> None:
        self._database, self._passwords, self._authenticator = database, passwords, authenticator
        self._changes = PinChanges(database, passwords, authenticator)
        self._payments = Payments(database, passwords, authenticator)
        self._refuse_frequent = refuse_frequent

    async def GetSecondFactor(self, request: pb.GetSecondFactorRequest, context: Context) -> pb.SecondFactor:
        async with self._database.transaction(caller()) as session:
            found = await operations.state(session, caller().user_id)
        return pb.SecondFactor(**found._asdict())

    async def SetUpTotp(self, request: pb.SetUpTotpRequest, context: Context) -> pb.TotpSetup:
        async with self._database.transaction(caller()) as session:
            made = await operations.set_up(session, self._authenticator, caller().user_id)
        picture = await operations.picture(made)
        return pb.TotpSetup(secret=made.secret, otp_auth_uri=made.uri, qr_code_image=picture)

    async def EnableTotp(self, request: pb.EnableTotpRequest, context: Context) -> pb.BackupCodes:
        refuse(*rules.otp_violations("otpCode", request.otp_code))
        async with self._database.transaction(caller()) as session:
            codes = await operations.enable(session, self._authenticator, caller(), request.otp_code)
        if codes is None:
            raise OtpInvalid
        return pb.BackupCodes(success=True, backup_codes=codes)

    async def DisableTotp(self, request: pb.DisableTotpRequest, context: Context) -> pb.SecondFactorChanged:
        code = proof(request)
        refuse(*(() if code else [Violation("otpCode", "Send a code of the app or a backup code.", "required")]))
        async with self._database.transaction(caller()) as session:
            verdict = await operations.disable(session, self._authenticator, caller(), code)
        verdict.ensure()
        return pb.SecondFactorChanged(success=True)

    async def ReplaceBackupCodes(self, request: pb.ReplaceBackupCodesRequest, context: Context) -> pb.BackupCodes:
        refuse(*rules.otp_violations("otpCode", request.otp_code))
        async with self._database.transaction(caller()) as session:
            verdict, codes = await operations.replace_codes(session, self._authenticator, caller(), request.otp_code)
        verdict.ensure()
        return pb.BackupCodes(success=True, backup_codes=codes)

    async def SetPin(self, request: pb.SetPinRequest, context: Context) -> pb.SecondFactorChanged:
        await self._changes.make(caller(), pin_change(request, refuse_frequent=self._refuse_frequent))
        return pb.SecondFactorChanged(success=True)

    async def VerifyPin(self, request: pb.VerifyPinRequest, context: Context) -> pb.PinVerdict:
        refuse(*rules.pin_violations("pin", request.pin))
        return answers.pin_verdict(await pins.verify(self._database, self._passwords, caller(), request.pin))

    async def AuthorisePayment(self, request: pb.AuthorisePaymentRequest, context: Context) -> pb.PaymentVerdict:
        decision = await self._payments.authorise(caller(), payment(request), request.code)
        return answers.payment_verdict(decision, request.method)


def proof(request: pb.DisableTotpRequest | pb.SetPinRequest) -> Proof:
    """Raises Invalid for a code that cannot be one."""
    otp, backup = given(request, "otp_code"), given(request, "backup_code")
    refuse(*rules.otp_violations("otpCode", otp), *rules.backup_violations("backupCode", backup))
    return Proof(otp, backup)


def pin_change(request: pb.SetPinRequest, *, refuse_frequent: bool) -> PinChange:
    """Raises Invalid."""
    current, password = given(request, "current_pin"), given(request, "password")
    refuse(
        *rules.pin_violations("pin", request.pin),
        *(rules.frequent_violations("pin", request.pin) if refuse_frequent else ()),
        *rules.pin_violations("currentPin", current),
    )
    refuse_long_password(password or "")
    return PinChange(request.pin, current, proof(request), password)


def payment(request: pb.AuthorisePaymentRequest) -> Payment:
    """Raises Invalid."""
    amount = request.amount if request.HasField("amount") else None
    made = Payment(request.payment_id, request.method, amount, given(request, "payee"))
    refuse(
        *rules.payment_violations(made.payment_id, made.method, request.code),
        *rules.terms_violations(made.amount, made.payee),
    )
    return made
