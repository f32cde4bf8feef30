"""Redirect URIs: which may be registered, and which of them a request names (RFC 9700 §2.1, RFC 8252 §7).

They are compared as texts. One exception: a native app listens on whatever port is free, so the port of an address
http://127.0.0.1 or http://[::1] may vary.
"""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

LONGEST = 2000
WRITTEN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?\[\]@!$&()*+,;=%-]+")  # RFC 3986, no ' and no fragment
LOOPBACK = re.compile(r"(127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")  # and nothing around it: [::1]evil.example has this host
LOCAL = ("127.0.0.1", "::1", "localhost")
BRACKETED = re.compile(r"\[[0-9a-f:.]+\](:[0-9]*)?")  # an IPv6 address, as an authority
HTTP, HTTPS = "http", "https"


def fault(uri: str) -> str:
    """What is wrong with a redirect URI that is to be registered, as a sentence; empty where nothing is."""
    split = parsed(uri)
    if split is None or len(uri) > LONGEST:
        return "This must be an absolute URI without a fragment."
    if split.username is not None or split.password is not None or "@" in split.netloc:
        return "This must not hold a user name."
    if split.scheme in (HTTP, HTTPS):
        return host_fault(split)
    if "." not in split.scheme:
        return "An app's own scheme must be a domain name in reverse, such as com.example.app."
    return ""


def host_fault(split: SplitResult) -> str:
    is_written = "[" not in split.netloc or BRACKETED.fullmatch(split.netloc.lower())
    if not split.hostname or not re.fullmatch(r"[a-z0-9.:-]+", split.hostname) or not is_written:
        return "This must name a host."
    if split.scheme == HTTP and split.hostname not in LOCAL:
        return "This must be https, unless it is a loopback address."
    return ""


def parsed(uri: str) -> SplitResult | None:
    """The parts of a URI; None of what is none."""
    if not WRITTEN.fullmatch(uri):
        return None
    try:
        split = urlsplit(uri)
        _ = split.port
    except ValueError:
        return None
    return split


def matches(registered: Iterable[str], uri: str) -> bool:
    """Whether the URI is a registered one."""
    known = list(registered)
    if uri in known:
        return True
    portless = without_port(uri)
    return portless is not None and portless in (without_port(one) for one in known)


def without_port(uri: str) -> str | None:
    """A loopback address without its port; None of any other URI."""
    split = parsed(uri)
    found = LOOPBACK.fullmatch(split.netloc) if split and split.scheme == HTTP else None
    return uri.replace(f"{HTTP}://{found[0]}", f"{HTTP}://{found[1]}", 1) if found else None


def is_claimed(uri: str) -> bool:
    """Whether nobody but the app's owner can receive what is sent there: https, as far as DNS can be believed."""
    return uri.startswith("https://")


def form_source(uri: str) -> str:
    """The URI as a source of a Content-Security-Policy; it holds no character that ends one."""
    split = urlsplit(uri)
    if split.scheme not in (HTTP, HTTPS) or ":" in (split.hostname or ""):
        return f"{split.scheme}:"  # sources know no IPv6 addresses
    return f"{split.scheme}://{split.netloc}"


def destination(uri: str) -> str:
    """What people are told of where they are sent: a host, or an app's scheme."""
    split = urlsplit(uri)
    return split.netloc if split.scheme in (HTTP, HTTPS) else f"{split.scheme}:"
