"""A house that is registered at both platforms, which run on this machine."""

from collections.abc import AsyncIterator, Iterator

import pytest
from pydantic import SecretStr

from libs.settings import DatabaseSettings
from services.auth.platforms.settings import PlatformSettings, TwitchSettings, YoutubeSettings
from tests.services.auth.house import House, open_house
from tests.services.auth.platforms.sites import CLIENT_ID, CLIENT_SECRET, PAGE, Sites, sites


@pytest.fixture(scope="module")
def world() -> Iterator[Sites]:
    with sites() as found:
        yield found


@pytest.fixture(autouse=True)
def orderly(world: Sites) -> None:
    """Each test meets platforms that work."""
    fresh = Sites()
    world.faults, world.has_channel, world.lifetime = {}, True, fresh.lifetime
    world.twitch_user, world.google_user, world.channel = fresh.twitch_user, fresh.google_user, fresh.channel
    world.rotates, world.asked = True, []


def registered(url: str, secret: str = CLIENT_SECRET) -> PlatformSettings:
    """The settings of a deployment that both platforms at this URL know."""
    app = {"client_id": CLIENT_ID, "client_secret": SecretStr(secret)}
    return PlatformSettings(
        twitch=TwitchSettings(**app, auth_url=url, api_url=url),
        youtube=YoutubeSettings(**app, accounts_url=url, token_url=url, api_url=url),
        redirect_uris=f"{PAGE}, https://other.orrery.test/",
    )


@pytest.fixture(scope="module")
async def auth(
    settings: DatabaseSettings, world: Sites, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    async with open_house(settings, tmp_path_factory.mktemp("keys"), platforms=registered(world.url)) as house:
        yield house
