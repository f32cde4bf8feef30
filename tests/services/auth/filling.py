"""A row of one person in every table: what walls keep apart and what erasing must find."""

from tests.services.auth.house import House

FILL = """
INSERT INTO user_2fa (user_id) VALUES (:id);
INSERT INTO sign_in_throttle VALUES (sha256(convert_to(CAST(:id AS text), 'UTF8')), 'a', 1, now(), now());
INSERT INTO erasure (user_id, token_hash, erases_at)
    VALUES (:id, sha256(convert_to(CAST(:id AS text), 'UTF8')), now());
INSERT INTO personal_export (user_id) VALUES (:id);
INSERT INTO user_pin (user_id, pin_hash) VALUES (:id, 'x');
INSERT INTO payment_auth_log (user_id) VALUES (:id);
INSERT INTO api_token (user_id, token, token_type, expires_at) VALUES (:id, 'hash' || :id, 'api', now());
INSERT INTO api_key (organization_id, name, key_prefix, hashed_key, last_four, created_by)
    SELECT organization_id, 'x', 'pk_live_', CAST(:id AS text), 'xxxx', user_id
    FROM organization_member WHERE user_id = :id;
INSERT INTO passkey
    (user_id, credential_id, public_key, sign_count, name, aaguid, transports, is_backup_eligible, is_backed_up)
    VALUES (:id, convert_to(CAST(:id AS text), 'UTF8'), 'x', 0, 'x', gen_random_uuid(), '{}', false, false);
INSERT INTO passkey_challenge (hash, purpose, user_id, expires_at)
    VALUES (sha256(convert_to(CAST(:id AS text), 'UTF8')), 'register', :id, now());
INSERT INTO platform_key (user_id, platform, access_token, access_token_mask) VALUES (:id, 'twitch', 'x', 'x');
INSERT INTO platform_state (hash, platform, user_id, redirect_uri, expires_at)
    VALUES (sha256(convert_to(CAST(:id AS text), 'UTF8')), 'twitch', :id, 'x', now());
INSERT INTO sso_identity (user_id, issuer, subject, mapped_at) VALUES (:id, 'x', CAST(:id AS text), now());
INSERT INTO sso_session (session_id, user_id, identity_id, provider, amr, id_token)
    SELECT s.id, user_id, i.id, 'x', '{}', 'x' FROM session s JOIN sso_identity i USING (user_id) WHERE user_id = :id;
INSERT INTO sso_code (hash, user_id, identity_id, organization_id, provider, amr, id_token, expires_at)
    SELECT sha256(convert_to(CAST(:id AS text), 'UTF8')), user_id, id, id, 'x', '{}', 'x', now()
    FROM sso_identity WHERE user_id = :id;
INSERT INTO organization_invitation (organization_id, email, role, token_hash, expires_at)
    SELECT organization_id, 'x', role, sha256(convert_to(CAST(:id AS text), 'UTF8')), now()
    FROM organization_member WHERE user_id = :id;
INSERT INTO sso_flow (state_hash, browser_hash, provider, redirect_uri, expires_at)
    SELECT hash, hash, 'x', 'x', now() FROM sha256(convert_to(CAST(:id AS text), 'UTF8')) hash;
INSERT INTO sso_logout (hash, expires_at) VALUES (sha256(convert_to(CAST(:id AS text), 'UTF8')), now());
INSERT INTO oauth_client (organization_id, created_by, name, redirect_uris, post_logout_redirect_uris, grant_types,
    scopes, is_public) SELECT organization_id, user_id, 'x', '{}', '{}', '{}', '{}', true
    FROM organization_member WHERE user_id = :id;
INSERT INTO oauth_consent (client_id, user_id, organization_id, scopes)
    SELECT id, :id, organization_id, '{}' FROM oauth_client WHERE created_by = :id;
INSERT INTO oauth_browser (hash, session_id, user_id, expires_at)
    SELECT sha256(convert_to(CAST(:id AS text), 'UTF8')), id, user_id, now() FROM session WHERE user_id = :id;
INSERT INTO oauth_grant (client_id, user_id, organization_id, grant_type, scopes, amr, signed_in_at, user_agent,
    expires_at) SELECT id, created_by, organization_id, 'x', '{}', '{}', now(), 'x', now()
    FROM oauth_client WHERE created_by = :id;
INSERT INTO oauth_code (hash, grant_id, user_id, client_id, redirect_uri, challenge, expires_at)
    SELECT sha256(convert_to(CAST(:id AS text), 'UTF8')), id, user_id, client_id, 'x', 'x', now()
    FROM oauth_grant WHERE user_id = :id;
INSERT INTO oauth_refresh_token (hash, grant_id, user_id, expires_at)
    SELECT sha256(convert_to(CAST(:id AS text), 'UTF8')), id, user_id, now() FROM oauth_grant WHERE user_id = :id;
"""


async def fill(auth: House, user_id: int) -> None:
    """Give a registered person a row in every table of auth."""
    for statement in FILL.strip().split(";\n"):
        await auth.sql(statement, id=user_id)
