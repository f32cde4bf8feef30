"""What can go wrong, each as one sentence and what to do about it."""


class StackError(Exception):
    """One sentence for the person at the keyboard; `advice` says what to do, `tail` is what the process last said."""

    def __init__(self, sentence: str, advice: str = "", tail: str = "") -> None:
        super().__init__(sentence)
        self.advice = advice
        self.tail = tail
        self.add_note(f"{advice}\n{tail}")  # for tracebacks, such as pytest's


class PortTaken(StackError):
    """Another process listens where ours must."""

    def __init__(self, name: str, port: int, holder: str) -> None:
        variable = f"STACK_{name.upper().replace('-', '_')}_PORT"
        super().__init__(
            f"Port {port} of {name} is taken by {holder}.", f"End that process, or choose another: {variable}=…"
        )


class StartFailed(StackError):
    """A process ended, or did not answer in time."""


class Missing(StackError):
    """Something that only the system can give."""

    def __init__(self, what: str, command: str) -> None:
        super().__init__(f"Missing: {what}.", f"Run: {command}")
