"""What people may say of themselves."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from orrery.auth.v1 import users_pb2 as pb

from libs.errors import Violation
from services.auth.fields import given, name_violations, refuse

LONGEST_NAME, LONGEST_URL, MOST_METADATA = 100, 2048, 16 * 1024
URL = re.compile(r"https://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII)  # RFC 3986; the rest is percent-encoded
Values = dict[str, Any]


def changes(request: pb.UpdateCurrentUserRequest) -> Values:
    """What a request changes, by the public names of the fields, None where emptied; raises Invalid."""
    names = {"firstName": given(request, "first_name"), "lastName": given(request, "last_name")}
    avatar = given(request, "avatar")
    broken = [one for field, name in names.items() for one in name_violations(field, name or None, LONGEST_NAME)]
    broken += avatar_violations(avatar)
    values: Values = {field: name or None for field, name in names.items() if name is not None}
    if avatar is not None:
        values["avatar"] = avatar or None
    if request.HasField("metadata"):
        broken += metadata_violations(request.metadata.json)
        values["metadata"] = request.metadata.json.decode(errors="replace")
    refuse(*broken)
    return values


def avatar_violations(url: str | None) -> Iterator[Violation]:
    """Nobody here fetches it: a browser does, for whoever looks at the person."""
    if not url:
        return
    if len(url) > LONGEST_URL:
        yield Violation("avatar", f"This must have at most {LONGEST_URL} characters.", "too_long")
    elif not is_https(url):
        yield Violation("avatar", "This must be an https URL.", "invalid_format")


def is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(
            URL.fullmatch(url) and parts.hostname and not parts.username and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        return False


def metadata_violations(text: bytes) -> Iterator[Violation]:
    if len(text) > MOST_METADATA:
        yield Violation("metadata", f"This must have at most {MOST_METADATA} bytes.", "too_long")
    elif not text.startswith(b"{"):
        yield Violation("metadata", "This must be an object.", "invalid_type")
