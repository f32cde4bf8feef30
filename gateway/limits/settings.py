"""How much each rate class grants."""

from pydantic import Field

from gateway.limits.rates import Rate, Spelled
from libs.settings.stores import Frozen

AUTH = "auth"
DEFAULT = "default"
CLASSES = (AUTH, "chat", "upload", DEFAULT)


class LimitSettings(Frozen):
    """Rates like 10/min (units: s, min, h, day); the count is the burst, the unit the time to refill it."""

    auth: Spelled = Field(default=Rate(10, 60), description="Sign-in, registration, renewal: per address.")
    chat: Spelled = Field(default=Rate(60, 60), description="Chat: per user, or per address when anonymous.")
    upload: Spelled = Field(default=Rate(10, 60), description="Uploads begun: per user, or address.")
    default: Spelled = Field(default=Rate(600, 60), description="All else: per user.")
    address: Spelled = Field(default=Rate(600, 60), description="All else, anonymous: per address.")
    organization: Spelled = Field(default=Rate(6000, 60), description="All requests of an organization's members.")
