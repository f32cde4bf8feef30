"""Which build this process is, as its image says: not by ORRERY_ names, which belong to whoever deploys it."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class BuildSettings(BaseSettings):
    """BUILD_VERSION and BUILD_REVISION; `unknown` outside an image."""

    model_config = SettingsConfigDict(env_prefix="BUILD_", env_ignore_empty=True, frozen=True)

    version: str = "unknown"
    revision: str = "unknown"


def build_of_this_image() -> BuildSettings:
    """What the image says of itself; no setting of a deployable."""
    return BuildSettings()
