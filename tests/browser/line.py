"""A line between browser and page that holds up what is long, and can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.web.page import Page as Served

HELD_UP = 1 << 20
"""Bytes of one connection that pass; what comes then waits, until the line was cut and mended."""


@dataclass
class Line:
    """The line. `address` is where a browser finds its end."""

    address: str = ""
    is_down: bool = False
    is_whole: bool = False
    ends: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """Lose all connections, and take none until `mend`."""
        self.is_down = True
        for end in self.ends:
            end.transport.abort()

    def mend(self) -> None:
        """Take connections again, and hold up none of them."""
        self.is_down, self.is_whole = False, True

    async def carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Hand on what comes, until it is too much or nothing comes any more."""
        carried = 0
        with suppress(ConnectionError):
            while chunk := await source.read(1 << 16):
                carried += len(chunk)
                if carried > HELD_UP and not self.is_whole:
                    return
                target.write(chunk)
                await target.drain()
            target.close()


@asynccontextmanager
async def line_to(served: Served) -> AsyncIterator[Line]:
    """A line to the page, on a port of its own."""
    line = Line()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if line.is_down:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", served.url.port)
        line.ends |= {writer, far_writer}
        await asyncio.gather(line.carry(reader, far_writer), line.carry(far_reader, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    line.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield line
    finally:
        line.cut()
        server.close()
