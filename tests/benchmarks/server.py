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
    """A limit kept strictly: no window of `per` seconds, wherever it begins, holds more than `requests`."""

    requests: int
    per: float
    refused: int = 0
    admitted: int = 0
    first: float = 0.0
    last: float = 0.0
    _recent: deque[float] = field(default_factory=deque)

    def admits(self, now: float) -> bool:
        """Count a request that comes now."""
        while self._recent and self._recent[0] <= now - self.per:
            self._recent.popleft()
        if len(self._recent) >= self.requests:
            self.refused += 1
            return False
        self._recent.append(now)
        self.first = self.first or now
        self.last, self.admitted = now, self.admitted + 1
        return True

    def seen(self) -> dict[str, float]:
        """The pace as a share of what is allowed, and how many were refused."""
        allowed = (self.last - self.first) * self.requests / self.per
        return {"pace": (self.admitted - 1) / allowed if allowed else 0.0, "refused": self.refused}


class Answering(asyncio.Protocol):
    """One connection, kept alive; requests on it come one after the other or pipelined."""

    def __init__(self, delay: float, window: "Window | None") -> None:
        self._delay = delay
        self._window = window
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
            if self._window is not None and not self._window.admits(self._loop.time()):
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


async def serve(delay: float, window: Window | None) -> None:
    """Serve on a free port of 127.0.0.1 until SIGTERM; then tell what came, as JSON."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    server = await loop.create_server(lambda: Answering(delay, window), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  what it is asked for
    await over.wait()
    server.close()
    if window is not None:
        print(json.dumps(window.seen()), flush=True)  # noqa: T201  as above


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.0, help="seconds until each answer")
    parser.add_argument("--limit", type=int, default=0, help="requests in any window of --per seconds")
    parser.add_argument("--per", type=float, default=1.0)
    given = parser.parse_args()
    asyncio.run(serve(given.delay, Window(given.limit, given.per) if given.limit else None))
