"""The tables are what the published data model and our own models say."""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from libs.database import Model
from libs.settings import DatabaseSettings
from services.auth.accounts.models import Account
from services.auth.api_keys.models import ApiKey
from services.auth.api_tokens.models import ApiToken
from services.auth.invitations.models import Invitation
from services.auth.keys.models import SigningKey
from services.auth.mails.models import Mail
from services.auth.oauth.models import Browser, Code, OAuthGrant, OAuthRefreshToken
from services.auth.oauth_clients.models import Consent, OAuthClient
from services.auth.organizations.models import Member, Organization
from services.auth.passkeys.models import Passkey, PasskeyChallenge
from services.auth.platforms.models import PlatformKey, PlatformState
from services.auth.privacy.models import Erasure, PersonalExport
from services.auth.recovery.models import Proof
from services.auth.roles.models import OrganizationRole
from services.auth.sealing.models import DataKey
from services.auth.second_factors.models import PaymentAuthLog, Pin, Totp
from services.auth.sessions.models import RefreshToken, UserSession
from services.auth.sso.models import SsoCode, SsoFlow, SsoIdentity, SsoLogout, SsoSession
from services.auth.throttles.models import KnownPlace, Throttle
from services.auth.users.models import Profile

TABLES = {
    one.__tablename__
    for one in (
        Account,
        Totp,
        Pin,
        PaymentAuthLog,
        ApiToken,
        ApiKey,
        Organization,
        Member,
        OrganizationRole,
        Invitation,
        Profile,
        UserSession,
        RefreshToken,
        SigningKey,
        DataKey,
        Passkey,
        PasskeyChallenge,
        PlatformKey,
        PlatformState,
        SsoIdentity,
        SsoFlow,
        SsoCode,
        SsoSession,
        SsoLogout,
        OAuthClient,
        Consent,
        Browser,
        OAuthGrant,
        Code,
        OAuthRefreshToken,
        Mail,
        Proof,
        Throttle,
        KnownPlace,
        Erasure,
        PersonalExport,
    )
}
BIGINT, TEXT, FLAG, TIME = "bigint", "text", "boolean", "timestamp with time zone"
STAMPS = {"created_at": (TIME, "NO"), "updated_at": (TIME, "NO")}
PUBLISHED = {
    "user_account": {
        "user_id": (BIGINT, "NO"),
        "username": ("character varying(100)", "NO"),
        "email": ("character varying(255)", "NO"),
        "password_hash": ("character varying(255)", "NO"),
        "is_active": (FLAG, "NO"),
        **STAMPS,
    },
    "user_2fa": {
        "user_id": (BIGINT, "NO"),
        "totp_secret": (TEXT, "YES"),
        "is_enabled": (FLAG, "NO"),
        "backup_codes": ("text[]", "YES"),
        **STAMPS,
    },
    "user_pin": {
        "user_id": (BIGINT, "NO"),
        "pin_hash": ("character varying(255)", "NO"),
        "is_enabled": (FLAG, "NO"),
        "attempt_count": ("integer", "NO"),
        "last_attempt_at": (TIME, "YES"),
        **STAMPS,
    },
    "api_token": {
        "token_id": (BIGINT, "NO"),
        "user_id": (BIGINT, "NO"),
        "token": ("character varying(512)", "NO"),
        "token_type": ("character varying(50)", "NO"),
        "scope": ("text[]", "YES"),
        "issued_at": (TIME, "NO"),
        "expires_at": (TIME, "NO"),
        "revoked": (FLAG, "NO"),
        "last_used_at": (TIME, "YES"),
        **STAMPS,
    },
    "payment_auth_log": {
        "log_id": (BIGINT, "NO"),
        "user_id": (BIGINT, "NO"),
        "payment_id": ("character varying(100)", "YES"),
        "auth_method": ("character varying(50)", "YES"),
        "status": ("character varying(50)", "YES"),
        "timestamp": (TIME, "NO"),
        "metadata": ("jsonb", "YES"),
    },
}
COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NO' ELSE 'YES' END
FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


@pytest.mark.parametrize("table", PUBLISHED)
def test_the_published_columns_stand_first_and_unchanged(settings: DatabaseSettings, table: str) -> None:
    with psycopg.connect(settings.dsn.get_secret_value()) as server:
        columns = {name: (kind, null) for name, kind, null in server.execute(COLUMNS, (table,)).fetchall()}

    published = PUBLISHED[table]
    assert {name: columns[name] for name in list(columns)[: len(published)]} == published


def test_the_models_are_the_tables(settings: DatabaseSettings) -> None:
    engine = create_engine(settings.dsn.get_secret_value().replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        options = {"include_name": lambda name, kind, _: kind != "table" or name in TABLES}
        context = MigrationContext.configure(connection, opts={**options, "compare_type": True})
        differences = compare_metadata(context, Model.metadata)
    engine.dispose()

    assert [one for one in differences if concerns_auth(one)] == []


def concerns_auth(difference: object) -> bool:
    """The other services' models are in the same metadata, but in no table of this schema."""
    return not (isinstance(difference, tuple) and difference[0] == "add_table" and difference[1].name not in TABLES)
