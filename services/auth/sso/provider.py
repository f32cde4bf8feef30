"""What a deployment says of an issuer."""

from functools import cached_property
from ipaddress import ip_address
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, FilePath, SecretStr, model_validator

from libs.settings.stores import Frozen
from services.auth.organizations.models import Role


def is_loopback(host: str) -> bool:
    """Whether a URL's host is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_safe(url: str) -> bool:
    """Whether a URL is https, or http on this machine, without anything that is no part of an address."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_private = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    is_plain = url.isascii() and url.isprintable() and not set(url) & set("# \\") and "@" not in parts.netloc
    return bool(host) and is_private and is_plain


def issuer_url(url: str) -> str:
    if not is_safe(url) or "?" in url:
        raise ValueError("an issuer is https://host/path (http on this machine alone)")
    return url


def app_url(url: str) -> str:
    """A redirect target: also a native app's own scheme (RFC 8252), compared as it is."""
    parts = urlsplit(url)
    is_native = "." in parts.scheme and bool(parts.path)
    if not (is_safe(url) or is_native) or "#" in url or not (url.isascii() and url.isprintable()):
        raise ValueError("a redirect is https://host/path, http on this machine alone, or com.example.app:/path")
    return url


AppUrl = Annotated[str, AfterValidator(app_url)]
RoleName = Annotated[str, Field(min_length=1, max_length=50)]
IssuerUrl = Annotated[str, AfterValidator(issuer_url), Field(max_length=500)]


class SsoProviderSettings(Frozen):
    """An issuer that people sign in through."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$", description="Its name in paths.")
    display_name: str = Field(default="", max_length=100, description="Its name for people; the name where absent.")
    issuer: IssuerUrl = Field(description="Its `iss`, exactly; discovery starts from it.")
    client_id: str = Field(min_length=1, max_length=255)
    client_secret: SecretStr | None = None
    client_secret_file: FilePath | None = None
    scopes: str = Field(default="openid profile email", pattern=r"^openid( |$)")
    organization: str = Field(min_length=1, description="Slug or id of the organization that people join.")
    roles: dict[str, RoleName] = Field(
        default_factory=dict, description="Group there → role here; the first that fits."
    )
    roles_claim: str = Field(default="groups", min_length=1, description="Where the groups are: groups, a.b.c.")
    default_role: RoleName | None = Field(
        default=Role.OPERATOR, description="Of whom no group fits; null refuses them."
    )
    allowed_domains: frozenset[str] = Field(default=frozenset(), description="Domains of verified e-mail addresses.")
    link_by_email: bool = Field(default=False, description="Trust its verified addresses to name accounts of ours.")
    accept_bearer: str | None = Field(
        default=None, min_length=1, description="Accept its access tokens for this audience."
    )

    @model_validator(mode="after")
    def is_sound(self) -> Self:
        if self.client_secret and self.client_secret_file:
            raise ValueError("give client_secret or client_secret_file, not both")
        if self.accept_bearer == self.client_id:
            raise ValueError("accept_bearer is an audience of its own: the client's own one is that of ID tokens")
        return self

    @property
    def title(self) -> str:
        return self.display_name or self.name

    @cached_property
    def secret(self) -> str | None:
        """The client's secret; None for a public client."""
        if self.client_secret_file:
            return self.client_secret_file.read_text().strip()
        return self.client_secret.get_secret_value() if self.client_secret else None

    def says_groups(self, claims: dict[str, Any]) -> bool:
        """Whether the claims say what the role is mapped from; they need not where nothing is mapped."""
        return not self.roles or claim_at(claims, self.roles_claim) is not None

    def role_of(self, claims: dict[str, Any]) -> str | None:
        """The role, one of the organization's, that the claims' groups give; None where they give none."""
        groups = groups_in(claims, self.roles_claim)
        return next((role for group, role in self.roles.items() if group in groups), self.default_role)


class SsoSettings(Frozen):
    """Signing in through other issuers."""

    providers: tuple[SsoProviderSettings, ...] = ()
    redirect_uris: frozenset[AppUrl] = Field(default=frozenset(), description="Where apps may want browsers back.")
    landing_url: AppUrl | None = Field(default=None, description="Where browsers go that named no redirect_uri.")

    @model_validator(mode="after")
    def are_distinct(self) -> Self:
        for what in ("name", "issuer"):
            if len({getattr(one, what) for one in self.providers}) != len(self.providers):
                raise ValueError(f"two providers have the same {what}")
        return self


def groups_in(claims: dict[str, Any], path: str) -> frozenset[str]:
    """The texts at a dotted path: a list of them, or one alone; whatever else is there is no group."""
    found = claim_at(claims, path)
    groups = [found] if isinstance(found, str) else found
    return frozenset(one for one in groups if isinstance(one, str)) if isinstance(groups, list) else frozenset()


def claim_at(claims: dict[str, Any], path: str) -> Any:
    """What is at a dotted path, or under the path as a name, which may be a URL; None where nothing is."""
    found: Any = claims
    for name in (path,) if path in claims else path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found
