"""Small pages for whoever has no app of ours: they send a mailed token to the API that any app would use.

Opening one spends nothing: programs that look at mails open links too. Their script is a file of this origin.
"""

import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from gateway import messages

FOLDER = Path(__file__).parent
ACTIONS = {
    "verify-email": "/api/auth/email/verify",
    "reset-password": "/api/auth/password/reset",
    "restore": "/api/auth/account/restore",
    "join": "/api/v1/auth/register",
}
TOKENS = {"join": "invitation_token"}  # what the action calls the token, where that is not "token"
WORDS: dict[str, dict[str, Any]] = json.loads((FOLDER / "words.json").read_text("utf-8"))
ENGINE = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
FILES = {
    name: ((FOLDER / "templates" / name).read_bytes(), media_type)
    for name, media_type in (("account.js", "text/javascript"), ("account.css", "text/css"))
}
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "vary": "Accept-Language",
}


def account() -> APIRouter:
    """The routes; they ask nobody, and take nothing."""
    router = APIRouter(prefix="/account", include_in_schema=False)

    @router.get("/{name}")
    async def page(request: Request, name: str) -> Response:
        if name in FILES:
            body, media_type = FILES[name]
            return Response(body, 200, {"cache-control": "public, max-age=3600"}, media_type)
        if name not in ACTIONS:
            raise HTTPException(404)
        return rendered(name, request.headers.get("accept-language", ""))

    return router


def rendered(name: str, wishes: str) -> Response:
    tag = messages.chosen(wishes.encode("latin-1", "ignore")).tag
    words = WORDS[tag]
    body = ENGINE.get_template("page.html").render(
        tag=tag,
        words=words[name],
        action=ACTIONS[name],
        token=TOKENS.get(name, "token"),
        failed=words["failed"],
        script=words["script"],
    )
    return Response(body, 200, {**HEADERS, "content-language": tag}, "text/html; charset=utf-8")
