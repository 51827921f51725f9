"""An import from end to end, at every provider, over real HTTP."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from importer.errors import LedgerError, SettingsError
from importer.jobs import Job
from importer.ledger import Ledger
from importer.pipeline import record, run
from importer.planning import check
from importer.progress import Phase, Progress
from importer.providers import PROVIDERS
from importer.rows import Limit, Status
from importer.settling import Assumption
from importer.simulator import Fault, Faults, Settings, Simulator, Window
from importer.stopping import CANARY, Stop, StopReason
from tests.support import FAST, PEOPLE, Bench, FakeClock, carry_out, people_csv, person, write_csv

ALL = tuple(PROVIDERS)


@pytest.mark.parametrize("provider", ALL)
async def test_every_row_becomes_one_customer(bench: Bench, provider: str) -> None:
    outcome = await bench.run(provider, range(30))
    assert outcome.counts == {"created": 30}
    assert outcome.summary.exit_code == 0
    assert bench.created(provider) == 30
    ids = {result.customer_id for result in outcome.results}
    assert ids == {customer.id for customer in bench.simulator.customers(provider)}


@pytest.mark.parametrize("provider", ALL)
async def test_same_command_again_sends_nothing(bench: Bench, provider: str) -> None:
    first = await bench.run(provider, range(10))
    before = bench.simulator.counts(provider).requests
    again = await bench.run(provider, range(10))
    assert bench.simulator.counts(provider).requests == before
    assert again.counts == {"exists": 10}
    assert [r.customer_id for r in again.results] == [r.customer_id for r in first.results]
    assert again.summary.exit_code == 0


async def test_customer_of_another_file_is_not_sent_again(bench: Bench) -> None:
    await bench.run("hitpay", range(5))
    outcome = await bench.run("hitpay", [3, 20])
    assert outcome.statuses == ["exists", "created"]
    assert "row 5" in outcome.results[0].message


async def test_repeated_row_is_sent_once_and_names_the_first(bench: Bench) -> None:
    outcome = await bench.run("rapyd", [1, 2, 1, 1])
    assert outcome.statuses == ["created", "created", "duplicate", "duplicate"]
    assert "row 2" in outcome.results[3].message
    assert bench.created("rapyd") == 2


async def test_repetition_of_a_faulty_row_is_not_a_duplicate(bench: Bench) -> None:
    rows = [person("hitpay", 1) | {"Phone": "12"}, person("hitpay", 1)]
    source = write_csv(bench.folder / "customers.csv", rows)
    outcome = await carry_out(bench.job("hitpay", source), bench.simulator.environment())
    assert outcome.statuses == ["invalid", "created"]


async def test_row_with_a_fault_is_never_sent(bench: Bench) -> None:
    rows = [person("hitpay", 1) | {"Email": "nobody", "Phone": ""}, person("hitpay", 2)]
    source = write_csv(bench.folder / "customers.csv", rows)
    outcome = await carry_out(bench.job("hitpay", source), bench.simulator.environment())
    assert outcome.counts == {"created": 1, "invalid": 1}
    assert {fault.column for fault in outcome.results[0].faults} == {"Email", "Phone"}
    assert outcome.summary.exit_code == 1


async def test_rejected_row_is_sent_again_only_once_corrected(bench: Bench) -> None:
    taken = person("rapyd", 1) | {"eWallet": "ewallet_1"}
    await carry_out(
        bench.job("rapyd", write_csv(bench.folder / "first.csv", [taken])), bench.simulator.environment()
    )
    refused = person("rapyd", 2) | {"eWallet": "ewallet_1"}
    job = bench.job("rapyd", write_csv(bench.folder / "second.csv", [refused]))
    first = await carry_out(job, bench.simulator.environment())
    requests = bench.simulator.counts("rapyd").requests
    again = await carry_out(job, bench.simulator.environment())
    assert first.statuses == again.statuses == ["rejected"]
    assert bench.simulator.counts("rapyd").requests == requests
    write_csv(bench.folder / "second.csv", [refused | {"eWallet": "ewallet_2"}])
    corrected = await carry_out(job, bench.simulator.environment())
    assert corrected.statuses == ["created"]


@pytest.mark.parametrize("provider", ALL)
async def test_lost_answer_never_makes_a_second_customer(bench: Bench, provider: str) -> None:
    script = (None, Fault.CUT_AFTER, Fault.GARBLED, Fault.NO_ID, Fault.ERROR_AFTER, Fault.CUT_BODY)
    bench.simulator.set_faults(Faults(script=script), provider=provider)
    outcome = await bench.run(provider, range(12))
    assert bench.created(provider) == 12
    assert bench.simulator.duplicates(provider) == 0
    lost = outcome.counts.get("unknown", 0)
    assert lost == (5 if provider == "krezypay" else 0)


@pytest.mark.parametrize("provider", ALL)
async def test_request_lost_before_it_took_effect_is_sent_again_after_a_look_up(
    bench: Bench, provider: str
) -> None:
    bench.simulator.set_faults(Faults(script=(None, Fault.CUT_BEFORE, Fault.SERVER_ERROR)), provider=provider)
    outcome = await bench.run(provider, range(6))
    if provider == "krezypay":
        assert outcome.counts == {"created": 4, "unknown": 2}
        assert all("person" in r.message for r in outcome.results if r.status is Status.UNKNOWN)
    else:
        assert outcome.counts == {"created": 6}
        assert bench.created(provider) == 6
        assert sum(result.attempts for result in outcome.results) == 8


async def test_not_found_counts_only_after_the_provider_had_time(bench: Bench) -> None:
    bench.simulator.set_faults(Faults(script=(None, Fault.CUT_BEFORE)))
    clock = FakeClock()
    outcome = await bench.run("hitpay", range(3), clock=clock.clock, settle_after=60.0)
    assert outcome.counts == {"created": 3}
    assert any(progress.phase is Phase.WAITING for progress in outcome.progress)
    assert max(clock.sleeps) > 50


async def test_unknown_of_an_earlier_run_is_settled_before_anything_is_sent(bench: Bench) -> None:
    bench.simulator.set_faults(Faults(script=(None, Fault.CUT_AFTER)))
    stop = Stop()
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(4))
    job = bench.job("hitpay", source)
    with check(job, variables=bench.simulator.environment()) as plan:

        def stop_at_unknown(progress: object) -> None:
            result = getattr(progress, "result", None)
            if result is not None and result.status is Status.UNKNOWN:
                stop.request(StopReason("test"))

        await run(plan, on_progress=stop_at_unknown, stop=stop, variables=bench.simulator.environment())
    again = await carry_out(job, bench.simulator.environment())
    assert again.progress[0].phase is Phase.SETTLING
    assert again.summary.exit_code == 0
    assert bench.created("hitpay") == 4


async def test_results_file_is_written_with_every_row_in_order(bench: Bench) -> None:
    outcome = await bench.run("hitpay", range(7))
    text = Path(outcome.summary.output).read_text(encoding="utf-8-sig")
    lines = text.splitlines()
    assert len(lines) == 8
    assert lines[0].startswith("Name,Email,Phone,import_status,import_customer_id,import_message,import_code")
    assert [line.split(",")[1] for line in lines[1:]] == [person("hitpay", n)["Email"] for n in range(7)]


async def test_results_file_runs_again_without_options(bench: Bench) -> None:
    rows = [person("hitpay", 1) | {"Email": "nobody"}, person("hitpay", 2)]
    source = write_csv(bench.folder / "customers.csv", rows)
    job = bench.job("hitpay", source)
    first = await carry_out(job, bench.simulator.environment())
    results = Path(first.summary.output)
    text = results.read_text(encoding="utf-8-sig").replace("nobody", "somebody@example.com")
    results.write_text(text, encoding="utf-8-sig")
    second = await carry_out(
        Job(source=results, ledger=job.ledger, limits=FAST), bench.simulator.environment()
    )
    assert second.statuses == ["created", "exists"]
    assert second.summary.output == str(results)
    assert bench.created("hitpay") == 2


@pytest.mark.parametrize("provider", ALL)
async def test_refused_key_costs_a_handful_of_requests(bench: Bench, provider: str) -> None:
    source = people_csv(bench.folder / "customers.csv", provider, range(200))
    job = replace(bench.job(provider, source), concurrency=50)
    wrong = dict.fromkeys(bench.simulator.environment(), "wrong")
    outcome = await carry_out(job, wrong)
    assert outcome.summary.exit_code == 3
    assert bench.simulator.counts(provider).requests <= 5
    assert outcome.counts["not_sent"] >= 195
    assert bench.created(provider) == 0


async def test_first_rows_all_refused_for_one_reason_stop_the_run(bench: Bench) -> None:
    rows = [person("rapyd", n) | {"eWallet": "ewallet_1"} for n in range(60)]
    source = write_csv(bench.folder / "customers.csv", rows)
    blocker = write_csv(bench.folder / "first.csv", [person("rapyd", 99) | {"eWallet": "ewallet_1"}])
    await carry_out(bench.job("rapyd", blocker), bench.simulator.environment())
    outcome = await carry_out(bench.job("rapyd", source), bench.simulator.environment())
    assert outcome.counts == {"rejected": CANARY, "not_sent": 60 - CANARY}
    assert outcome.summary.exit_code == 3


async def test_more_errors_than_allowed_stop_the_run(bench: Bench) -> None:
    rows = [person("hitpay", n) | ({"Email": "bad"} if n < 3 else {}) for n in range(20)]
    source = write_csv(bench.folder / "customers.csv", rows)
    job = replace(bench.job("hitpay", source), max_errors="10%")
    outcome = await carry_out(job, bench.simulator.environment())
    assert outcome.summary.exit_code == 3
    assert outcome.counts == {"invalid": 3, "not_sent": 17}


async def test_limit_leaves_the_rest_not_sent(bench: Bench) -> None:
    outcome = await bench.run("hitpay", range(10), limit=4)
    assert outcome.counts == {"created": 4, "not_sent": 6}
    assert outcome.summary.exit_code == 1
    assert (await bench.run("hitpay", range(10))).counts == {"created": 6, "exists": 4}


async def test_stop_finishes_what_is_in_flight_and_takes_no_new_row(bench: Bench) -> None:
    stop = Stop()
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(50))
    job = replace(bench.job("hitpay", source), concurrency=4)
    with check(job, variables=bench.simulator.environment()) as plan:

        def stop_after_ten(progress: object) -> None:
            if bench.created("hitpay") >= 10:
                stop.request(StopReason("interrupted", 130))

        summary = await run(
            plan, on_progress=stop_after_ten, stop=stop, variables=bench.simulator.environment()
        )
    assert summary.exit_code == 130
    assert summary.counts[Status.CREATED] == bench.created("hitpay") <= 14
    assert summary.counts[Status.UNKNOWN] == 0
    assert summary.counts[Status.NOT_SENT] == 50 - bench.created("hitpay")


async def test_again_sends_on_purpose(bench: Bench) -> None:
    await bench.run("rapyd", range(3))
    outcome = await bench.run("rapyd", range(3), again=True)
    assert outcome.counts == {"created": 3}
    assert bench.created("rapyd") == 6


async def test_rows_with_the_email_a_provider_keeps_once_are_one_customer_whatever_the_identity(
    bench: Bench,
) -> None:
    people = [person("yativo", 1), person("yativo", 2) | {"Email": "ANN1@example.com"}, person("yativo", 3)]
    people[0]["Email"] = "ann1@example.com"
    source = write_csv(bench.folder / "customers.csv", people)
    job = replace(bench.job("yativo", source), identity=("customer_name",))
    outcome = await carry_out(job, bench.simulator.environment())
    assert outcome.statuses == ["created", "duplicate", "created"]
    assert 'one customer for each "Email"' in outcome.results[1].message
    assert "row 2" in outcome.results[1].message


async def test_two_runs_never_have_one_email_in_flight_where_the_provider_would_take_both(
    tmp_path: Path,
) -> None:
    """Their identities differ, so that only the e-mail tells that it is one customer."""
    async with Simulator(Settings(limits=False, latency=0.2)) as simulator:
        bench = Bench(tmp_path, simulator)
        source = people_csv(tmp_path / "customers.csv", "yativo", [1])
        jobs = [
            replace(bench.job("yativo", source), identity=identity, output=tmp_path / f"{n}.csv")
            for n, identity in enumerate([("customer_email",), ("customer_name",)])
        ]
        variables = simulator.environment()
        outcomes = await asyncio.gather(*(carry_out(job, variables) for job in jobs))
        assert len(simulator.customers("yativo")) == 1
    assert sorted(outcome.statuses[0] for outcome in outcomes) == ["created", "exists"]


async def test_identity_decides_what_makes_two_rows_one_customer(bench: Bench) -> None:
    rows = [person("rapyd", 1), person("rapyd", 2) | {"Phone": person("rapyd", 1)["Phone"]}]
    source = write_csv(bench.folder / "customers.csv", rows)
    job = replace(bench.job("rapyd", source), identity=("phone_number",))
    outcome = await carry_out(job, bench.simulator.environment())
    assert outcome.statuses == ["created", "duplicate"]


async def test_rate_is_shared_by_two_imports_of_one_account(bench: Bench) -> None:
    one = people_csv(bench.folder / "one.csv", "hitpay", range(20))
    two = people_csv(bench.folder / "two.csv", "hitpay", range(10, 30))
    jobs = [replace(bench.job("hitpay", source), limits=(Limit(100, 1),)) for source in (one, two)]
    await asyncio.gather(*(carry_out(job, bench.simulator.environment()) for job in jobs))
    arrivals = sorted(request.arrived for request in bench.simulator.requests("hitpay"))
    assert bench.created("hitpay") == 30
    assert bench.simulator.duplicates("hitpay") == 0
    assert arrivals[-1] - arrivals[0] >= 29 / 100 * 0.95


@pytest.mark.parametrize("provider", ["hitpay", "rapyd"])
async def test_two_runs_over_one_file_share_it(bench: Bench, provider: str) -> None:
    """Neither sends what the other does, and both know in the end what became of every row."""
    source = people_csv(bench.folder / "customers.csv", provider, range(200))
    jobs = [
        replace(bench.job(provider, source), output=bench.folder / f"{name}.csv", limits=(Limit(200, 1),))
        for name in ("one", "two")
    ]
    variables = bench.simulator.environment()
    with check(jobs[0], variables=variables) as one, check(jobs[1], variables=variables) as two:
        summaries = await asyncio.gather(run(one, variables=variables), run(two, variables=variables))
    assert bench.created(provider) == 200
    assert bench.simulator.counts(provider).creates == 200
    created = [summary.counts[Status.CREATED] for summary in summaries]
    assert sum(created) == 200
    assert min(created) > 0
    assert [summary.exit_code for summary in summaries] == [0, 0]


async def test_row_that_another_run_is_sending_waits_for_its_outcome(bench: Bench) -> None:
    bench.simulator.set_faults(Faults(script=(None, Fault.SLOW), slow_seconds=1.0))
    one = people_csv(bench.folder / "one.csv", "hitpay", range(2))
    two = people_csv(bench.folder / "two.csv", "hitpay", range(1, 3))
    first = asyncio.create_task(carry_out(bench.job("hitpay", one), bench.simulator.environment()))
    while bench.simulator.counts("hitpay").requests < 2:  # noqa: ASYNC110  it has no event to wait for
        await asyncio.sleep(0)
    second = await carry_out(bench.job("hitpay", two), bench.simulator.environment())
    assert second.statuses == ["exists", "created"]
    assert (await first).statuses == ["created", "created"]
    assert bench.created("hitpay") == 3


async def test_row_that_another_run_settles_meanwhile_is_told_as_it_stands_then(bench: Bench) -> None:
    bench.simulator.set_faults(Faults(script=(None, Fault.CUT_AFTER)))
    await bench.run("krezypay", range(3), concurrency=1)
    job = bench.job("krezypay", bench.folder / "customers.csv")

    def settle_it_first(progress: Progress) -> None:
        if progress.phase is Phase.SETTLING:
            with Ledger.open(job.ledger) as other, other._engine.begin() as connection:
                connection.exec_driver_sql(
                    "UPDATE customer SET state = 'created', customer_id = 'found' WHERE state = 'unknown'"
                )

    outcome = await carry_out(job, bench.simulator.environment(), watch=settle_it_first)
    assert outcome.statuses == ["exists"] * 3
    assert outcome.results[1].customer_id == "found"


async def test_missing_credentials_stop_before_anything_is_sent(bench: Bench) -> None:
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(3))
    with pytest.raises(SettingsError, match="HITPAY_API_KEY"):
        await carry_out(bench.job("hitpay", source), {})
    assert bench.simulator.counts("hitpay").requests == 0
    assert not (bench.folder / "customers.results.csv").exists()


async def test_ledger_that_breaks_stops_the_run(bench: Bench) -> None:
    source = people_csv(bench.folder / "customers.csv", "hitpay", range(20))
    job = replace(bench.job("hitpay", source), concurrency=4)
    made_before = 0
    with check(job, variables=bench.simulator.environment()) as plan:

        def break_it(progress: object) -> None:
            nonlocal made_before
            if bench.created("hitpay") >= 5 and not made_before:
                made_before = bench.created("hitpay")
                with plan.ledger._engine.begin() as connection:
                    connection.exec_driver_sql("DROP TABLE IF EXISTS customer")

        with pytest.raises(LedgerError, match="same command again"):
            await run(plan, on_progress=break_it, variables=bench.simulator.environment())
    assert bench.created("hitpay") <= made_before + 4


async def test_ledger_holds_no_cell_of_the_sheet(bench: Bench) -> None:
    for provider in ALL:
        bench.simulator.set_faults(Faults(script=(None, Fault.CUT_AFTER)), provider=provider)
        await bench.run(provider, range(4))
    content = b"".join(path.read_bytes() for path in bench.folder.glob("ledger.sqlite3*") if path.is_file())
    for provider in ALL:
        for cell in person(provider, 1).values():
            if len(cell) > 6 and cell != "passport":
                assert cell.encode() not in content, f"{cell} of {provider}"


async def test_progress_tells_each_row_once(bench: Bench) -> None:
    outcome = await bench.run("yativo", range(8))
    told = [p.result.row for p in outcome.progress if p.phase is Phase.SENDING and p.result is not None]
    assert sorted(told) == list(range(2, 10))


def test_headings_of_the_test_sheets_fit_their_providers() -> None:
    assert set(PEOPLE) == set(PROVIDERS)


async def test_deliberate_repeat_that_was_cut_short_goes_on_and_makes_no_third_customer(bench: Bench) -> None:
    await bench.run("rapyd", range(4))
    await bench.run("rapyd", range(4), again=True, limit=2)
    assert bench.created("rapyd") == 6
    outcome = await bench.run("rapyd", range(4), again=True)
    assert outcome.counts == {"created": 2, "exists": 2}
    assert bench.created("rapyd") == 8


async def test_finished_file_needs_no_credentials(bench: Bench) -> None:
    first = await bench.run("hitpay", range(3))
    source = bench.folder / "customers.csv"
    again = await carry_out(bench.job("hitpay", source), {})
    assert again.counts == {"exists": 3}
    assert again.summary.output == first.summary.output


async def test_person_settles_what_no_look_up_can(bench: Bench) -> None:
    """Krezypay has none: what somebody found out is recorded, and the next run goes by it."""
    bench.simulator.set_faults(Faults(script=(None, Fault.CUT_AFTER, Fault.CUT_BEFORE)))
    await bench.run("krezypay", range(4), concurrency=1)
    job = bench.job("krezypay", bench.folder / "customers.csv")
    for assumption in (Assumption(frozenset({3}), "person-found-it"), Assumption(frozenset({4}))):
        with check(job, variables={}) as plan:
            summary = await record(plan, assumption)
    assert summary.counts[Status.EXISTS] == 3
    again = await carry_out(job, bench.simulator.environment())
    assert again.statuses == ["exists", "exists", "created", "exists"]
    assert again.results[1].customer_id == "person-found-it"
    assert bench.created("krezypay") == 4


@pytest.mark.parametrize(
    "assumption",
    [Assumption(frozenset({2})), Assumption(frozenset({99})), Assumption(frozenset({3, 4}), "one-id")],
)
async def test_only_what_is_unknown_can_be_settled_by_a_person(bench: Bench, assumption: Assumption) -> None:
    bench.simulator.set_faults(Faults(script=(None, Fault.CUT_AFTER, Fault.CUT_AFTER)))
    await bench.run("krezypay", range(4), concurrency=1)
    with check(bench.job("krezypay", bench.folder / "customers.csv"), variables={}) as plan:
        with pytest.raises(SettingsError):
            await record(plan, assumption)
        assert plan.to_settle == 2


@pytest.mark.parametrize("rate", [Limit(25, 1), Limit(5, 1)])
async def test_strict_window_is_never_broken_however_many_wait(tmp_path: Path, rate: Limit) -> None:
    """Against a server that enforces the window strictly: no 429, and hardly slower than allowed."""
    settings = Settings(latency=0.01, rates={"hitpay": (Window(rate.requests, rate.per),)})
    rows = rate.requests * 3
    async with Simulator(settings) as simulator:
        bench = Bench(tmp_path, simulator)
        outcome = await bench.run("hitpay", range(rows), limits=(rate,), concurrency=64)
    arrivals = [request.arrived for request in simulator.requests("hitpay")]
    assert outcome.counts == {"created": rows}
    assert simulator.counts("hitpay").answered[429] == 0
    assert arrivals[-1] - arrivals[0] <= (rows - 1) / rate.requests * 1.2


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
async def test_row_that_a_results_file_has_as_created_is_never_sent_again(bench: Bench, suffix: str) -> None:
    """Not with another ledger, and not after somebody changed its cells."""
    first = await bench.run("hitpay", range(3), output=bench.folder / f"customers.results.{suffix}")
    results = Path(first.summary.output)
    if suffix == "csv":
        text = results.read_text(encoding="utf-8-sig").replace(
            "ann0@example.com", "somebody.else@example.com"
        )
        results.write_text(text, encoding="utf-8-sig")
    other = Job(source=results, ledger=f"sqlite:///{bench.folder / 'other.sqlite3'}", limits=FAST)
    outcome = await carry_out(other, bench.simulator.environment())
    assert outcome.counts == {"exists": 3}
    assert [r.customer_id for r in outcome.results] == [r.customer_id for r in first.results]
    assert bench.created("hitpay") == 3


async def test_results_of_one_account_say_nothing_of_another(bench: Bench) -> None:
    first = await bench.run("rapyd", range(2))
    variables = {f"ACME_{name}": value for name, value in bench.simulator.environment().items()}
    other = Job(
        source=Path(first.summary.output),
        account="acme",
        base_url=bench.simulator.base_url("rapyd"),
        ledger=f"sqlite:///{bench.folder / 'ledger.sqlite3'}",
        limits=FAST,
    )
    outcome = await carry_out(other, variables)
    assert outcome.counts == {"created": 2}


async def test_unknown_row_whose_customer_was_changed_is_not_sent(bench: Bench) -> None:
    """It may have been created under what stood there before: first that has to be found out."""
    bench.simulator.set_faults(Faults(script=(None, Fault.CUT_AFTER)))
    first = await bench.run("krezypay", range(3), concurrency=1)
    results = Path(first.summary.output)
    text = results.read_text(encoding="utf-8-sig").replace("00000001", "00099999")
    results.write_text(text, encoding="utf-8-sig")
    job = Job(source=results, ledger=f"sqlite:///{bench.folder / 'ledger.sqlite3'}", limits=FAST)
    outcome = await carry_out(job, bench.simulator.environment())
    assert outcome.statuses == ["exists", "unknown", "exists"]
    assert outcome.results[1].code == "unknown_elsewhere"
    assert bench.simulator.counts("krezypay").creates == 3
