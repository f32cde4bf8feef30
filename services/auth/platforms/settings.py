"""How this deployment is known at streaming platforms."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from libs.settings.stores import Frozen


class Registration(Frozen):
    """An app registered at a platform; without it the platform cannot be linked."""

    client_id: str = Field(default="", max_length=255)
    client_secret: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def both_or_none(self) -> Self:
        if bool(self.client_id) != bool(self.client_secret.get_secret_value()):
            raise ValueError("a platform needs CLIENT_ID and CLIENT_SECRET together")
        return self

    @property
    def is_there(self) -> bool:
        return bool(self.client_id)


class TwitchSettings(Registration):
    auth_url: str = "https://id.twitch.tv"
    api_url: str = "https://api.twitch.tv"


class YoutubeSettings(Registration):
    accounts_url: str = "https://accounts.google.com"
    token_url: str = "https://oauth2.googleapis.com"  # noqa: S105  # an address
    api_url: str = "https://www.googleapis.com"


class PlatformSettings(Frozen):
    twitch: TwitchSettings = TwitchSettings()
    youtube: YoutubeSettings = YoutubeSettings()
    redirect_uris: str = Field(
        default="", description="Pages that platforms may send browsers back to, comma-separated, exact."
    )

    @model_validator(mode="after")
    def back_to_somewhere(self) -> Self:
        if (self.twitch.is_there or self.youtube.is_there) and not self.pages:
            raise ValueError("linking platforms needs REDIRECT_URIS, the pages that they may send browsers back to")
        return self

    @property
    def pages(self) -> tuple[str, ...]:
        return tuple(one.strip() for one in self.redirect_uris.split(",") if one.strip())
