"""What the pages say."""

import json
import re
from typing import Any

import pytest

from gateway.oauth2.html import FOLDER as TEMPLATES
from gateway.oauth2.words import FOLDER, SCOPES, WORDS, chosen
from services.auth.oauth_clients.scopes import GRANTABLE

USED = re.compile(r'words\["([a-z_]+)"\]')


def keys(document: dict[str, Any]) -> dict[str, list[str]]:
    return {part: sorted(words) for part, words in document.items()}


def test_all_languages_say_the_same_things() -> None:
    found = {path.stem: keys(json.loads(path.read_text("utf-8"))) for path in FOLDER.glob("*.json")}

    assert set(found) == set(WORDS)
    assert all(one == found["en"] for one in found.values())


def test_every_word_of_a_page_is_there() -> None:
    used = {word for path in TEMPLATES.glob("*.html") for word in USED.findall(path.read_text("utf-8"))}

    assert used == set(keys(json.loads((FOLDER / "en.json").read_text("utf-8")))["page"])


@pytest.mark.parametrize("language", WORDS.values(), ids=lambda one: one.tag)
def test_every_scope_that_an_app_may_ask_for_has_words_of_its_own(language: Any) -> None:
    told = {scope: language.scope(scope) for scope in GRANTABLE}

    assert SCOPES == GRANTABLE
    assert len(set(told.values())) == len(told)
    assert not any("{" in words for words in told.values())


@pytest.mark.parametrize(
    ("ui_locales", "accept", "tag"),
    [("ja", "en", "ja"), ("fr ja", "en", "ja"), ("", "ja", "ja"), ("fr", "", "en"), ("x" * 300, "ja;q=0.1", "ja")],
)
def test_the_app_wishes_first_then_the_browser(ui_locales: str, accept: str, tag: str) -> None:
    assert chosen(ui_locales, accept).tag == tag


def test_why_a_form_was_refused_is_said_with_its_facts() -> None:
    locked = "otp_locked", "Wait.", {"retry_after_seconds": "7"}

    assert "7秒後" in WORDS["ja"].error(*locked)
    assert WORDS["en"].error(*locked) == "Wait."
    assert WORDS["ja"].error("never_heard_of", "Who knows.", {}) == "Who knows."
