"""A paused account: nothing leaves after a stop, a block counts once, one request tries a new token."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from importer import pipeline
from importer.jobs import Job
from importer.ledger import Entry
from importer.planning import check
from importer.rows import Status
from importer.simulator import Fault, Faults, Settings, Simulator
from importer.stopping import Stop, StopReason
from tests.faults.test_network import CREDENTIALS, answering, read_request, serving
from tests.support import FAST, FakeClock, carry_out, people_csv

TOO_MANY = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"
SUCCESS = '{"status":{"status":"SUCCESS"},"data":{"id":"cus_%d"}}'


def job_at(address: str, folder: Path, provider: str, rows: int) -> Job:
    return Job(
        source=people_csv(folder / "customers.csv", provider, range(rows)),
        provider=provider,
        base_url=address,
        ledger=f"sqlite:///{folder / 'ledger.sqlite3'}",
        limits=FAST,
        settle_after=0.0,
    )


async def test_stop_ends_a_pause_and_nothing_leaves_after_it(tmp_path: Path) -> None:
    """An account may be paused for an hour: who stops the run then need not wait for it."""
    stop, throttled = Stop(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        throttled.set()
        writer.write(TOO_MANY.replace("\r\n", "\r\nRetry-After: 3600\r\n", 1).encode())

    async with serving(handle) as (address, requests):
        run = asyncio.create_task(carry_out(job_at(address, tmp_path, "hitpay", 3), CREDENTIALS, stop=stop))
        await throttled.wait()
        stop.request(StopReason("interrupted", 130))
        outcome = await asyncio.wait_for(run, 30)
        assert len(requests) == 1
    assert outcome.summary.exit_code == 130
    assert outcome.counts in ({"failed": 1, "not_sent": 2}, {"not_sent": 3})


async def test_row_that_was_claimed_when_the_run_stopped_is_sent_by_the_next(tmp_path: Path) -> None:
    """It waits for a turn behind a pause: it never left, which is certain, so that it is `not_sent`."""
    stop, seen, paused = Stop(), list[int](), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        seen.append(1)
        if len(seen) == 3:
            paused.set()
            writer.write(TOO_MANY.replace("\r\n", "\r\nRetry-After: 3600\r\n", 1).encode())
            return
        body = SUCCESS % len(seen)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    async with serving(handle) as (address, _):
        job = replace(job_at(address, tmp_path, "rapyd", 12), concurrency=4)
        run = asyncio.create_task(carry_out(job, CREDENTIALS, stop=stop))
        await paused.wait()
        stop.request(StopReason("interrupted", 130))
        first = await asyncio.wait_for(run, 30)
        # an hour later: the pause is in the ledger and holds for every run
        second = await carry_out(job, CREDENTIALS, clock=FakeClock().clock)
    assert first.summary.exit_code == 130
    assert "unknown" not in first.counts
    assert second.summary.exit_code == 0
    assert len(seen) == 13


async def test_one_block_of_rapyds_firewall_counts_once_however_many_requests_meet_it(
    tmp_path: Path,
) -> None:
    """Ten requests under way are ten answers of 429: a minute to wait, and not five."""
    clock, under_way, all_there, seen = FakeClock(), list[int](), asyncio.Event(), list[int]()

    async def firewall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        seen.append(1)
        if 2 <= len(seen) <= 11:
            under_way.append(1)
            if len(under_way) == 10:
                all_there.set()
            await all_there.wait()
            writer.write(TOO_MANY.encode())
            return
        body = SUCCESS % len(seen)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    async with serving(firewall) as (address, _):
        job = replace(job_at(address, tmp_path, "rapyd", 11), concurrency=10)
        began = clock.now()
        outcome = await carry_out(job, CREDENTIALS, clock=clock.clock)
    assert outcome.counts == {"created": 11}
    assert 60 <= clock.now() - began < 120


async def test_renewed_token_is_tried_by_one_request_before_all_use_it(tmp_path: Path) -> None:
    """An account that is closed in the middle costs those under way, and one more."""
    async with Simulator(Settings(limits=False, latency=0.05)) as simulator:
        source = people_csv(tmp_path / "customers.csv", "yativo", range(200))
        job = Job(
            source=source,
            provider="yativo",
            base_url=simulator.base_url("yativo"),
            ledger=f"sqlite:///{tmp_path / 'ledger.sqlite3'}",
            limits=FAST,
            concurrency=40,
        )
        refused = Faults(script=((None,) * 60 + (Fault.REFUSED,) * 200))
        simulator.set_faults(refused, provider="yativo")
        outcome = await carry_out(job, simulator.environment())
        answers = simulator.counts("yativo").answered
    assert outcome.summary.exit_code == 3
    assert outcome.counts["not_sent"] > 80
    assert answers[401] <= 40 + 2


async def test_answer_of_conflict_is_not_taken_for_an_hour(tmp_path: Path) -> None:
    """A Retry-After beyond all dates is none, and no traceback."""
    huge = "Mon, 01 Jan 99999999999999999999999 00:00:00 GMT"
    async with serving(answering(TOO_MANY.replace("\r\n", f"\r\nRetry-After: {huge}\r\n", 1))) as (
        address,
        _,
    ):
        outcome = await carry_out(
            job_at(address, tmp_path, "hitpay", 1), CREDENTIALS, clock=FakeClock().clock
        )
    assert outcome.statuses == ["failed"]


async def test_rows_are_sent_while_the_outcomes_of_others_go_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two requests at once, and a disk that is done only after the fourth has left."""
    under_way, most, seen, fourth = 0, 0, 0, asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most, seen
        under_way, seen = under_way + 1, seen + 1
        most = max(most, under_way)
        await read_request(reader)
        if seen >= 5:  # the first goes alone
            fourth.set()
        await asyncio.sleep(0)
        body = SUCCESS % seen
        under_way -= 1
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    async with serving(handle) as (address, _):
        job = replace(job_at(address, tmp_path, "rapyd", 9), concurrency=2)
        with check(job) as plan:
            settle = plan.ledger.settle

            async def slowly(entry: Entry) -> None:
                if entry.row > 2:
                    await fourth.wait()
                await settle(entry)

            # as of a slow disk
            monkeypatch.setattr(plan.ledger, "settle", lambda entry: asyncio.ensure_future(slowly(entry)))
            summary = await asyncio.wait_for(pipeline.run(plan, variables=CREDENTIALS), 30)
    assert summary.counts[Status.CREATED] == 9
    assert most == 2
