"""What nobody can use any more is deleted."""

from orrery.auth.v1.accounts_pb2 import SignedIn

from services.auth.oauth.sweep import OAuthSweep
from tests.services.auth.house import House
from tests.services.auth.oauth.flow import App

LEFT = """
SELECT (SELECT count(*) FROM oauth_grant WHERE client_id = :id),
    (SELECT count(*) FROM oauth_code WHERE client_id = :id),
    (SELECT count(*) FROM oauth_refresh_token t JOIN oauth_grant g ON g.id = grant_id WHERE client_id = :id)
"""


async def test_a_grant_goes_with_its_code_and_tokens_a_day_after_its_end(
    auth: House, app: App, person: SignedIn
) -> None:
    await app.tokens(person)
    kept = await app.tokens(person)
    await auth.sql(
        "UPDATE oauth_grant SET expires_at = now() - interval '25 h' WHERE id ="
        " (SELECT id FROM oauth_grant WHERE client_id = :id ORDER BY created_at LIMIT 1)",
        id=app.id,
    )

    assert await OAuthSweep(auth.database).batch() >= 1

    assert tuple((await auth.sql(LEFT, id=app.id))[0]) == (1, 1, 1)
    assert (await app.refresh(kept.refresh_token)).access_token
