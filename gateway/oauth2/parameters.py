"""Parameters of queries and forms, as they were sent: in their order, doubled ones too."""

from urllib.parse import parse_qsl, urlencode

from orrery.auth.v1.oauth_pb2 import Parameter
from starlette.requests import Request

from gateway.refusals import UnsupportedMediaType
from gateway.sso.forms import FORM, read
from libs.errors import Invalid

MOST = 60
MOST_QUERY_BYTES = 8 * 1024
WRITTEN = "application/x-www-form-urlencoded"


class ParametersMalformed(Invalid):
    def __init__(self) -> None:
        super().__init__("The parameters are too many or too long, or no form-encoded UTF-8.")


def of_query(request: Request) -> list[Parameter]:
    """Raises ParametersMalformed."""
    query: bytes = request.scope["query_string"]
    if len(query) > MOST_QUERY_BYTES:
        raise ParametersMalformed
    return decoded(query)


async def of_form(request: Request) -> list[Parameter]:
    """Raises ParametersMalformed, UnsupportedMediaType, PayloadTooLarge, RequestTimeout."""
    if not FORM.fullmatch(request.headers.get("content-type", "")) or "content-encoding" in request.headers:
        raise UnsupportedMediaType(WRITTEN)
    return decoded(await read(request))


def decoded(text: bytes) -> list[Parameter]:
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST)
    except ValueError:  # also UnicodeDecodeError
        raise ParametersMalformed from None
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise ParametersMalformed
    return [Parameter(name=name, value=value) for name, value in pairs]


def encoded(parameters: list[Parameter]) -> str:
    """As a query; raises ParametersMalformed where it would be too long for one."""
    query = urlencode([(one.name, one.value) for one in parameters])
    if len(query) > MOST_QUERY_BYTES:
        raise ParametersMalformed
    return query


def field(parameters: list[Parameter], name: str) -> str:
    """The one value of a field; empty where there is none, or more than one."""
    found = [one.value for one in parameters if one.name == name]
    return found[0] if len(found) == 1 else ""
