"""All hand-written routes of the authorization server as one router."""

from fastapi import APIRouter

from gateway.endpoint import Gate
from gateway.oauth2.calls import Calls
from gateway.oauth2.clients import clients
from gateway.oauth2.discovery import discovery
from gateway.oauth2.people import people
from gateway.seams import Backend


def oauth2(gate: Gate, auth: Backend, public_url: str, issuer: str) -> APIRouter:
    """The routes; `auth` is the service, `public_url` where browsers reach us, `issuer` who signs tokens."""
    router, calls = APIRouter(), Calls(gate, auth)
    for one in (discovery(public_url, issuer or public_url), people(calls, public_url), clients(calls)):
        router.include_router(one)
    return router
