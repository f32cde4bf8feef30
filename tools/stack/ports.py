"""Who listens where on this machine."""

import random
import socket
from contextlib import suppress

import psutil

from tools.stack.errors import PortTaken

HOST = "127.0.0.1"
CHOICE = range(20_000, 32_000)  # below what Linux takes for connections that go out and for port 0
GIVEN: set[int] = set()


def is_open(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def free() -> int:
    """A port that was free a moment ago: one that the system gives nobody by itself, and given here once."""
    while True:
        port = random.choice(CHOICE)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            if port not in GIVEN:
                GIVEN.add(port)
                return port


def holder(port: int) -> str:
    """The process that listens there in words, or an empty text."""
    if not is_open(port):
        return ""
    listening = [one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN and one.laddr]
    pids = [one.pid for one in listening if one.pid and one.laddr[1:] == (port,)]
    return describe(pids[0]) if pids else "a process of another user"


def describe(pid: int) -> str:
    try:
        return f"process {pid} ({' '.join(psutil.Process(pid).cmdline())[:80]})"
    except psutil.Error:
        return f"process {pid}"


def ensure_free(name: str, port: int) -> None:
    """Raise PortTaken, naming the process, where something listens already."""
    found = holder(port)
    if found:
        raise PortTaken(name, port, found)
