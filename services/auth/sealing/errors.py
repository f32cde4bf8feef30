"""Refusals of sealing."""

from libs.errors import Conflict, Unavailable


class SealingNotReady(Unavailable):
    """No data key is known yet, or not the one that sealed a value: the ring looks for it now."""

    def __init__(self) -> None:
        super().__init__("Secrets cannot be read for a moment; try again.")


class DataKeyWaiting(Conflict):
    """A new data key is made already, and not every process may know it."""

    def __init__(self, activates_at: str) -> None:
        super().__init__(f"A new data key waits to seal from {activates_at}; try again then.")
