"""The rival: a bare aiohttp loop that posts prepared bodies, and does nothing else with them.

``python -m tests.benchmarks.bare BODIES URL CONCURRENCY``; BODIES has one JSON document a line.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp


async def post(bodies: Iterator[bytes], url: str, session: aiohttp.ClientSession) -> None:
    """Post one body after the other until there are no more."""
    headers = {"Content-Type": "application/json"}
    for body in bodies:
        async with session.post(url, data=body, headers=headers) as response:
            await response.read()
            assert response.status == 201


async def main(path: Path, url: str, concurrency: int) -> None:
    """Post them all."""
    bodies = iter(path.read_bytes().splitlines())
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(post(bodies, url, session) for _ in range(concurrency)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
