"""What settling costs, and when it gives up for now."""

import asyncio
from dataclasses import replace

import pytest

from importer import sending
from importer.causes import Mender
from importer.errors import SettingsError
from importer.pipeline import record, run
from importer.planning import check
from importer.progress import Phase, Progress
from importer.results.tally import Tally
from importer.rows import Status
from importer.settling import Assumption
from importer.simulator import Call, Fault, Faults
from importer.stopping import Stop, StopReason
from tests.support import Bench, carry_out, people_csv


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


async def test_rows_that_no_look_up_can_settle_are_left_to_a_person_by_every_check(bench: Bench) -> None:
    """A provider that cannot be asked: to run again does nothing for them, and nothing says so."""
    bench.simulator.set_faults(Faults(script=(None, Fault.CUT_AFTER, Fault.SERVER_ERROR)))
    first = await bench.run("krezypay", range(3))
    assert first.counts == {"created": 1, "unknown": 2}
    job = bench.job("krezypay", people_csv(bench.folder / "customers.csv", "krezypay", range(3)))
    with check(job, variables=bench.simulator.environment()) as plan:
        assert [result.code for result in plan.standing()][1:] == [each.code for each in first.results[1:]]
        told = {seen.cause.code: seen.cause.who for seen in plan.staging.pages.causes()}
    assert told["person_must_settle"] is told["connection_lost"] is told["server_error"] is Mender.PERSON
    tally = Tally()
    list(tally.watch(first.rows))
    assert {seen.cause.who for seen in tally.causes()} == {Mender.PERSON}


async def test_two_runs_that_settle_the_same_rows_both_know_what_became_of_them(bench: Bench) -> None:
    bench.simulator.set_faults(Faults(script=(None, *(Fault.CUT_BEFORE,) * 12)), provider="hitpay")
    stop = Stop()
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(13))
    job = replace(bench.job("hitpay", source), concurrency=13)

    def stop_when_settling(progress: Progress) -> None:
        if progress.phase is Phase.SETTLING and progress.total:
            stop.request(StopReason("stopped"))

    with check(job, variables=bench.simulator.environment()) as plan:
        await run(
            plan,
            variables=bench.simulator.environment(),
            on_progress=stop_when_settling,
            stop=stop,
        )
        assert plan.counts[Status.UNKNOWN] > 5
    jobs = [replace(job, output=bench.folder / f"{name}.csv") for name in ("one", "two")]
    outcomes = await asyncio.gather(*(carry_out(each, bench.simulator.environment()) for each in jobs))
    assert bench.created("hitpay") == 13
    assert [outcome.summary.exit_code for outcome in outcomes] == [0, 0]


async def test_id_of_another_customer_is_not_recorded(bench: Bench) -> None:
    """A slip of the hand: the id of the line above."""
    bench.simulator.set_faults(Faults(script=(None, Fault.CUT_AFTER)), provider="krezypay")
    first = await bench.run("krezypay", range(2))
    made = first.results[0].customer_id
    job = bench.job("krezypay", bench.folder / "customers.csv")
    with (
        check(job, variables={}) as plan,
        pytest.raises(SettingsError, match="another customer's already: row 2"),
    ):
        await record(plan, Assumption(frozenset({3}), made))
    with check(job, variables={}) as plan:
        assert (await record(plan, Assumption(frozenset({3}), "another"))).counts[Status.CREATED] == 1


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


async def test_answer_about_another_attempt_than_the_last_records_nothing(bench: Bench) -> None:
    bench.simulator.set_faults(Faults(probabilities={Fault.CUT_AFTER: 1.0}))
    last = (await bench.run("krezypay", range(1))).results[0]
    job, variables = bench.job("krezypay", bench.folder / "customers.csv"), bench.simulator.environment()
    with check(job, variables=variables) as plan, pytest.raises(SettingsError, match="sent once more"):
        await record(plan, Assumption(frozenset({2}), attempt=f"{last.run} 0.0"))
    with check(job, variables=variables) as plan:
        assert plan.to_settle == 1
        summary = await record(plan, Assumption(frozenset({2}), attempt=last.attempt))
    assert summary.counts[Status.FAILED] == 1


async def test_rows_that_were_found_absent_all_say_so_until_they_are_sent(bench: Bench) -> None:
    """Not only the one that was settled last: nothing was done about the others meanwhile."""
    bench.simulator.set_faults(Faults(script=(None, *[Fault.CUT_AFTER] * 3)))
    first = await bench.run("krezypay", range(5), limit=4, concurrency=1)
    assert first.counts == {"created": 1, "unknown": 3, "not_sent": 1}
    job = bench.job("krezypay", bench.folder / "customers.csv")
    for failed, row in enumerate((3, 4, 5), start=1):
        with check(job, variables=bench.simulator.environment()) as plan:
            summary = await record(plan, Assumption(frozenset({row})))
        assert (summary.counts[Status.FAILED], summary.counts[Status.NOT_SENT]) == (failed, 1)
    settled = await carry_out(job, bench.simulator.environment(), settle_only=True)
    assert settled.counts == {"exists": 1, "failed": 3, "not_sent": 1}
    with check(job, variables=bench.simulator.environment()) as plan:
        assert plan.ready == 4
