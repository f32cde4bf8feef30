"""Letters as people read them: a subject, a text, and the same as HTML."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.auth.mails.letters import GREETED, Letter

LOADER = PackageLoader(__package__ or "services.auth.mails")
# Plain text is not escaped; the HTML is made of it and escapes all of it.
ENVIRONMENT = Environment(
    loader=LOADER, autoescape=select_autoescape(["html"]), undefined=StrictUndefined, trim_blocks=True
)
RULE = "\n\n" + "-" * 40 + "\n\n"
LONGEST_VALUE = 300


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail without its addresses. The subject is one line."""

    subject: str
    text: str
    html: str
    link: str

    def content(self) -> dict[str, str]:
        return asdict(self)


def render(letter: Letter, app_url: str) -> Rendered:
    """The letter in its languages; `app_url` is where people reach the app, and stands before its link."""
    link = app_url + letter.values["link"] if "link" in letter.values else ""
    values = {GREETED: "", **letter.values, "link": link}
    parts = [split(letter.template, language, plain(values)) for language in letter.languages]
    subject = " / ".join(subject for subject, _ in parts)
    text = RULE.join(body for _, body in parts)
    html = ENVIRONMENT.get_template("layout.html").render(subject=subject, blocks=blocks(text), link=link)
    return Rendered(subject, text, html, link)


def split(template: str, language: str, values: Mapping[str, str]) -> tuple[str, str]:
    """A template's first line is the subject; after an empty one follows the text."""
    rendered = ENVIRONMENT.get_template(f"{template}.{language}.txt").render(values)
    subject, _, body = rendered.partition("\n")
    return subject.strip(), body.strip()


def plain(values: Mapping[str, str]) -> dict[str, str]:
    """Values that people chose, on one line each and without signs that are not seen: they cannot add a header to the
    mail, nor lines to its text."""
    return {name: " ".join(seen(value).split())[: most(name)] for name, value in values.items()}


def most(name: str) -> int | None:
    return None if name == "link" else LONGEST_VALUE


def seen(value: str) -> str:
    return "".join(one if one.isprintable() else " " for one in value)


def blocks(text: str) -> Iterable[str]:
    """The paragraphs."""
    return text.split("\n\n")
