"""What the pages say, in the languages that there are."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway import messages
from gateway.messages import Language
from libs.errors import Refusal
from libs.rpc.scopes import SCOPES as OF_API

FOLDER = Path(__file__).parent / "words"
OF_PEOPLE = ("openid", "profile", "email", "offline_access")
SCOPES = OF_API | set(OF_PEOPLE)


class Words:
    """One language's."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self._found: dict[str, Any] = json.loads((FOLDER / f"{tag}.json").read_text("utf-8"))

    def __getitem__(self, name: str) -> str:
        return str(self._found["page"][name])

    def scope(self, scope: str) -> str:
        """What a scope lets an app do, in words."""
        area, _, way = scope.partition(":")
        if scope in self._found["scopes"]:
            return str(self._found["scopes"][scope])
        return str(self._found["ways"][way]).format(area=self._found["areas"][area])

    def error(self, reason: str, message: str, details: Mapping[str, str]) -> str:
        """Why a page says no: a sentence of the pages, else of the API's catalogue, else in English."""
        if reason in self._found["errors"]:
            return str(self._found["errors"][reason])
        refusal = Refusal(message, **details)
        refusal.reason = reason.upper()
        return language(self.tag).sentence(refusal, refusal.reason)


def language(tag: str) -> Language:
    return messages.LANGUAGES[tag]


WORDS = {tag: Words(tag) for tag in messages.LANGUAGES}


def chosen(ui_locales: str, accept_language: str) -> Words:
    """In the language that the app wishes for, else that of the browser's wishes."""
    wishes = ",".join((*ui_locales.split(), accept_language))
    return WORDS[messages.chosen(wishes.encode("latin-1", "ignore")).tag]
