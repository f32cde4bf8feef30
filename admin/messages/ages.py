"""Ages as people say them."""

MINUTE, HOUR, DAY = 60, 3600, 86400


def spoken(seconds: float) -> str:
    """`42 s`, `12 min`, `5 h`, `3 d`."""
    for unit, size in (("d", DAY), ("h", HOUR), ("min", MINUTE)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
