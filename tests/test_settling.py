"""What settling costs, and when it gives up for now."""

import pytest

from importer import sending
from importer.rows import Status
from importer.simulator import Call, Fault, Faults
from tests.support import Bench


async def test_one_walk_along_the_list_serves_all_rows_that_are_looked_for(bench: Bench) -> None:
    """Rapyd has no search: 300 customers are three pages, asked for once and not for each of 20 rows."""
    script = (None, *(None if n % 15 else Fault.CUT_AFTER for n in range(1, 300)))
    bench.simulator.set_faults(Faults(script=script), provider="rapyd")
    outcome = await bench.run("rapyd", range(300))
    assert bench.created("rapyd") == 300
    assert outcome.counts == {"created": 300}
    assert sum(result.code == "found_by_look_up" for result in outcome.results) >= 19
    assert bench.simulator.counts("rapyd").look_ups <= 4


async def test_rows_that_are_not_there_are_looked_for_anew_once_the_provider_had_time(bench: Bench) -> None:
    script = (None, Fault.CUT_BEFORE, Fault.CUT_BEFORE)
    bench.simulator.set_faults(Faults(script=script), provider="rapyd")
    outcome = await bench.run("rapyd", range(6))
    assert outcome.counts == {"created": 6}
    assert bench.simulator.counts("rapyd").look_ups == 2


async def test_look_ups_that_fail_one_after_the_other_are_left_for_another_run(bench: Bench) -> None:
    """Each is tried several times: with a provider that hangs, dozens of them would take hours."""
    faults = Faults(script=(None, *(Fault.CUT_AFTER,) * 4, None, *(Fault.CUT_AFTER,) * 4, None))
    down = Faults(
        script=faults.script, probabilities={Fault.SERVER_ERROR: 1.0}, calls=frozenset({Call.LOOK_UP})
    )
    bench.simulator.set_faults(down, provider="hitpay")
    outcome = await bench.run("hitpay", range(11), concurrency=1)
    assert outcome.counts == {"created": 3, "unknown": 8}
    assert bench.simulator.counts("hitpay").look_ups == 3 * 3
    left = [result for result in outcome.results if "not looked up" in result.message]
    assert len(left) == 5
    bench.simulator.set_faults(Faults(), provider="hitpay")
    again = await bench.run("hitpay", range(11))
    assert again.summary.exit_code == 0
    assert bench.created("hitpay") == 11


async def test_look_up_without_end_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """New customers may come in faster than we walk."""
    monkeypatch.setattr(sending, "MOST_PAGES", 1)
    bench.simulator.set_faults(Faults(script=(*(None,) * 110, Fault.CUT_BEFORE)), provider="rapyd")
    outcome = await bench.run("rapyd", range(111), concurrency=1)
    lost = outcome.results[110]
    assert lost.status is Status.UNKNOWN
    assert "no end" in lost.message
