"""Bodies of requests: of the right type, bounded in size and time."""

import asyncio
import re

from starlette.types import Message, Receive

from gateway.bridge.reader import NotJson
from gateway.refusals import ClientGone, PayloadTooLarge, RequestTimeout, UnsupportedMediaType

JSON_TYPE = re.compile(rb"application/json *(?:; *charset *= *\"?utf-8\"? *)?", re.IGNORECASE)
PLAINEST = b"application/json"
PATIENCE_SECONDS = 60.0


async def read_body(receive: Receive, headers: dict[bytes, bytes], limit: int) -> bytes:
    """The body, empty where none was sent and none was announced by a Content-Type.

    Raises PayloadTooLarge, UnsupportedMediaType, NotJson, RequestTimeout, ClientGone.
    """
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length[:20]) > limit:
        raise PayloadTooLarge(limit)
    body, more = part(await receive())
    if more:
        body = await rest(receive, body, limit)
    if len(body) > limit:
        raise PayloadTooLarge(limit)
    if body or b"content-type" in headers:
        check_type(headers)
        if not body:
            raise NotJson
    return body


def check_type(headers: dict[bytes, bytes]) -> None:
    kind = headers.get(b"content-type", b"")
    if (kind != PLAINEST and not JSON_TYPE.fullmatch(kind)) or b"content-encoding" in headers:
        raise UnsupportedMediaType


async def rest(receive: Receive, first: bytes, limit: int) -> bytes:
    """A body that comes in parts, whole."""
    parts, size, more = [first], len(first), True
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while more:
                body, more = part(await receive())
                parts.append(body)
                size += len(body)
                if size > limit:
                    raise PayloadTooLarge(limit)
    except TimeoutError:
        raise RequestTimeout from None
    return b"".join(parts)


def part(message: Message) -> tuple[bytes, bool]:
    """A message's bytes, and whether more follow."""
    if message["type"] == "http.disconnect":
        raise ClientGone
    return message.get("body", b""), message.get("more_body", False)
