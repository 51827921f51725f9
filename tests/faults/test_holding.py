"""A run that is held: nothing new leaves until it goes on, and what is under way is finished."""

import asyncio

from importer.progress import Phase, Progress
from importer.rows import Limit
from importer.stopping import Stop, StopReason
from tests.support import Bench


async def test_held_run_sends_nothing_until_it_goes_on(bench: Bench) -> None:
    stop, held_now = Stop(), asyncio.Event()

    def watch(progress: Progress) -> None:
        if progress.phase is Phase.SENDING and progress.done == 3:
            stop.hold()
            held_now.set()

    run = asyncio.create_task(bench.run("hitpay", range(20), watch=watch, stop=stop, concurrency=1))
    await held_now.wait()
    held = bench.simulator.counts("hitpay").requests
    await asyncio.wait([run], timeout=0.1)
    assert not run.done()
    assert bench.simulator.counts("hitpay").requests <= held + 1, "one was under way"
    stop.go_on()
    assert (await run).counts == {"created": 20}


async def test_rows_that_stand_in_line_for_a_turn_are_held_as_well(bench: Bench) -> None:
    stop, held_now = Stop(), asyncio.Event()

    def watch(progress: Progress) -> None:
        if progress.phase is Phase.SENDING and progress.done == 3:
            stop.hold()
            held_now.set()

    slowly = (Limit(50, 1),)
    run = asyncio.create_task(bench.run("rapyd", range(40), watch=watch, stop=stop, limits=slowly))
    await held_now.wait()
    held = bench.simulator.counts("rapyd").requests
    await asyncio.wait([run], timeout=0.4)  # time for twenty requests
    assert bench.simulator.counts("rapyd").requests <= held + 2, "those under way"
    stop.go_on()
    assert (await run).counts == {"created": 40}


async def test_held_run_can_be_stopped(bench: Bench) -> None:
    stop = Stop()
    stop.hold()
    run = asyncio.create_task(bench.run("hitpay", range(5), stop=stop))
    await asyncio.wait([run], timeout=0.1)
    stop.request(StopReason("enough", 130))
    outcome = await run
    assert outcome.counts == {"not_sent": 5}
    assert bench.created("hitpay") == 0
