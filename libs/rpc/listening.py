"""Sockets that a process listens on."""

import socket

from libs.errors import CannotStart
from libs.settings import host_and_port


def bound(address: str, *, shared: bool = False) -> socket.socket:
    """A socket bound to host:port, `[::]` for IPv4 too; with `shared`, others that share bind it as well.

    Raises CannotStart where it cannot be listened on.
    """
    host, port = host_and_port(address)
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        made.bind((host, port))
    except OSError as failure:
        made.close()
        raise CannotStart(f"{address} cannot be listened on: {failure.strerror}.") from None
    made.setblocking(False)
    return made
