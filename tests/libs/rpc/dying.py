"""A server that takes calls over HTTP/2 and dies before it answers any."""

import asyncio

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))  # an empty frame of that type
HEADERS = 1  # the type of the frame that begins a call


async def dies_after(calls: int, port: int) -> None:
    """Return when so many calls were taken and their connection closed; nobody listens on the port any more then."""
    died = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(PREFACE))
        writer.write(SETTINGS)
        taken = 0
        while taken < calls:
            frame = await reader.readexactly(len(SETTINGS))
            await reader.readexactly(int.from_bytes(frame[:3]))
            taken += frame[3] == HEADERS
        server.close()
        writer.close()
        died.set()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await died.wait()
