"""OAuth clients and consents as protos."""

from datetime import UTC, datetime

from orrery.auth.v1 import oauth_pb2 as pb

from services.auth.oauth_clients.models import Consent, OAuthClient
from services.auth.oauth_clients.repository import Shown
from services.auth.oauth_clients.scopes import ordered


def client(one: OAuthClient, secret: str | None = None) -> pb.OAuthClient:
    """`secret` is shown when it was made just now."""
    made = pb.OAuthClient(
        client_id=str(one.id),
        name=one.name,
        redirect_uris=one.redirect_uris,
        grant_types=one.grant_types,
        scopes=one.scopes,
        is_public=one.is_public,
        post_logout_redirect_uris=one.post_logout_redirect_uris,
        created_at=rfc3339(one.created_at),
        updated_at=rfc3339(one.updated_at),
        version=one.version,
    )
    if secret:
        made.client_secret = secret
    return made


def app(one: Consent, shown: Shown | None) -> pb.AuthorizedApp:
    return pb.AuthorizedApp(
        client_id=str(one.client_id),
        name=shown.name if shown else "",
        publisher=shown.publisher if shown else "",
        scopes=ordered(frozenset(one.scopes)),
        organization_id=str(one.organization_id),
        created_at=rfc3339(one.created_at),
        updated_at=rfc3339(one.updated_at),
    )


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
