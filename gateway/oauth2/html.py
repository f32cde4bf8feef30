"""Pages: plain HTML, no script, nothing from elsewhere.

Browsers hold a form's policy against the redirects that follow it too, so form-action names where the app is.
"""

from pathlib import Path

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from orrery.auth.v1 import oauth_pb2 as pb

from gateway.oauth2 import words
from gateway.oauth2.refusals import meaning, waiting
from libs.errors import Refusal

FOLDER = Path(__file__).parent / "templates"
PAGES = {
    pb.PAGE_ERROR: ("error.html", 400),
    pb.PAGE_SIGN_IN: ("sign_in.html", 200),
    pb.PAGE_CONSENT: ("consent.html", 200),
    pb.PAGE_SIGN_OUT: ("sign_out.html", 200),
    pb.PAGE_SIGNED_OUT: ("signed_out.html", 200),
}
HTML = "text/html; charset=utf-8"
ENGINE = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def page(step: pb.AuthorizeStep, request: Request) -> Response:
    """The page of a step."""
    name, status = PAGES[step.page]
    return rendered(name, step, status, request, {})


def refused(refusal: Refusal, request: Request) -> Response:
    """The page of a refusal."""
    step = pb.AuthorizeStep(page=pb.PAGE_ERROR, reason=refusal.reason.lower(), message=refusal.message)
    step.details.update(refusal.details)
    return rendered("error.html", step, meaning(refusal)[0], request, waiting(refusal, request))


def rendered(name: str, step: pb.AuthorizeStep, status: int, request: Request, more: dict[str, str]) -> Response:
    found = words.chosen(step.ui_locales, request.headers.get("accept-language", ""))
    error = found.error(step.reason, step.message, step.details) if step.reason else ""
    body = ENGINE.get_template(name).render(step=step, words=found, error=error)
    headers = {
        "cache-control": "no-store",
        "content-language": found.tag,
        "content-security-policy": policy(step.form_target),
        "vary": "Accept-Language, Cookie",
        **more,
    }
    return Response(body, status, headers, HTML)


def policy(form_target: str) -> str:
    targets = f"'self' {form_target}".strip()
    return f"default-src 'none'; style-src 'self'; form-action {targets}; base-uri 'none'; frame-ancestors 'none'"
