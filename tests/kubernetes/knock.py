"""Says which of the places (host:port, its arguments) are reached from here: it runs inside pods, whatever is there."""

import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

PATIENCE = 10.0  # seconds; only who answers nothing is waited for


def is_reached(place: str) -> bool:
    """Whether the place itself answers, be it that nobody listens there; a network that refuses says so otherwise."""
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=PATIENCE).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return True


def reached(places: list[str]) -> list[str]:
    with ThreadPoolExecutor(len(places)) as all_at_once:
        return [place for place, answers in zip(places, all_at_once.map(is_reached, places), strict=True) if answers]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(reached(sys.argv[1:])))
