"""TLS in front of a server that speaks none."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.libs.keys import Authority


@asynccontextmanager
async def tls_before(port: int, authority: Authority, *, asked: bytes = b"") -> AsyncIterator[int]:
    """The port at which `localhost` shows a certificate of the authority and passes all on to `port`.

    Where clients ask for TLS first, by the bytes `asked`, they are answered S, as PostgreSQL does.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("localhost"))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if asked:
            if await reader.readexactly(len(asked)) != asked:
                writer.close()
                return
            writer.write(b"S")
            await writer.start_tls(context)
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(passed(reader, inner_writer), passed(inner_reader, writer))

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=None if asked else context) as server:
        yield server.sockets[0].getsockname()[1]


async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    writer.close()
