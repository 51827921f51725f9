"""No window of any length ever holds more than its limit, whoever shares it, start and restart included."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.ledger import Ledger, TurnsWanted
from importer.pacing import LATE_SHARE, Pacer, spacing
from importer.rows import Limit
from tests.support import FakeClock

limits_strategy = st.lists(
    st.builds(Limit, st.integers(1, 300), per=st.sampled_from([1.0, 5.0, 60.0])), min_size=1, max_size=3
)


def ledger_at(path: Path) -> Ledger:
    ledger = Ledger.open(f"sqlite:///{path}")
    ledger.use_account("hitpay/sandbox/default")
    return ledger


def fullest(sent: Sequence[float], per: float) -> int:
    """The most requests in any window of `per` seconds that is open at its end."""
    times = sorted(sent)
    first = most = 0
    for last, time in enumerate(times):
        while times[first] <= time - per:
            first += 1
        most = max(most, last - first + 1)
    return most


async def take(pacer: Pacer, sent: list[float]) -> None:
    while not await pacer.wait_until(await pacer.turn()):
        pass
    sent.append(pacer.clock.now())


async def drive(limits: tuple[Limit, ...], path: Path, stalls: random.Random, count: int) -> list[float]:
    """Send `count` requests with a process that stalls now and then and restarts half way."""
    clock, sent = FakeClock(), list[float]()
    for _ in range(2):
        with ledger_at(path) as ledger:
            pacer = Pacer(ledger, limits, clock.clock)
            for _ in range(count // 2):
                if stalls.random() < 0.1:
                    clock.time += stalls.uniform(0, 3 * spacing(limits) * 10)
                await take(pacer, sent)
    return sent


@settings(max_examples=12, deadline=None)
@given(limits=limits_strategy, seed=st.integers(0, 2**32))
def test_no_window_ever_holds_more_than_its_limit(
    tmp_path_factory: pytest.TempPathFactory, limits: list[Limit], seed: int
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite3"
    sent = asyncio.run(drive(tuple(limits), path, random.Random(seed), 100))
    for limit in limits:
        assert fullest(sent, limit.per) <= limit.requests


async def test_two_who_share_an_account_share_its_limit(tmp_path: Path, fake_clock: FakeClock) -> None:
    limit, sent = Limit(20, 1), list[float]()
    with ledger_at(tmp_path / "l") as one, ledger_at(tmp_path / "l") as two:
        pacers = [Pacer(ledger, (limit,), fake_clock.clock) for ledger in (one, two)]
        for number in range(60):
            await take(pacers[number % 2], sent)
    assert fullest(sent, limit.per) <= limit.requests


async def test_many_who_wait_at_once_keep_the_window(tmp_path: Path, fake_clock: FakeClock) -> None:
    """However many workers wait for their turn, none of them reserves one far ahead."""
    limit, sent = Limit(5, 1), list[float]()
    with ledger_at(tmp_path / "one") as ledger:
        pacer = Pacer(ledger, (limit,), fake_clock.clock)
        await asyncio.gather(*(take(pacer, sent) for _ in range(64)))
    assert len(sent) == 64
    assert fullest(sent, limit.per) <= limit.requests


async def test_limit_is_nearly_reached(tmp_path: Path, fake_clock: FakeClock) -> None:
    sent: list[float] = []
    with ledger_at(tmp_path / "l") as ledger:
        pacer = Pacer(ledger, (Limit(200, 60), Limit(1000, 300)), fake_clock.clock)
        for _ in range(300):
            await take(pacer, sent)
    rate = (len(sent) - 1) / (sent[-1] - sent[0])
    assert 0.98 <= rate / (200 / 60) <= 1.0


async def test_turn_that_was_missed_is_not_used(tmp_path: Path, fake_clock: FakeClock) -> None:
    with ledger_at(tmp_path / "l") as ledger:
        pacer = Pacer(ledger, (Limit(10, 1),), fake_clock.clock)
        turn = await pacer.turn()
        fake_clock.time = turn + LATE_SHARE * 2
        assert not await pacer.wait_until(turn)


async def test_pause_holds_the_whole_account(tmp_path: Path, fake_clock: FakeClock) -> None:
    with ledger_at(tmp_path / "l") as one, ledger_at(tmp_path / "l") as two:
        pausing, other = (Pacer(ledger, (Limit(10, 1),), fake_clock.clock) for ledger in (one, two))
        early = await pausing.turn()
        began = fake_clock.now()
        await pausing.pause(30)
        assert not await pausing.wait_until(early)
        sent: list[float] = []
        await take(other, sent)
        await take(pausing, sent)
    assert min(sent) >= began + 30


async def test_after_a_429_it_goes_on_slower_and_recovers(tmp_path: Path, fake_clock: FakeClock) -> None:
    with ledger_at(tmp_path / "l") as ledger:
        pacer = Pacer(ledger, (Limit(10, 1),), fake_clock.clock)
        usual = pacer.interval
        for _ in range(10):
            pacer.slow_down()
        assert pacer.interval == pytest.approx(4 * usual)
        for _ in range(100):
            pacer.recover()
        assert pacer.interval == usual


async def test_clock_set_back_does_not_stop_sending(tmp_path: Path, fake_clock: FakeClock) -> None:
    with ledger_at(tmp_path / "l") as ledger:
        await take(Pacer(ledger, (Limit(10, 1),), fake_clock.clock), [])
        fake_clock.time -= 7200
        before, sent = fake_clock.now(), list[float]()
        await take(Pacer(ledger, (Limit(10, 1),), fake_clock.clock), sent)
    assert sent[0] - before < 2


async def test_turns_that_nobody_waits_for_are_left_to_the_others(
    tmp_path: Path, fake_clock: FakeClock
) -> None:
    """Two slow machines must not take whole stretches of turns from each other and use one of each."""
    limit, sent = Limit(100, 1), list[float]()
    with ledger_at(tmp_path / "l") as one, ledger_at(tmp_path / "l") as two:
        pacers = [Pacer(ledger, (limit,), fake_clock.clock) for ledger in (one, two)]
        for number in range(40):
            await take(pacers[number % 2], sent)
    assert sent[-1] - sent[0] <= 39 * spacing((limit,)) * 1.05


async def test_turn_of_a_wide_limit_may_be_used_late(tmp_path: Path, fake_clock: FakeClock) -> None:
    """So few turns are out at a time that all of them together fit into the margin, however late."""
    limit, chance, sent = Limit(600, 1), random.Random(1), list[float]()
    with ledger_at(tmp_path / "l") as ledger:
        pacer = Pacer(ledger, (limit,), fake_clock.clock, at_once=1)
        for _ in range(900):
            turn = await pacer.turn()
            fake_clock.time += chance.choice([0.0] * 30 + [0.3])
            assert await pacer.wait_until(turn)
            sent.append(fake_clock.now())
    assert fullest(sent, limit.per) <= limit.requests


async def test_ledger_that_takes_longer_than_turns_may_be_late_lets_requests_through(
    tmp_path: Path, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each turn would be missed by the time it is known, and another one taken, without end."""
    limit, sent = Limit(200, 1), list[float]()
    with ledger_at(tmp_path / "l") as ledger:
        reserve = ledger.reserve_turns

        async def slowly(wanted: TurnsWanted) -> float:
            turn = await reserve(wanted)
            fake_clock.time += 2 * LATE_SHARE * limit.per
            return turn

        monkeypatch.setattr(ledger, "reserve_turns", slowly)
        pacer = Pacer(ledger, (limit,), fake_clock.clock)
        for _ in range(20):
            await asyncio.wait_for(take(pacer, sent), 5)
    assert fullest(sent, limit.per) <= limit.requests
