"""A run that is held: nothing new leaves until it goes on, and what is under way is finished."""

import asyncio

from importer.progress import Phase, Progress
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


async def test_held_run_can_be_stopped(bench: Bench) -> None:
    stop = Stop()
    stop.hold()
    run = asyncio.create_task(bench.run("hitpay", range(5), stop=stop))
    await asyncio.wait([run], timeout=0.1)
    stop.request(StopReason("enough", 130))
    outcome = await run
    assert outcome.counts == {"not_sent": 5}
    assert bench.created("hitpay") == 0
