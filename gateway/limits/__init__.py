"""Rate limits: who may ask how often."""

from gateway.limits.limiter import Allowance as Allowance
from gateway.limits.limiter import Limiter as Limiter
from gateway.limits.limiter import RateLimited as RateLimited
from gateway.limits.settings import CLASSES as CLASSES
from gateway.limits.settings import LimitSettings as LimitSettings
from gateway.limits.store import Store as Store
