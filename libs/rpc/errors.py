"""Moved to libs.errors."""

from libs.errors import *  # noqa: F403
from libs.errors import Violation  # noqa: F401
