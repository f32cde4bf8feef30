"""For which site passkeys are made."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

LOCAL = "localhost"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """A site: its domain, its name for people, and the origins whose pages may ask for its passkeys."""

    id: str
    name: str
    origins: tuple[str, ...]

    @classmethod
    def of(cls, url: str, *, name: str = "Orrery", id: str = "", origins: str = "") -> "RelyingParty":  # noqa: A002  # the standard's word
        """By the deployment's public URL, where id and origins (comma-separated) are not given.

        Browsers make no passkeys for addresses. On a machine of its own a deployment is reached as localhost, too.
        """
        parts = urlsplit(url)
        host = LOCAL if is_loopback(parts.hostname or "") else parts.hostname or LOCAL
        origin = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
        given = tuple(one.strip().rstrip("/") for one in origins.split(",") if one.strip())
        return cls(id or host, name, given or (origin,))


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
