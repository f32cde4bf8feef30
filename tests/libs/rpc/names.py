"""A name server for one name, whose addresses change."""

import asyncio
import struct
from typing import Self

A_RECORD, TTL_SECONDS = 1, 1
HEADER = 12


class Names(asyncio.DatagramProtocol):
    """Answers each question for an A record with `addresses`, others with nothing (RFC 1035)."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port: int = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._transport.close()

    def target(self, port: int) -> str:
        """The name at this name server, as gRPC takes it."""
        return f"dns://127.0.0.1:{self.port}/probe.test:{port}"

    def datagram_received(self, asked: bytes, peer: tuple[str, int]) -> None:
        self.asked += 1
        end = asked.index(b"\0", HEADER) + 5  # name, type, class
        kind = struct.unpack(">H", asked[end - 4 : end - 2])[0]
        found = self.addresses if kind == A_RECORD else ()
        header = asked[:2] + struct.pack(">HHHHH", 0x8580, 1, len(found), 0, 0)
        self._transport.sendto(header + asked[HEADER:end] + b"".join(map(record, found)), peer)


def record(address: str) -> bytes:
    """An A record of the name that was asked for."""
    return struct.pack(">HHHIH", 0xC00C, A_RECORD, 1, TTL_SECONDS, 4) + bytes(map(int, address.split(".")))
