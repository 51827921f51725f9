"""A server that answers as HitPay does, as fast as Python can: ``python -m tests.benchmarks.server``.

It is a benchmark's other end, so it must not be what is measured: it reads requests with a few searches
in bytes and answers each with a new customer, after ``--delay`` seconds. It prints its port, then serves
until it is told to end.
"""

import argparse
import asyncio
import itertools
import json
import signal
from collections import deque
from dataclasses import dataclass, field

REFUSED = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
_numbers = itertools.count(1)


@dataclass
class Window:
    """No stretch of `per` seconds, wherever it begins, holds more than `requests`."""

    requests: int
    per: float
    recent: deque[float] = field(default_factory=deque)

    @classmethod
    def read(cls, text: str) -> "Window":
        """From `25/s` or `500/5s`."""
        requests, _, per = text.rstrip("s").partition("/")
        return cls(int(requests), float(per or 1))

    def has_room(self, now: float) -> bool:
        """Whether one more may come now."""
        while self.recent and self.recent[0] <= now - self.per:
            self.recent.popleft()
        return len(self.recent) < self.requests


@dataclass
class Windows:
    """Limits that are kept strictly, and what came of them."""

    windows: list[Window]
    refused: int = 0
    admitted: int = 0
    first: float = 0.0
    last: float = 0.0

    def admit(self, now: float) -> bool:
        """Count a request that comes now."""
        if not all(window.has_room(now) for window in self.windows):
            self.refused += 1
            return False
        for window in self.windows:
            window.recent.append(now)
        self.first = self.first or now
        self.last, self.admitted = now, self.admitted + 1
        return True

    def seen(self) -> dict[str, float]:
        """The pace as a share of what the slowest window allows, and how many were refused."""
        rate = min((window.requests / window.per for window in self.windows), default=0.0)
        allowed = (self.last - self.first) * rate
        return {"pace": (self.admitted - 1) / allowed if allowed else 0.0, "refused": self.refused}


class Answering(asyncio.Protocol):
    """One connection, kept alive; requests on it come one after the other or pipelined."""

    def __init__(self, delay: float, windows: Windows) -> None:
        self._delay = delay
        self._windows = windows
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
            if not self._windows.admit(self._loop.time()):
                self._transport.write(REFUSED)
            elif self._delay:
                self._loop.call_later(self._delay, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        if self._transport.is_closing():
            return
        body = b'{"id":"cus_%08d","created_at":"2026-11-21T00:00:00+00:00"}' % next(_numbers)
        head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % len(body) + body)


async def serve(delay: float, windows: Windows) -> None:
    """Serve on a free port of 127.0.0.1 until SIGTERM; then tell what came, as JSON."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    server = await loop.create_server(lambda: Answering(delay, windows), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await over.wait()
    server.close()
    print(json.dumps(windows.seen()), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.0, help="seconds until each answer")
    parser.add_argument("--window", action="append", default=[], help="as importer's --rate: 25/s, 500/5s")
    given = parser.parse_args()
    asyncio.run(serve(given.delay, Windows([Window.read(text) for text in given.window])))
