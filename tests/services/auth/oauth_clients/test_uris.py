"""Redirect URIs: what may be registered, and what a request may name."""

import pytest

from services.auth.oauth_clients.uris import destination, fault, form_source, matches

GOOD = [
    "https://app.example/callback",
    "https://app.example:8443/callback?tenant=5",
    "https://xn--bcher-kva.example/",
    "http://127.0.0.1/callback",
    "http://127.0.0.1:8123/callback",
    "http://[::1]:8123/callback",
    "http://localhost:3000/callback",
    "com.example.app:/callback",
    "com.example.app://callback",
]
BAD = [
    "",
    "app.example/callback",
    "//app.example/callback",
    "/callback",
    "http://app.example/callback",
    "http://127.0.0.1.evil.example/callback",
    "http://localhost.evil.example/callback",
    "https://",
    "https:///callback",
    "https://app.example/callback#fragment",
    "https://app.example/callback#",
    "https://user@app.example/callback",
    "https://user:secret@app.example/callback",
    "https://app.example@evil.example/callback",
    "https://*.example/callback",
    "https://app.example:port/callback",
    "http://[::1]evil.example/callback",
    "http://evil.example[::1]/callback",
    "https://[::1]evil.example:8443/callback",
    "https://app.example:99999/callback",
    "https://app.example/call back",
    "https://app.example/call\nback",
    "https://app.example/\\evil.example",
    "https://app.example/'; script-src *",
    'https://app.example/"',
    "https://bücher.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "myapp:/callback",
    "urn:ietf:wg:oauth:2.0:oob",
    "https://app.example/\u202ecallback",
    "https://app.example/" + "x" * 2000,
]


@pytest.mark.parametrize("uri", GOOD)
def test_a_safe_uri_may_be_registered(uri: str) -> None:
    assert fault(uri) == ""


@pytest.mark.parametrize("uri", BAD)
def test_an_unsafe_uri_may_not(uri: str) -> None:
    assert fault(uri)


REGISTERED = [
    "https://app.example/callback",
    "http://127.0.0.1:8123/cb?x=1",
    "http://localhost:3000/cb",
    "http://[::1]/six",
]
NAMED = [
    "https://app.example/callback",
    "http://127.0.0.1:8123/cb?x=1",
    "http://127.0.0.1:50001/cb?x=1",
    "http://127.0.0.1/cb?x=1",
    "http://localhost:3000/cb",
    "http://[::1]:50001/six",
]
NOT_NAMED = [
    "",
    "https://app.example/callback/",
    "https://app.example/callback?x=1",
    "https://app.example/Callback",
    "https://APP.example/callback",
    "https://app.example:443/callback",
    "https://app.example/./callback",
    "https://app.example/x/../callback",
    "https://app.example/%63allback",
    "https://app.example/callback%00",
    "https://app.example/callback#x",
    "https://app.example.evil.example/callback",
    "https://evil.example/?https://app.example/callback",
    "https://app.example@evil.example/callback",
    "https://sub.app.example/callback",
    "http://app.example/callback",
    "HTTPS://app.example/callback",
    " https://app.example/callback",
    "http://localhost:3001/cb",
    "http://127.0.0.1:8123/other?x=1",
    "http://127.0.0.2:8123/cb?x=1",
    "http://127.0.0.1.evil.example/cb?x=1",
    "http://127.0.0.1:8123@evil.example/cb?x=1",
    "http://evil@127.0.0.1:8123/cb?x=1",
    "https://127.0.0.1:8123/cb?x=1",
    "http://[::1]:8123/cb?x=1",
    "http://[::1]evil.example/six",
    "http://evil.example[::1]/six",
    "http://127.0.0.1:/cb?x=1",
    "http://127.1:8123/cb?x=1",
    "http://2130706433:8123/cb?x=1",
]


@pytest.mark.parametrize("uri", NAMED)
def test_a_request_names_a_registered_uri_and_of_loopback_addresses_any_port(uri: str) -> None:
    assert matches(REGISTERED, uri)


@pytest.mark.parametrize("uri", NOT_NAMED)
def test_whatever_differs_is_not_registered(uri: str) -> None:
    assert not matches(REGISTERED, uri)


@pytest.mark.parametrize(
    ("uri", "source", "shown"),
    [
        ("https://app.example/callback", "https://app.example", "app.example"),
        ("https://app.example:8443/callback", "https://app.example:8443", "app.example:8443"),
        ("http://127.0.0.1:5/cb", "http://127.0.0.1:5", "127.0.0.1:5"),
        ("http://[::1]:5/cb", "http:", "[::1]:5"),
        ("com.example.app:/cb", "com.example.app:", "com.example.app:"),
    ],
)
def test_policies_and_people_are_told_where_it_leads(uri: str, source: str, shown: str) -> None:
    assert (form_source(uri), destination(uri)) == (source, shown)
