"""Several requests at once: what is on disk when each of them leaves, and when its row is told."""

import asyncio
import re
import sqlite3
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from importer.jobs import Job
from importer.ledger import Claim, Entry
from importer.pacing import Clock
from importer.pipeline import CLAIMED_AHEAD, run
from importer.planning import check
from importer.progress import Phase, Progress
from importer.rows import Status
from tests.faults.test_network import CREDENTIALS, read_request, serving
from tests.support import FAST, FakeClock, people_csv

AT_ONCE = 4


def job_at(address: str, folder: Path, rows: int) -> Job:
    return Job(
        source=people_csv(folder / "customers.csv", "krezypay", range(rows)),
        provider="krezypay",
        base_url=address,
        ledger=f"sqlite:///{folder / 'ledger.sqlite3'}",
        limits=FAST,
        concurrency=AT_ONCE,
    )


def on_disk(folder: Path) -> dict[int, tuple[str, float]]:
    """What somebody else reads in the ledger now: state and time of each row."""
    database = sqlite3.connect(folder / "ledger.sqlite3")
    found = database.execute("SELECT row, state, sent_at FROM customer").fetchall()
    database.close()
    return {int(row): (str(state), float(sent_at)) for row, state, sent_at in found}


def row_of(request: bytes) -> int:
    """The row of a person made by `people_csv`: the first has number 2."""
    found = re.search(rb'"email":"[^"]*?(\d+)@', request)
    assert found is not None, request
    return int(found[1]) + 2


def created(row: int) -> bytes:
    body = b'{"status":"success","customer_id":"c%d","message":"ok"}' % row
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def test_each_row_is_on_disk_before_its_request_leaves_and_its_outcome_before_it_is_told(
    tmp_path: Path,
) -> None:
    when_it_left: list[str] = []
    when_told: list[str] = []

    async def look(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        row = row_of(await read_request(reader))
        when_it_left.append(on_disk(tmp_path)[row][0])
        writer.write(created(row))

    def watch(progress: Progress) -> None:
        if progress.result is not None:
            when_told.append(on_disk(tmp_path)[progress.result.row][0])

    async with serving(look) as (address, _):
        with check(job_at(address, tmp_path, 30)) as plan:
            summary = await run(plan, on_progress=watch, variables=CREDENTIALS)
    assert summary.counts[Status.CREATED] == 30
    assert when_it_left == ["sending"] * 30
    assert when_told == ["created"] * 30


async def test_time_of_a_request_that_waited_for_others_is_on_disk_before_it_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looks for it after a crash must give it time from when it left, not from when it was claimed."""
    clock, all_claimed, released = FakeClock(), asyncio.Event(), asyncio.Event()
    left_late: list[float] = []
    arrived = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal arrived
        row = row_of(await read_request(reader))
        arrived += 1
        if released.is_set():
            left_late.append(on_disk(tmp_path)[row][1])
        elif arrived == 1 + AT_ONCE:  # the first goes alone
            await all_claimed.wait()
            clock.time += 60
            released.set()
        elif arrived > 1:
            await released.wait()
        writer.write(created(row))

    async with serving(answer) as (address, _):
        with check(job_at(address, tmp_path, 1 + AT_ONCE + 1)) as plan:
            claim, claimed = plan.ledger.claim, []

            async def counted(wanted: Claim) -> Entry | None:
                known = await claim(wanted)
                claimed.append(wanted)
                if len(claimed) == 1 + AT_ONCE + 1:
                    all_claimed.set()
                return known

            monkeypatch.setattr(plan.ledger, "claim", counted)
            began = clock.now()
            running = run(plan, variables=CREDENTIALS, clock=clock.clock)
            summary = await asyncio.wait_for(running, 30)
    assert summary.counts[Status.CREATED] == 1 + AT_ONCE + 1
    assert [late - began >= 60 for late in left_late] == [True]


async def test_one_outage_is_waited_for_once_however_many_are_under_way(tmp_path: Path) -> None:
    """Rows whose claims came back together with a pause's reason must not leave, and count for the next."""
    clock, pauses = FakeClock(), list[tuple[float, float]]()

    def ticking() -> float:
        clock.time += 1e-5  # so that what leaves after another has a later time
        return clock.time

    async def fail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        row = row_of(await read_request(reader))
        writer.write(created(row) if row < 5 else b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n")

    def watch(progress: Progress) -> None:
        if progress.phase is Phase.WAITING and progress.wait in (2, 4, 8, 16, 32):
            pauses.append((clock.now(), progress.wait))

    async with serving(fail) as (address, _):
        job = replace(job_at(address, tmp_path, 400), concurrency=20)
        with check(job) as plan:
            ours = Clock(ticking, clock.sleep)
            summary = await run(plan, on_progress=watch, variables=CREDENTIALS, clock=ours)
    assert summary.stop_code == "out_of_reach"
    assert [wait for _, wait in pauses] == [2, 4, 8, 16, 32]
    for (begun, wait), (following, _) in pairwise(pauses):
        assert following >= begun + wait


async def test_no_more_rows_follow_the_last_error_allowed_than_are_in_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outcomes that are still on their way to the disk would not have been counted yet."""
    allowed, at_once = 10, 20

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        row = row_of(await read_request(reader))
        body = b'{"error":"Invalid request"}'
        no = b"HTTP/1.1 400 Bad\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        writer.write(created(row) if row < 5 else no)

    async with serving(refuse) as (address, _):
        job = replace(job_at(address, tmp_path, 400), concurrency=at_once, max_errors=str(allowed))
        with check(job) as plan:
            settle = plan.ledger.settle

            async def late(entry: Entry) -> None:
                for _ in range(300):  # turns of the loop, in which others could send
                    await asyncio.sleep(0)
                await settle(entry)

            monkeypatch.setattr(plan.ledger, "settle", lambda entry: asyncio.ensure_future(late(entry)))
            summary = await run(plan, variables=CREDENTIALS)
    assert summary.stop_code == "too_many_errors"
    claimed_ahead = int(CLAIMED_AHEAD * at_once)
    assert allowed < summary.counts[Status.REJECTED] <= allowed + at_once + claimed_ahead
