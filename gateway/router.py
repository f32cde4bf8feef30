"""Route tables: one line binds one RPC to one verb and path.

A mistake in a table stops the start: an unknown RPC, a path parameter that is no field, an RPC that says not who may
call it or that is for services alone, a verb and path or an operationId given twice.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor, ServiceDescriptor
from orrery.options.v1.options_pb2 import Access, Caller

from gateway.bridge.names import Names
from gateway.families import Family
from libs.rpc.access import access_of

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WITH_BODY = ("POST", "PUT", "PATCH")
PARAMETER = re.compile(r"\{([a-z0-9_]+)\}")
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Text:
    """An answer that is text rather than JSON: the field that holds it and its media type."""

    field: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Route:
    """One RPC at one verb and path."""

    id: str
    verb: str
    path: str  # public: /api/media/videos/{videoId}
    in_path: tuple[str, ...]  # the path's parameters in order, as proto field names
    method: MethodDescriptor
    access: Access
    service: str
    family: Family
    names: Names
    status: int
    rate: str
    timeout: float  # seconds for the call
    limit: int  # bytes of a body
    text: Text | None
    cache: str  # Cache-Control of an answer
    also: tuple[int, ...]  # statuses of refusals that only few routes know

    @property
    def has_body(self) -> bool:
        return self.verb in WITH_BODY


class RpcRouter:
    """The routes of one proto service under one prefix."""

    def __init__(self, service: ServiceDescriptor, *, prefix: str, family: Family, names: Names, backend: str) -> None:
        """`backend` is the deployable that serves it: the name of a setting ORRERY_SERVICES__<NAME>."""
        self.service, self.prefix, self.family, self.names, self.backend = service, prefix, family, names, backend
        self.routes: list[Route] = []

    def rpc(
        self,
        verb: str,
        path: str,
        name: str,
        *,
        id: str,  # noqa: A002  # the table's own word for an operationId
        rate: str = "default",
        status: int = 200,
        timeout: float = 10.0,
        limit: int = MEBIBYTE,
        text: Text | None = None,
        cache: str = "no-store",
        also: tuple[int, ...] = (),
    ) -> None:
        """Bind an RPC; raises TypeError where it cannot be bound. Path parameters are proto field names."""
        if verb not in VERBS:
            raise TypeError(f"{id}: {verb} is not one of {', '.join(VERBS)}")
        method = self._method(name)
        in_path = tuple(PARAMETER.findall(path))
        self.routes.append(
            Route(
                id=id,
                verb=verb,
                path=self.prefix + PARAMETER.sub(lambda found: f"{{{self._public(method, found[1])}}}", path),
                in_path=in_path,
                method=method,
                access=public_access(method),
                service=self.backend,
                family=self.family,
                names=self.names,
                status=status,
                rate=rate,
                timeout=timeout,
                limit=limit,
                text=text,
                cache=cache,
                also=also,
            )
        )

    def _method(self, name: str) -> MethodDescriptor:
        found: MethodDescriptor | None = self.service.methods_by_name.get(name)
        if found is None:
            raise TypeError(f"{self.service.full_name} has no RPC {name}")
        return found

    def _public(self, method: MethodDescriptor, parameter: str) -> str:
        field: FieldDescriptor | None = method.input_type.fields_by_name.get(parameter)
        if field is None:
            raise TypeError(
                f"{method.full_name}: the path's {{{parameter}}} is no field of {method.input_type.full_name}"
            )
        return self.names.of(field)


def public_access(method: MethodDescriptor) -> Access:
    """The RPC's access rule; raises TypeError where none lets a caller from outside in."""
    access = access_of(method)
    if access.caller == Caller.CALLER_SERVICE:
        raise TypeError(f"{method.full_name} is for the fleet's services and cannot be bound to a route")
    return access


def all_routes(routers: Iterable[RpcRouter]) -> list[Route]:
    """The routes of all tables; raises TypeError where two are at one verb and path or have one operationId."""
    routes = [route for router in routers for route in router.routes]
    refuse_twice("the operationId", (route.id for route in routes))
    refuse_twice("the route", (f"{route.verb} {re.sub(r'{.*?}', '{}', route.path)}" for route in routes))
    return routes


def refuse_twice(what: str, names: Iterator[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise TypeError(f"{what} {name} is given twice")
        seen.add(name)
