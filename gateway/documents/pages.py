"""/openapi.json, /docs (Swagger UI) and /redoc, with all that they load from here: no page asks the internet.

Scripts are files of this origin, so the policy needs no 'unsafe-inline' for them; both interfaces write style
attributes, so it does for styles.
"""

import gzip
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from gateway.bridge.schemas import Schema

OWN = Path(__file__).parent / "assets"
PACKAGE = "fastapi_offline"  # carries today's Swagger UI and Redoc; nothing else of it is used
ASSETS: dict[str, str] = {  # file → media type
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "swagger.js": "text/javascript",
    "redoc.standalone.js": "text/javascript",
    "redoc.js": "text/javascript",
    "favicon.png": "image/png",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Orrery API</title>
<link rel="icon" href="/docs/assets/favicon.png">
{styles}</head>
<body>
<div id="ui"></div>
{scripts}</body>
</html>
"""
ELSEWHERE, FAVICON = b"https://cdn.redoc.ly/redoc/logo-mini.svg", b"/docs/assets/favicon.png"  # Redoc's own footer
DAY = "public, max-age=86400"


class Asset(NamedTuple):
    """A file in memory, plain and compressed, with its tag."""

    plain: bytes
    zipped: bytes
    tag: str


def documents(make: Callable[[], Schema], url: str) -> APIRouter:
    """The routes; `make` makes the document when it is first asked for, `url` is where the API is reached."""
    router = APIRouter(include_in_schema=False)
    text = cache(lambda: asset_of(orjson.dumps(make())))
    policy = {"content-security-policy": content_policy(url)}

    @router.get("/openapi.json")
    async def openapi(request: Request) -> Response:
        return sent(request, text(), "application/json", "no-cache")

    @router.get("/docs")
    async def swagger() -> Response:
        return Response(page(["swagger-ui.css"], ["swagger-ui-bundle.js", "swagger.js"]), 200, policy, "text/html")

    @router.get("/redoc")
    async def redoc() -> Response:
        return Response(page([], ["redoc.standalone.js", "redoc.js"]), 200, policy, "text/html")

    @router.get("/docs/assets/{name}")
    async def asset(request: Request, name: str) -> Response:
        if name not in ASSETS:
            raise HTTPException(404)
        return sent(request, read_asset(name), ASSETS[name], DAY)

    return router


def page(styles: list[str], scripts: list[str]) -> str:
    links = "".join(f'<link rel="stylesheet" href="/docs/assets/{name}">\n' for name in styles)
    loaded = "".join(f'<script src="/docs/assets/{name}"></script>\n' for name in scripts)
    return PAGE.format(styles=links, scripts=loaded)


def content_policy(url: str) -> str:
    """What the pages may load; "try it out" may call the API where it is reached."""
    split = urlsplit(url)
    api = f" {split.scheme}://{split.netloc}" if split.netloc else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        f"font-src 'self' data:; connect-src 'self'{api}; worker-src blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


@cache
def read_asset(name: str) -> Asset:
    """A file of ours, or of the package; raises FileNotFoundError where the package is not installed."""
    if (OWN / name).exists():
        return asset_of((OWN / name).read_bytes())
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise FileNotFoundError(f"{PACKAGE} is not installed; it carries {name}")
    carried = (Path(found.origin).parent / "static" / name).read_bytes()
    return asset_of(carried.replace(ELSEWHERE, FAVICON))


def asset_of(plain: bytes) -> Asset:
    return Asset(plain, gzip.compress(plain, 6, mtime=0), f'"{blake2b(plain, digest_size=12).hexdigest()}"')


def sent(request: Request, asset: Asset, media_type: str, caching: str) -> Response:
    headers = {"cache-control": caching, "etag": asset.tag, "vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == asset.tag:
        return Response(b"", 304, headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.zipped, 200, {**headers, "content-encoding": "gzip"}, media_type)
    return Response(asset.plain, 200, headers, media_type)
