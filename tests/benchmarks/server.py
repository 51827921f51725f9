"""A server that answers as HitPay does, as fast as Python can: ``python -m tests.benchmarks.server``.

It is a benchmark's other end, so it must not be what is measured: it reads requests with a few searches
in bytes and answers each with a new customer, after ``--delay`` seconds. It prints its port, then serves
until it is told to end.
"""

import argparse
import asyncio
import itertools
import signal

_numbers = itertools.count(1)


class Answering(asyncio.Protocol):
    """One connection, kept alive; requests on it come one after the other or pipelined."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._buffer = b""
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            if self._delay:
                self._loop.call_later(self._delay, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        if self._transport.is_closing():
            return
        body = b'{"id":"cus_%08d","created_at":"2026-11-21T00:00:00+00:00"}' % next(_numbers)
        head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % len(body) + body)


async def serve(delay: float) -> None:
    """Serve on a free port of 127.0.0.1 until SIGTERM."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    server = await loop.create_server(lambda: Answering(delay), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  what it is asked for
    await over.wait()
    server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.0, help="seconds until each answer")
    asyncio.run(serve(parser.parse_args().delay))
