"""Forms that issuers post."""

import asyncio
import re
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request

from gateway.refusals import ClientGone, PayloadTooLarge, RequestTimeout
from libs.errors import Invalid

FORM = re.compile(r"application/x-www-form-urlencoded *(?:; *charset *= *\"?utf-8\"? *)?", re.IGNORECASE)
MOST_BYTES = 64 * 1024
MOST_FIELDS = 20
PATIENCE_SECONDS = 20.0


class FormMalformed(Invalid):
    def __init__(self, field: str) -> None:
        super().__init__(f"Send a form (application/x-www-form-urlencoded) with one {field}.", field=field)


async def field_of(request: Request, name: str) -> str:
    """The one value of a field; raises FormMalformed, PayloadTooLarge, RequestTimeout."""
    if not FORM.fullmatch(request.headers.get("content-type", "")):
        raise FormMalformed(name)
    body = await read(request)
    try:
        found = parse_qs(body.decode("ascii"), errors="strict", max_num_fields=MOST_FIELDS).get(name, [])
    except ValueError:  # also UnicodeDecodeError
        raise FormMalformed(name) from None
    if len(found) != 1:
        raise FormMalformed(name)
    return found[0]


async def read(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > MOST_BYTES:
                    raise PayloadTooLarge(MOST_BYTES)
    except TimeoutError:
        raise RequestTimeout from None
    except ClientDisconnect:
        raise ClientGone from None
    return bytes(body)
