"""Who may call an RPC: the rule is the method's option, checked at the gateway and here again."""

from google.protobuf.descriptor import MethodDescriptor
from orrery.identity.v1.identity_pb2 import Credential, Identity
from orrery.options.v1 import options_pb2
from orrery.options.v1.options_pb2 import Access, Caller

from libs.errors import Forbidden, Unauthenticated
from libs.rpc.grants import permits
from libs.rpc.scopes import ACTIONS, EVERY_SCOPE, PARTS

# Looked up once: on the hot path of gateway and services the wrappers of enums cost more than the check itself.
ANYONE, SERVICE, SESSION_ONLY = Caller.CALLER_ANYONE, Caller.CALLER_SERVICE, Caller.CALLER_SESSION
FLEET, SESSION = Credential.CREDENTIAL_SERVICE, Credential.CREDENTIAL_SESSION


class SignInRequired(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("Sign in first: this needs an access token.")


class ScopeMissing(Forbidden):
    def __init__(self, scope: str) -> None:
        super().__init__(f"This credential lacks the scope {scope}.", scope=scope)


class ActionMissing(Forbidden):
    def __init__(self, resource: str, action: str) -> None:
        super().__init__(
            f"This credential may not {action} {resource}; its permissions do not name it.",
            resource=resource,
            action=action,
        )


class SessionRequired(Forbidden):
    def __init__(self) -> None:
        super().__init__("This needs a signed-in session; an API key or API token is not enough.")


class FleetOnly(Forbidden):
    def __init__(self) -> None:
        super().__init__("This is for the fleet's own services.")


def access_of(method: MethodDescriptor) -> Access:
    """The method's rule, its action and resource filled in; raises TypeError where it has none: no RPC is open by
    omission."""
    access = method.GetOptions().Extensions[options_pb2.access]
    if access.caller == Caller.CALLER_UNSPECIFIED:
        raise TypeError(f"{method.full_name} does not say who may call it (option orrery.options.v1.access)")
    if access.caller == Caller.CALLER_USER and not access.scope:
        raise TypeError(f"{method.full_name} is for users and names no scope")
    area, _, way = access.scope.partition(":")
    complete = Access()
    complete.CopyFrom(access)
    complete.action = access.action or ("update" if way == "write" else "read")
    complete.resource = access.resource or area
    if complete.action not in ACTIONS or (access.resource and PARTS.get(access.resource) != area):
        raise TypeError(f"{method.full_name}: its action or resource is none (libs/rpc/scopes.py)")
    return complete


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
    if access.scope:
        check_scope(access, identity)


def check_scope(access: Access, identity: Identity) -> None:
    """Raise the refusal of a credential that lacks the rule's scope, or the permission for its action."""
    scopes = identity.scopes
    if EVERY_SCOPE not in scopes and access.scope not in scopes:
        raise ScopeMissing(access.scope)
    if identity.grants and not permits(identity.grants, access.resource, access.action):
        raise ActionMissing(access.resource, access.action)
