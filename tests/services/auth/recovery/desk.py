"""What people do at the desk where passwords and addresses are changed."""

from urllib.parse import urlsplit

from orrery.auth.v1 import recovery_pb2 as pb
from orrery.auth.v1.accounts_pb2 import SignedIn

from libs.jobs import Worker
from services.auth.recovery.tasks import QUEUE, recovery_tasks
from tests.libs.waiting import eventually, running
from tests.services.auth.house import PASSWORD, House, Visitor
from tests.services.auth.mails.office import posted

NEW = "Another-horse8"


async def mailed(house: House, email: str, template: str) -> str:
    """The newest token of a kind that was mailed to an address."""
    mails = await posted(house.database, email, template)
    assert mails, f"no {template} was mailed to {email}"
    link = str((mails[-1].content or {})["link"])
    return urlsplit(link).fragment.removeprefix("token=")


async def verify(house: House, token: str) -> bool:
    return (await house.call("VerifyEmail", pb.VerifyEmailRequest(token=token), pb.VerifyEmailResponse)).success


async def proven(house: House) -> SignedIn:
    """Somebody who proved their address."""
    made = await house.register()
    assert await verify(house, await mailed(house, made.user.email, "verify_email"))
    return made


async def send_verification(house: House, made: SignedIn) -> bool:
    request, visitor = pb.SendVerificationRequest(), Visitor(token=made.token)
    return (await house.call("SendVerification", request, pb.SendVerificationResponse, visitor)).success


async def change_email(house: House, made: SignedIn, email: str, password: str = PASSWORD) -> bool:
    request, visitor = pb.ChangeEmailRequest(email=email, password=password), Visitor(token=made.token)
    return (await house.call("ChangeEmail", request, pb.ChangeEmailResponse, visitor)).success


async def change_password(house: House, made: SignedIn, current: str = PASSWORD, new: str = NEW) -> bool:
    request = pb.ChangePasswordRequest(current_password=current, new_password=new)
    visitor = Visitor(token=made.token)
    return (await house.call("ChangePassword", request, pb.ChangePasswordResponse, visitor)).success


async def forget(house: House, email: str) -> bool:
    """Ask for a reset, and let the job behind it run."""
    done = await house.call("ForgotPassword", pb.ForgotPasswordRequest(email=email), pb.ForgotPasswordResponse)
    async with running(Worker(house.database, recovery_tasks(house.database), queues=[QUEUE])):
        await eventually(lambda: is_idle(house))
    return done.success


async def is_idle(house: House) -> bool:
    query = "SELECT 1 FROM procrastinate_jobs WHERE queue_name = :queue AND status IN ('todo', 'doing')"
    return not await house.sql(query, queue=QUEUE)


async def reset(house: House, token: str, password: str = NEW, visitor: Visitor | None = None) -> bool:
    request = pb.ResetPasswordRequest(token=token, password=password)
    return (await house.call("ResetPassword", request, pb.ResetPasswordResponse, visitor or Visitor())).success


async def replace(house: House, username: str, password: str, new: str = NEW) -> bool:
    request = pb.ReplacePasswordRequest(username=username, password=password, new_password=new)
    return (await house.call("ReplacePassword", request, pb.ReplacePasswordResponse)).success
