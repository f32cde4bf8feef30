"""The catalogues of other languages."""

import string

import pytest

from gateway import messages
from gateway.bridge.violations import RULES
from gateway.codes import ALL_CODES
from gateway.messages import Translated
from gateway.refusals import OWN
from libs.errors import upper_snake

TRANSLATED = [language for language in messages.LANGUAGES.values() if isinstance(language, Translated)]


def slots(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("language", TRANSLATED, ids=lambda one: one.tag)
def test_a_catalogue_has_every_code_and_every_rule(language: Translated) -> None:
    assert not ALL_CODES - language.codes.keys()
    assert RULES.keys() == language.rules.keys()


@pytest.mark.parametrize("language", TRANSLATED, ids=lambda one: one.tag)
def test_a_rules_sentence_has_the_same_slots_in_every_language(language: Translated) -> None:
    assert {rule: slots(text) for rule, text in language.rules.items()} == {
        rule: slots(english) for rule, (_, english) in RULES.items()
    }


@pytest.mark.parametrize("language", TRANSLATED, ids=lambda one: one.tag)
def test_what_the_gateway_refuses_itself_has_a_sentence(language: Translated) -> None:
    known = language.reasons.keys() | language.codes.keys()

    assert not {upper_snake(refusal.__name__) for refusal in OWN} - known
