"""What a sign-in may be begun with."""

import re

from orrery.auth.v1.sso_pb2 import BeginSsoSignInRequest

from libs.errors import Violation
from services.auth.fields import given, refuse

LONGEST_STATE = 512
STATE = re.compile(r"[\x20-\x7e]+")  # RFC 6749 §A.5
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # a SHA-256 in base64url


def admit(request: BeginSsoSignInRequest) -> None:
    """Raises Invalid."""
    state, challenge = given(request, "state"), given(request, "code_challenge")
    broken = []
    if state is not None and not (len(state) <= LONGEST_STATE and STATE.fullmatch(state)):
        broken.append(Violation("state", "This must be 1 to 512 printable ASCII characters.", "invalid_format"))
    if challenge is not None and not CHALLENGE.fullmatch(challenge):
        broken.append(Violation("code_challenge", "This must be an S256 challenge: 43 characters.", "invalid_format"))
    refuse(*broken)
