"""The numbers of all advisory locks: one number, one meaning, for all schemas share their database's.

A number is never given another meaning, nor a meaning another number: releases that run side by side share their locks.
"""

from enum import IntEnum, unique


@unique
class Lock(IntEnum):
    """What whoever holds it does alone."""

    PROVISION = 7237
    """Makes logins, which are the server's."""
    RELAY = 7_238_001
    """Sends a schema's events; with the schema's hash."""
    HISTORY = 7_238_002
    """Appends to the audit's chain; a trigger of its migrations."""
    SIGNING_KEYS = 7_238_003
    ADMINISTRATORS = 7_238_009
    """Makes administrators of the platform."""
    DATA_KEYS = 7_238_010
    BACKUP = 7_238_011
    REMOVALS = 7_238_012
    """Copies what must not be removed meanwhile; whoever removes shares it."""
    MIGRATION = 7_238_013
    """Migrates a schema; with the schema's hash."""
