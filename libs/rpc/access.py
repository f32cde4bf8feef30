"""Who may call an RPC: the rule is the method's option, checked at the gateway and here again."""

from google.protobuf.descriptor import MethodDescriptor
from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.options.v1 import options_pb2
from orrery.options.v1.options_pb2 import Access, Caller

from libs.errors import Forbidden, Unauthenticated

EVERY_SCOPE = "*"
# Looked up once: on the hot path of gateway and services the wrappers of enums cost more than the check itself.
ANYONE, SERVICE, SESSION_ONLY = Caller.CALLER_ANYONE, Caller.CALLER_SERVICE, Caller.CALLER_SESSION
FLEET, SESSION = Credential.CREDENTIAL_SERVICE, Credential.CREDENTIAL_SESSION


class SignInRequired(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("Sign in first: this needs an access token.")


class ScopeMissing(Forbidden):
    def __init__(self, scope: str) -> None:
        super().__init__(f"This credential lacks the scope {scope}.", scope=scope)


class SessionRequired(Forbidden):
    def __init__(self) -> None:
        super().__init__("This needs a signed-in session; an API key or API token is not enough.")


class FleetOnly(Forbidden):
    def __init__(self) -> None:
        super().__init__("This is for the fleet's own services.")


def access_of(method: MethodDescriptor) -> Access:
    """The method's rule; raises TypeError where it has none, so that no RPC is open by omission."""
    access = method.GetOptions().Extensions[options_pb2.access]
    if access.caller == Caller.CALLER_UNSPECIFIED:
        raise TypeError(f"{method.full_name} does not say who may call it (option orrery.options.v1.access)")
    if access.caller == Caller.CALLER_USER and not access.scope:
        raise TypeError(f"{method.full_name} is for users and names no scope")
    return access


def check(access: Access, identity: Identity) -> None:
    """Raise the refusal that the rule gives this identity; return where it may call."""
    caller = access.caller
    if caller == ANYONE:
        return
    if caller == SERVICE:
        if identity.credential != FLEET:
            raise FleetOnly
        return
    if not identity.user_id:
        raise SignInRequired
    if caller == SESSION_ONLY and identity.credential != SESSION:
        raise SessionRequired
    if scope := access.scope:
        scopes = identity.scopes
        if EVERY_SCOPE not in scopes and scope not in scopes:
            raise ScopeMissing(scope)
