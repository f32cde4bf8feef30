"""Why PostgreSQL did not do it, in one line without a password."""

import re

SERVER_SAYS = re.compile(r"(?:FATAL|ERROR|PANIC):\s+(.*)")
DRIVER_SAYS = re.compile(r"^(?:connection failed: )+")
ALTOGETHER = "Multiple connection attempts failed"


def reason(failure: BaseException | None) -> str:
    """The server's own sentence where there is one, else the driver's."""
    said = [line.strip() for line in str(failure).splitlines() if line.strip()]
    for line in said:
        if found := SERVER_SAYS.search(line):
            return found[1]
    if not said:
        return type(failure).__name__
    return DRIVER_SAYS.sub("", said[-1] if said[0].startswith(ALTOGETHER) else said[0])
