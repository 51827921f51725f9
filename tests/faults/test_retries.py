"""What is sent once more, when, and how fast it goes on: real sockets, and a clock that nobody waits for."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest

from importer.jobs import Job
from importer.pacing import MARGIN
from importer.retry import Retry
from importer.rows import Limit
from importer.simulator import Fault, Faults, ForCustomer, Settings, Simulator, Variants
from tests.cli_support import PATIENCE
from tests.faults.test_network import CREDENTIALS, read_request, serving
from tests.support import FAST, Bench, FakeClock, Outcome, carry_out, people_csv, person, write_csv

TOO_MANY = "429 Too Many Requests"
Refusal = tuple[Mapping[str, str], str]
"""Headers and body of a 429."""


@dataclass
class Recorder:
    """A provider that notes when each request arrives, and creates a customer unless `refuse` has an answer.

    `refuse` is told the number of the request, from 1, and the time; `marks` are headers of other answers.
    No refusal leaves before so many requests have arrived as `together` says.
    """

    clock: FakeClock
    refuse: Callable[[int, float], Refusal | None]
    marks: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    together: int = 0
    arrived: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    all_there: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        now = self.clock.now()
        self.arrived.append(now)
        if len(self.arrived) >= self.together:
            self.all_there.set()
        refusal = self.refuse(len(self.arrived), now)
        if refusal is None:
            status = {"status": "SUCCESS"} if b"/v1/customers" in request else "success"
            customer = f"id-{len(self.arrived)}"
            body = json.dumps(
                {"id": customer, "customer_id": customer, "status": status, "data": {"id": customer}}
            )
            write_answer(writer, "201 Created", self.marks.get(len(self.arrived), {}), body)
        else:
            self.refused.append(now)
            await self.all_there.wait()
            write_answer(writer, TOO_MANY, *refusal)
        await writer.drain()


def write_answer(writer: asyncio.StreamWriter, status: str, headers: Mapping[str, str], body: str) -> None:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())


async def send(
    folder: Path, recorder: Recorder, provider: str, numbers: Iterable[int], **changes: object
) -> Outcome:
    async with serving(recorder.handle) as (address, _):
        job = Job(
            source=people_csv(folder / "customers.csv", provider, numbers),
            provider=provider,
            base_url=address,
            ledger=f"sqlite:///{folder / 'ledger.sqlite3'}",
            limits=FAST,
        )
        changed = replace(job, **changes)  # type: ignore[arg-type]  # fields of Job
        return await carry_out(changed, CREDENTIALS, clock=recorder.clock.clock)


# -- a 429


def http_date(time: float) -> str:
    return format_datetime(datetime.fromtimestamp(time, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("provider", "asked", "seconds"),
    [
        ("hitpay", lambda _: ({"Retry-After": "90"}, ""), 90),
        ("hitpay", lambda now: ({"Retry-After": http_date(now + 90)}, ""), 89),  # of whole seconds
        ("juicyway", lambda _: ({}, '{"error":{"code":"rate_limit_exceeded","retry_after":90}}'), 90),
        ("krezypay", lambda _: ({}, '{"error":"Invalid request"}'), 5),
        ("rapyd", lambda _: ({}, "<html>"), 60),
    ],
    ids=["in seconds", "as a date", "in the body", "not at all", "by a firewall"],
)
async def test_429_pauses_everybody_who_sends_for_the_account(
    tmp_path: Path, provider: str, asked: Callable[[float], Refusal], seconds: float
) -> None:
    """What was under way arrives yet; nothing else until the time has come, and then all of it."""
    recorder = Recorder(FakeClock(), lambda number, now: asked(now) if number == 30 else None)
    limit = Limit(100, 1)
    outcome = await send(tmp_path, recorder, provider, range(150), concurrency=16, limits=(limit,))
    back = recorder.refused[0] + seconds
    early = [time for time in recorder.arrived[30:] if time < back]
    assert outcome.counts == {"created": 150}
    assert len(recorder.arrived) == 151
    assert len(early) < 16
    assert max(early, default=0.0) < recorder.refused[0] + 1
    assert max(recorder.arrived) < back + 10


async def test_second_block_by_rapyds_firewall_is_waited_for_five_minutes(tmp_path: Path) -> None:
    """The minute was not enough, so it was the limit over five."""
    recorder = Recorder(FakeClock(), lambda number, _: ({}, "<html>") if number in (30, 31) else None)
    outcome = await send(tmp_path, recorder, "rapyd", range(60), concurrency=1)
    assert outcome.counts == {"created": 60}
    waits = [later - earlier for earlier, later in pairwise(recorder.arrived) if later - earlier > 1]
    assert [round(wait) for wait in waits] == [60, 300]


async def test_requests_refused_together_are_one_block(tmp_path: Path) -> None:
    """Four were under way when the firewall closed: it is waited for a minute, not five."""
    closed = range(30, 34)
    recorder = Recorder(
        FakeClock(), lambda number, _: ({}, "<html>") if number in closed else None, together=closed[-1]
    )
    async with asyncio.timeout(PATIENCE):
        outcome = await send(tmp_path, recorder, "rapyd", range(60), concurrency=8, limits=(Limit(100, 1),))
    if outcome.counts != {"created": 60} or len(recorder.refused) != 4:
        raise RuntimeError("this is not what was to be tried")
    assert max(recorder.arrived) - recorder.refused[0] < 100


async def test_rate_sinks_after_a_429_and_comes_back(tmp_path: Path) -> None:
    """Half as much time again between two requests, and a little less with each that goes through."""
    usual = 0.1 * (1 + MARGIN)
    recorder = Recorder(FakeClock(), lambda number, _: ({"Retry-After": "5"}, "") if number == 20 else None)
    await send(tmp_path, recorder, "hitpay", range(80), concurrency=1, limits=(Limit(10, 1),))
    gaps = [later - earlier for earlier, later in pairwise(recorder.arrived)]
    assert gaps[10] == pytest.approx(usual)
    assert gaps[20] == pytest.approx(1.5 * usual, rel=0.03)
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(gaps[20:]))
    assert gaps[-30:] == [pytest.approx(usual)] * 30


async def test_window_that_is_said_to_be_used_up_is_waited_for(tmp_path: Path) -> None:
    """`X-RateLimit-Remaining: 0`, before anything had to be refused."""
    clock = FakeClock()
    marks = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "20"}
    recorder = Recorder(clock, lambda *_: None, marks={10: marks})
    outcome = await send(tmp_path, recorder, "hitpay", range(30), concurrency=1)
    waits = [later - earlier for earlier, later in pairwise(recorder.arrived) if later - earlier > 1]
    assert waits == [pytest.approx(20, abs=0.1)]
    assert outcome.counts == {"created": 30}


# -- trying again


class LongestWaits(Retry):
    """Chance always makes the most of a wait."""

    def wait(self, made: int, *, uniform: Callable[[float, float], float] = max) -> float | None:
        return Retry.wait(self, made, uniform=uniform)


async def test_request_that_certainly_had_no_effect_is_tried_five_times_with_growing_waits(
    tmp_path: Path,
) -> None:
    async with serving(Recorder(FakeClock(), lambda *_: None).handle) as (address, _):
        pass  # from now on nobody listens there
    clock = FakeClock()
    job = Job(
        source=people_csv(tmp_path / "customers.csv", "hitpay", [1]),
        provider="hitpay",
        base_url=address,
        ledger=f"sqlite:///{tmp_path / 'ledger.sqlite3'}",
        limits=FAST,
    )
    outcome = await carry_out(job, CREDENTIALS, clock=clock.clock, retry=LongestWaits())
    assert [seconds for seconds in clock.sleeps if seconds >= 0.5] == [0.5, 1.0, 2.0, 4.0]
    assert (outcome.statuses, outcome.results[0].attempts) == (["failed"], 5)


LOST = person("juicyway", 1)["Email"]


@pytest.mark.parametrize(
    ("hours", "street", "way"),
    [(23, "1 High Street", "again"), (25, "1 High Street", "look-up"), (1, "2 Low Street", "look-up")],
    ids=["in its time", "after its time", "under another key"],
)
async def test_lost_create_at_juicyway_is_sent_again_only_while_its_key_protects(
    tmp_path: Path, hours: float, street: str, way: str
) -> None:
    """Else it is looked up: a key that has ended, or that names another body, protects nobody."""
    clock = FakeClock()
    settings = Settings(limits=False, clock=clock.now, faults={"juicyway": by_email(Fault.CUT_AFTER)})
    async with Simulator(settings) as simulator:
        bench = Bench(tmp_path, simulator)
        assert (await bench.run("juicyway", [1], clock=clock.clock)).statuses == ["unknown"]
        simulator.set_faults(Faults())
        creates = simulator.counts("juicyway").creates
        clock.time += hours * 3600
        source = write_csv(tmp_path / "customers.csv", [person("juicyway", 1) | {"Street": street}])
        job = bench.job("juicyway", source)
        outcome = await carry_out(job, simulator.environment(), clock=clock.clock)
        counts = simulator.counts("juicyway")
    assert (counts.creates - creates, counts.look_ups) == ((1, 0) if way == "again" else (0, 1))
    assert outcome.statuses == ["created" if way == "again" else "exists"]
    assert outcome.results[0].customer_id == simulator.customers("juicyway")[0].id
    assert len(simulator.customers("juicyway")) == 1


def by_email(fault: Fault) -> Faults:
    return Faults(by_email={LOST: ForCustomer(fault)})


@pytest.mark.parametrize("enabled", ["yes", "no"])
async def test_lost_create_at_rapyd_is_sent_again_only_where_the_account_is_protected(
    tmp_path: Path, enabled: str
) -> None:
    variants = Variants(rapyd_idempotency=enabled == "yes")
    faults = {"rapyd": Faults(script=(None, Fault.CUT_AFTER))}
    async with Simulator(Settings(limits=False, variants=variants, faults=faults)) as simulator:
        bench = Bench(tmp_path, simulator)
        source = people_csv(tmp_path / "customers.csv", "rapyd", range(3))
        variables = simulator.environment() | {"RAPYD_IDEMPOTENCY": enabled}
        outcome = await carry_out(bench.job("rapyd", source), variables)
    counts = simulator.counts("rapyd")
    assert outcome.counts == {"created": 3}
    assert (counts.creates, counts.look_ups) == ((4, 0) if enabled == "yes" else (3, 1))
    assert len(simulator.customers("rapyd")) == 3
