import pytest

from tests.tools.lint.conftest import Report
from tools.lint.rules.leaks import RULE


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("key: AKIAIOSFODNN7EXAMPLE", "a cloud key"),
        ("token = ghp_" + "a" * 36, "a token"),
        ("jwt: eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + "a" * 43, "a signed token"),
        ("data = /home/somebody/data", "a machine's path"),
        ("url: https://ada:xK83hd82@example.org/", "a password in a URL"),
        ('index-url = "https://mirror.example.org/simple"', "the package mirror mirror.example.org"),
    ],
)
def test_a_leak_is_refused_and_not_repeated(report: Report, line: str, what: str) -> None:
    lines = report(RULE, {"docs/guides/start.md": f"# Start\n{line}\n"})

    assert lines == [f"docs/guides/start.md:2 no-leaks — {what} has no place in the repository."]


@pytest.mark.parametrize(
    "line",
    [
        'source = { registry = "https://pypi.org/simple" }',
        "ORRERY_DATABASE__DSN=postgresql://media_app:secret@127.0.0.1:15432/orrery",
        "COPY --from=build /app /app",
        'if b"PRIVATE KEY" in pem:',
        "see ../work/plan",
        "http://KEY:SECRET@host:port",
    ],
)
def test_what_only_looks_like_a_leak_is_fine(report: Report, line: str) -> None:
    assert report(RULE, {"docs/guides/start.md": f"{line}\n"}) == []
