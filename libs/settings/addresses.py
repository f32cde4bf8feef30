"""Addresses, written host:port, an IPv6 host in brackets."""

from typing import Annotated

from pydantic import AfterValidator

LAST_PORT = 65_535


def host_and_port(address: str) -> tuple[str, int]:
    """The host without brackets; raises ValueError."""
    host, _, port = address.rpartition(":")
    if not host or " " in host or not (port.isascii() and port.isdecimal()):
        raise ValueError("an address is host:port")
    if int(port) > LAST_PORT:
        raise ValueError(f"a port is {LAST_PORT} at most")
    return host.strip("[]"), int(port)


def checked(address: str) -> str:
    host_and_port(address)
    return address


Address = Annotated[str, AfterValidator(checked)]
