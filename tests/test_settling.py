"""Unknown rows are found out about, and by `settle` alone nothing new is sent."""

from dataclasses import replace

from importer.rows import Status
from importer.simulator import Call, Fault, Faults
from tests.support import Bench, carry_out

LOOK_UPS_FAIL = Faults(probabilities={Fault.SERVER_ERROR: 1.0}, calls=frozenset({Call.LOOK_UP}))


async def test_row_whose_look_up_fails_too_stays_unknown_and_says_so(bench: Bench) -> None:
    bench.simulator.set_faults(replace(LOOK_UPS_FAIL, script=(None, Fault.CUT_AFTER)))
    outcome = await bench.run("hitpay", range(2))
    assert outcome.statuses == ["created", "unknown"]
    assert "the look-up failed" in outcome.results[1].message
    assert outcome.summary.exit_code == 1
    bench.simulator.set_faults(Faults())
    assert (await bench.run("hitpay", range(2))).statuses == ["exists", "exists"]
    assert bench.simulator.counts("hitpay").creates == 2


async def test_settling_alone_sends_nothing_not_even_who_was_found_absent(bench: Bench) -> None:
    lost = replace(LOOK_UPS_FAIL, script=(None, Fault.CUT_BEFORE, Fault.CUT_AFTER))
    bench.simulator.set_faults(lost)
    first = await bench.run("hitpay", range(5), limit=3)
    assert first.statuses == ["created", "unknown", "unknown", "not_sent", "not_sent"]
    bench.simulator.set_faults(Faults())
    job = bench.job("hitpay", bench.folder / "customers.csv")
    settled = await carry_out(job, bench.simulator.environment(), settle_only=True)
    assert settled.statuses == ["exists", "failed", "exists", "not_sent", "not_sent"]
    assert settled.results[1].code == "not_found"
    assert {result.code for result in settled.results[3:]} == {"settled_only"}
    assert bench.simulator.counts("hitpay").creates == 3
    after = await carry_out(job, bench.simulator.environment())
    assert (after.counts, bench.created("hitpay")) == ({"created": 3, "exists": 2}, 5)
    assert after.results[1].status is Status.CREATED
