"""What letters must be, and how they read."""

import pytest

from services.auth.mails.letters import LANGUAGES, TEMPLATES, Letter, LetterUnusable
from services.auth.mails.rendering import render
from tests.services.auth.mails.office import APP

INVITATION = {"organization": "Acme", "inviter": "ada", "link": "/invitations/accept?token=t"}


def values(template: str) -> dict[str, str]:
    return {name: "/path?token=t" if name == "link" else f"the {name}" for name in TEMPLATES[template]}


@pytest.mark.parametrize("language", [*LANGUAGES, ""])
@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_is_written_in_each_language_with_all_of_its_values(template: str, language: str) -> None:
    given = values(template)

    written = render(Letter("ada@example.com", template, language, given), APP)

    said = written.subject + written.text
    assert all((APP + value if name == "link" else value) in said for name, value in given.items())
    assert "{{" not in said
    assert "\n" not in written.subject


def test_without_a_language_it_is_written_in_both() -> None:
    written = render(Letter("ada@example.com", "password_changed", "fr"), APP)

    assert written.subject == "Your password was changed / パスワードが変更されました"


@pytest.mark.parametrize("template", TEMPLATES)
def test_people_are_greeted_by_their_name_where_it_is_known(template: str) -> None:
    named = render(Letter("a@example.com", template, "ja", {**values(template), "username": "ada_lovelace"}), APP)

    assert ("ada_lovelace 様" in named.text) == (template != "invitation")


@pytest.mark.parametrize(
    "name",
    [
        "Acme\r\nBcc: all@example.com",
        "Acme\n\nBcc: all@example.com",
        "Acme\u2028Bcc: all@example.com",
        "Acme\u0085Bcc: all@example.com",
        "Acme\x00Bcc: all@example.com",
    ],
)
def test_a_name_can_add_neither_a_header_nor_a_line(name: str) -> None:
    written = render(Letter("ada@example.com", "invitation", "en", {**INVITATION, "organization": name}), APP)

    assert written.subject == "ada invites you to Acme Bcc: all@example.com"
    assert "Acme Bcc: all@example.com. Accept here:" in written.text


def test_a_name_turns_no_text_around() -> None:
    written = render(Letter("ada@example.com", "invitation", "en", {**INVITATION, "inviter": "a\u202eb"}), APP)

    assert "\u202e" not in written.subject + written.text


def test_what_people_wrote_is_escaped_in_html() -> None:
    mark = "<img src=x onerror=alert(1)>"
    written = render(Letter("ada@example.com", "invitation", "en", {**INVITATION, "organization": mark}), APP)

    assert mark not in written.html
    assert "&lt;img src=x" in written.html


def test_a_template_in_a_value_is_text() -> None:
    written = render(Letter("a@example.com", "invitation", "en", {**INVITATION, "inviter": "{{ link }}"}), APP)

    assert written.subject == "{{ link }} invites you to Acme"


def test_a_very_long_name_is_cut() -> None:
    written = render(Letter("a@example.com", "invitation", "en", {**INVITATION, "inviter": "x" * 100_000}), APP)

    assert len(written.subject) < 400


@pytest.mark.parametrize("link", ["https://evil.example/", "//evil.example/", "evil", "", "/a\nb", "/ä", "/a b\r"])
def test_a_link_is_a_path_of_the_app(link: str) -> None:
    with pytest.raises(LetterUnusable, match="path"):
        Letter("ada@example.com", "invitation", "en", {**INVITATION, "link": link})


def test_a_letter_needs_the_values_of_its_template_and_no_others() -> None:
    with pytest.raises(LetterUnusable, match="needs"):
        Letter("ada@example.com", "invitation", "en", {"link": "/"})
    with pytest.raises(LetterUnusable, match="needs"):
        Letter("ada@example.com", "password_changed", "en", {"password": "x"})
    with pytest.raises(LetterUnusable, match="no mail"):
        Letter("ada@example.com", "../../etc/passwd")
