"""Lost updates: `If-Match` of a write becomes the version that the service compares, inside its own transaction."""

import re
from collections.abc import Callable, Mapping

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.bridge.names import is_if_match
from gateway.router import Route
from libs.errors import Invalid, Precondition

VERSION_TAG = re.compile(rb'"([0-9]{1,18})"')
Fill = Callable[[Message, Mapping[bytes, bytes]], None]
WRITES = ("POST", "PUT", "PATCH", "DELETE")


class TagOutdated(Precondition):
    def __init__(self) -> None:
        super().__init__("If-Match names another version than there is now; read it again and decide anew.")


class NoVersion(Precondition):
    def __init__(self) -> None:
        super().__init__("This has no version to compare with; leave If-Match out.")


class SeveralTags(Invalid):
    def __init__(self) -> None:
        super().__init__("If-Match takes one ETag here.")


def precondition_of(route: Route) -> Fill | None:
    """What puts If-Match into requests of this route; None where its family knows no versions or it only reads."""
    if not route.family.has_tags or route.verb not in WRITES:
        return None
    field = if_match_field(route.method.input_type)
    return filling(field.name) if field else refusing


def if_match_field(message: Descriptor) -> FieldDescriptor | None:
    return next((field for field in message.fields if is_if_match(field)), None)


def filling(name: str) -> Fill:
    def fill(request: Message, headers: Mapping[bytes, bytes]) -> None:
        """Raises TagOutdated for a tag that no version of ours can have: weak, or of another shape."""
        asked = headers.get(b"if-match", b"*").strip()
        if asked == b"*":
            return
        if b"," in asked:
            raise SeveralTags
        found = VERSION_TAG.fullmatch(asked)
        if not found:
            raise TagOutdated
        setattr(request, name, int(found[1]))

    return fill


def refusing(request: Message, headers: Mapping[bytes, bytes]) -> None:
    """`*` asks for nothing but that the thing is there."""
    if headers.get(b"if-match", b"*").strip() != b"*":
        raise NoVersion
