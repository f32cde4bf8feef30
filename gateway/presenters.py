"""What a route makes of its RPC's answer, chosen once at start-up."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from orrery.options.v1 import options_pb2
from orrery.types.v1.types_pb2 import Pagination

from gateway.answers import JSON, Answer, Headers
from gateway.bridge.encoder import compile_encoder
from gateway.bridge.selection import Selection, list_query_of, selected
from gateway.exchange import Exchange
from gateway.limited import shown
from gateway.refusals import TextLimited
from gateway.router import Route

Present = Callable[[Message, Message, Exchange], Answer]  # request, answer, exchange
Check = Callable[[Message], object]  # raises Invalid for a request that cannot be presented


def presenter_of(route: Route) -> Present:
    """The presenter that fits the route and its RPC's answer."""
    if route.status == 204:
        return lambda request, answer, exchange: Answer(204, b"", caching(route))
    if route.text:
        return text_presenter(route, route.text.field, route.text.media_type)
    if any(is_pagination(field) for field in route.method.output_type.fields):
        return PagePresenter(route)
    if route.family.has_tags and route.verb == "GET":
        return tagged_presenter(route)
    return object_presenter(route)


def tag_of(route: Route) -> Callable[[Message, bytes], bytes]:
    """What makes an answer's ETag of the answer and its data: its version where it has one, else a hash."""
    if version := version_of(route.method.output_type):
        return lambda answer, data: b'"%d"' % getattr(answer, version)
    return lambda answer, data: b'"%b"' % blake2b(data, digest_size=12).hexdigest().encode()


def version_of(message: Descriptor) -> str | None:
    """The name of the field that is the object's version; None where it has none."""
    return next((field.name for field in message.fields if field.GetOptions().Extensions[options_pb2.etag]), None)


def caching(route: Route) -> Headers:
    return [(b"cache-control", route.cache.encode())]


def object_presenter(route: Route) -> Present:
    encode = compile_encoder(route.method.output_type, route.names)
    status, success, headers = route.status, route.family.success, [JSON, *caching(route)]

    def present(request: Message, answer: Message, exchange: Exchange) -> Answer:
        return Answer(status, success(shown(encode(answer), exchange.fields), exchange, None), headers)

    def versioned(request: Message, answer: Message, exchange: Exchange) -> Answer:
        tagged = [(b"etag", tag(answer, b"")), *headers]
        return Answer(status, success(shown(encode(answer), exchange.fields), exchange, None), tagged)

    tag = tag_of(route)
    return versioned if route.family.has_tags and version_of(route.method.output_type) else present


def tagged_presenter(route: Route) -> Present:
    """A single object with the ETag of its data; 304 where the caller has it already."""
    encode = compile_encoder(route.method.output_type, route.names)
    tag_for = tag_of(route)
    headers = [JSON, (b"cache-control", b"private, no-cache"), (b"vary", b"Authorization, X-API-Key")]

    def present(request: Message, answer: Message, exchange: Exchange) -> Answer:
        data = orjson.dumps(shown(encode(answer), exchange.fields))
        tag = tag_for(answer, data)
        if has_tag(exchange.headers.get(b"if-none-match"), tag):
            return Answer(304, b"", [(b"etag", tag), *headers[1:]])
        body = route.family.success(orjson.Fragment(data), exchange, None)
        return Answer(route.status, body, [(b"etag", tag), *headers])

    return present


def has_tag(asked: bytes | None, tag: bytes) -> bool:
    """Whether If-None-Match names the tag; its comparison is weak (RFC 9110 §13.1.2)."""
    if asked is None:
        return False
    return asked.strip() == b"*" or tag in [one.strip().removeprefix(b"W/") for one in asked.split(b",")]


def text_presenter(route: Route, field: str, media_type: str) -> Present:
    headers = [(b"content-type", media_type.encode()), *caching(route)]

    def present(request: Message, answer: Message, exchange: Exchange) -> Answer:
        if exchange.fields is not None:
            raise TextLimited
        return Answer(route.status, getattr(answer, field).encode(), headers)

    return present


class PagePresenter:
    """A page of a list: its rows are the data, its place goes into the family's pagination."""

    def __init__(self, route: Route) -> None:
        rows, place = fields_of_page(route.method.output_type)
        item: Any = rows.message_type
        query = list_query_of(route.method.input_type)
        self._rows, self._place = rows.name, place.name
        self._selection = Selection(query, item, route.names) if query else None
        self._encode = compile_encoder(item, route.names)
        self._encode_place = compile_encoder(Pagination.DESCRIPTOR, route.names)
        self._route, self._headers = route, [JSON, *caching(route)]

    def check(self, request: Message) -> None:
        """Raise RulesBroken for `fields` that the rows do not have."""
        if self._selection:
            self._selection.wanted(request)

    def __call__(self, request: Message, answer: Message, exchange: Exchange) -> Answer:
        rows = [shown(self._encode(row), exchange.fields) for row in getattr(answer, self._rows)]
        wanted = self._selection.wanted(request) if self._selection else None
        data = [selected(row, wanted) for row in rows] if wanted else rows
        place = self._encode_place(getattr(answer, self._place))
        return Answer(self._route.status, self._route.family.success(data, exchange, place), self._headers)


def fields_of_page(message: Descriptor) -> tuple[FieldDescriptor, FieldDescriptor]:
    """The rows and the pagination of a list's answer; raises TypeError where it has other fields."""
    place = next(field for field in message.fields if is_pagination(field))
    rows = [field for field in message.fields if field.is_repeated and field.message_type is not None]
    if len(rows) != 1 or len(message.fields) != 2:
        raise TypeError(f"{message.full_name} is paged and must have one list and its pagination, nothing else")
    return rows[0], place


def is_pagination(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == Pagination.DESCRIPTOR.full_name
