"""What a specification may say, and what the sentence is where it may not."""

from pathlib import Path

import pytest

from admin.errors import Failed
from admin.secrets import specification

CERTIFICATES = "certificates: {authority: ca, authorityDays: %s, days: %s, issue: {tls: [%s]}}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("secrets: {a: {b: passwort}}", "'passwort' is no kind of secret; there are password"),
        ("secrets: {a: {b: 'ed25519-public:identity'}}", "is no kind of secret"),
        ("secrets: {A_b: {c: password}}", "should match pattern"),
        ("secrets: {a: {'b/c': password}}", "should match pattern"),
        ("secrets: {a: {'.': password}}", "a key is not '.'"),
        ("secrets: {a: {'..': password}}", "a key is not '.'"),
        ("secrets: {a: {}}", "at least 1 item"),
        ("secret: {}", "secret: Extra inputs are not permitted"),
        ("[]", "the file: Input should be a valid dictionary"),
        ("a: b: c", "is no YAML"),
        (CERTIFICATES % (449, 90, "a"), "authorityDays is at least 5 times days"),
        (CERTIFICATES % (450, 90, ""), "at least 1 item"),
        ("secrets: {ca: {b: password}}\n" + CERTIFICATES % (450, 90, "a"), "cannot hold both"),
    ],
    ids=str,
)
def test_a_mistake_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "secrets.yaml").write_text(text)

    with pytest.raises(Failed) as refused:
        specification.read(tmp_path / "secrets.yaml")

    assert sentence in str(refused.value)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "secrets.yaml").write_bytes(b"secrets: {}  # \xff")

    with pytest.raises(Failed) as refused:
        specification.read(tmp_path / "secrets.yaml")

    assert str(refused.value) == f"{tmp_path / 'secrets.yaml'} is no UTF-8."


def test_a_literal_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secrets.yaml").write_text("secrets: {a: {b: 'test:hunter2'}}")

    with pytest.raises(Failed) as refused:
        specification.read(tmp_path / "secrets.yaml")

    assert "hunter2" not in str(refused.value)
