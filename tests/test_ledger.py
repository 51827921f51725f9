"""The ledger keeps its word: durable before it answers, and never two owners of one customer."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from importer.errors import LedgerError, SettingsError
from importer.ledger import SENDING, Claim, Entry, Ledger, TurnsWanted
from importer.ledger.tables import VERSION
from importer.rows import Status

NOW = 1_800_000_000.0


def open_run(url: str, run: str) -> Ledger:
    ledger = Ledger.open(url)
    ledger.use_account("hitpay/sandbox/default")
    ledger.begin_run(run, source="customers.csv", output="customers.results.csv")
    return ledger


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with open_run(ledger_url, "first") as opened:
        yield opened


def claim(identity: str = "ann", key: str = "body 1", row: int = 2) -> Claim:
    return Claim(identity, key, row, NOW)


def entry(state: str, *, identity: str = "ann", key: str = "body 1", run: str = "first") -> Entry:
    made = Entry(identity, state, key, run, 2, 1, NOW, NOW, http_status=200, extra={"kyc_link": "https://x"})
    return replace(made, customer_id="cus_1") if state == Status.CREATED else made


def read(url: str, statement: str) -> list[tuple[object, ...]]:
    """What another process reads from the database now."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = [tuple(line) for line in connection.exec_driver_sql(statement)]
    engine.dispose()
    return found


def states(url: str) -> dict[object, object]:
    return dict(read(url, "SELECT identity, state FROM customer"))  # type: ignore[arg-type]  # two columns


async def test_claim_is_on_disk_when_it_is_granted(ledger: Ledger, ledger_url: str) -> None:
    assert await ledger.claim(claim()) is None
    assert states(ledger_url) == {"ann": SENDING}


@pytest.mark.parametrize("state", [SENDING, Status.UNKNOWN])
async def test_one_of_those_with_the_same_exclusive_value_is_under_way(
    ledger: Ledger, ledger_url: str, state: str
) -> None:
    """Two identities, one e-mail, and a provider that would take both at once."""
    assert await ledger.claim(replace(claim("ann"), exclusive="e-mail")) is None
    await ledger.settle(entry(state))
    with open_run(ledger_url, "second") as second:
        other = replace(claim("bob"), exclusive="e-mail")
        blocking = await second.claim(other)
        assert blocking is not None
        assert (blocking.identity, blocking.state) == ("ann", state)
        assert await second.claim(replace(claim("cyd"), exclusive="another")) is None
        assert await second.claim(claim("dot")) is None
        await ledger.settle(entry(Status.REJECTED))
        assert await second.claim(other) is None


async def test_failed_customer_waits_for_another_with_its_exclusive_value(
    ledger: Ledger, ledger_url: str
) -> None:
    ann, bob = (replace(claim(name), exclusive="e-mail") for name in ("ann", "bob"))
    await ledger.claim(bob)
    await ledger.settle(entry(Status.FAILED, identity="bob"))
    await ledger.claim(ann)
    with open_run(ledger_url, "second") as second:
        blocking = await second.claim(bob)
        assert blocking is not None
        assert blocking.identity == "ann"


VERSION_3_TAKEN_BACK = (
    "DROP INDEX history_by_customer",
    "ALTER TABLE run DROP COLUMN job",
    "ALTER TABLE run DROP COLUMN settings",
    "ALTER TABLE run DROP COLUMN ending",
    "ALTER TABLE history DROP COLUMN extra",
)


def test_ledger_of_the_first_version_is_taken_over(ledger_url: str) -> None:
    """As that version left it: without the column, with a customer in it."""
    with open_run(ledger_url, "first") as ledger:
        asyncio.run(ledger.claim(claim()))
    engine = sa.create_engine(ledger_url)
    with engine.begin() as connection:
        for statement in (
            "DROP INDEX one_under_way",
            "ALTER TABLE customer DROP COLUMN exclusive",
            *VERSION_3_TAKEN_BACK,
            "UPDATE ledger_version SET version = 1",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    for run in ("second", "third"):
        with open_run(ledger_url, run) as ledger:
            assert ledger.known(["ann"])["ann"].state == Status.UNKNOWN
    assert read(ledger_url, "SELECT max(version) FROM ledger_version") == [(VERSION,)]
    with open_run(ledger_url, "fourth") as ledger:
        assert asyncio.run(ledger.claim(replace(claim("bob"), exclusive="e-mail"))) is None
        assert asyncio.run(ledger.claim(replace(claim("cyd"), exclusive="e-mail"))) is not None


async def test_outcome_is_on_disk_when_it_is_settled(ledger: Ledger, ledger_url: str) -> None:
    await ledger.claim(claim())
    await ledger.settle(entry(Status.CREATED))
    assert states(ledger_url) == {"ann": "created"}
    assert ledger.known(["ann"])["ann"] == entry(Status.CREATED)


def test_sqlite_waits_for_the_disk_at_each_commit(tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{tmp_path / 'l'}") as ledger, ledger._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


@pytest.mark.parametrize(
    ("state", "key", "granted"),
    [
        (Status.FAILED, "body 1", True),
        (Status.REJECTED, "body 1", False),
        (Status.REJECTED, "body 2", True),
        (Status.UNKNOWN, "body 1", False),
        (Status.UNKNOWN, "body 2", False),
        (Status.CREATED, "body 2", False),
        (Status.EXISTS, "body 2", False),
    ],
)
async def test_only_what_had_no_effect_may_be_claimed_again(
    ledger: Ledger, ledger_url: str, state: Status, key: str, granted: bool
) -> None:
    await ledger.claim(claim())
    await ledger.settle(entry(state))
    with open_run(ledger_url, "second") as later:
        known = await later.claim(claim(key=key))
    assert (known is None) is granted
    if known is not None:
        assert known.state == state


async def test_customer_under_way_in_a_living_run_is_nobody_elses(ledger: Ledger, ledger_url: str) -> None:
    await ledger.claim(claim())
    with open_run(ledger_url, "second") as other:
        assert other.known(["ann"])["ann"].state == SENDING
        known = await other.claim(claim())
    assert known is not None
    assert known.state == SENDING


async def test_customer_under_way_in_a_run_that_is_gone_is_unknown(ledger_url: str) -> None:
    with open_run(ledger_url, "first") as gone:
        await gone.claim(claim())
    with open_run(ledger_url, "second") as later:
        assert later.known(["ann"])["ann"].state == Status.UNKNOWN
        known = await later.claim(claim())
    assert known is not None
    assert known.state == Status.UNKNOWN
    assert states(ledger_url) == {"ann": "unknown"}


async def test_two_ledgers_never_both_win_a_customer(ledger: Ledger, ledger_url: str) -> None:
    with open_run(ledger_url, "second") as other:
        claims = [claim(f"customer {number}") for number in range(200)]
        ours, theirs = await asyncio.gather(
            asyncio.gather(*map(ledger.claim, claims)), asyncio.gather(*map(other.claim, reversed(claims)))
        )
    won = [mine is None for mine in ours]
    lost = [other is None for other in reversed(theirs)]
    assert all(mine != other for mine, other in zip(won, lost, strict=True))


async def test_writes_that_arrive_together_share_a_commit(ledger: Ledger) -> None:
    commits: list[object] = []
    sa.event.listen(ledger._engine, "commit", commits.append)
    await asyncio.gather(*(ledger.claim(claim(f"customer {number}")) for number in range(300)))
    assert len(commits) <= 5


async def test_write_goes_on_when_its_caller_is_cancelled(ledger: Ledger, ledger_url: str) -> None:
    waiting = asyncio.create_task(ledger.claim(claim()))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await ledger.claim(claim("bob"))
    assert states(ledger_url) == {"ann": SENDING, "bob": SENDING}


async def test_unknown_is_resolved_once(ledger_url: str) -> None:
    with open_run(ledger_url, "first") as ledger:
        await ledger.claim(claim())
        await ledger.settle(entry(Status.UNKNOWN))
    with open_run(ledger_url, "second") as later:
        unknown = later.known(["ann"])["ann"]
        assert await later.resolve(unknown, replace(unknown, state=Status.EXISTS, customer_id="cus_7"))
        assert not await later.resolve(unknown, replace(unknown, state=Status.FAILED))
        assert later.known(["ann"])["ann"].customer_id == "cus_7"


async def test_what_stood_before_is_kept_in_the_history(ledger: Ledger, ledger_url: str) -> None:
    await ledger.claim(claim())
    await ledger.settle(entry(Status.REJECTED))
    await ledger.claim(claim(key="body 2"))
    kept = read(ledger_url, "SELECT identity, state, key FROM history")
    assert kept == [("ann", "rejected", "body 1")]


async def test_customer_of_another_run_cannot_be_settled(ledger: Ledger, ledger_url: str) -> None:
    await ledger.claim(claim())
    with open_run(ledger_url, "second") as other, pytest.raises(LedgerError, match="Another process"):
        await other.settle(entry(Status.CREATED))
    assert states(ledger_url) == {"ann": SENDING}


async def test_created_without_an_id_cannot_be_stored(ledger: Ledger) -> None:
    await ledger.claim(claim())
    with pytest.raises(LedgerError):
        await ledger.settle(replace(entry(Status.CREATED), customer_id=""))


async def test_refreshed_customer_is_the_one_with_that_id_and_only_if_it_is_done(ledger: Ledger) -> None:
    for name, state in (("ann", Status.CREATED), ("bob", Status.UNKNOWN)):
        await ledger.claim(claim(name))
        await ledger.settle(replace(entry(state, identity=name), customer_id=f"id-{name}"))
        for customer_id in (f"id-{name}", "another"):
            await ledger.refresh(name, customer_id, {"kyc_status": f"of {customer_id}"})
    known = ledger.known(["ann", "bob"])
    assert known["ann"].extra == {"kyc_link": "https://x", "kyc_status": "of id-ann"}
    assert known["bob"].extra == {"kyc_link": "https://x"}


async def test_turns_of_an_account_never_overlap(ledger: Ledger, ledger_url: str) -> None:
    wanted = TurnsWanted(3, interval=1.0, now=NOW, horizon=100.0)
    with open_run(ledger_url, "second") as other:
        starts = [await ledger.reserve_turns(wanted), await other.reserve_turns(wanted)]
        await other.hold_turns(NOW + 60)
        starts.append(await ledger.reserve_turns(wanted))
    assert starts == [NOW, NOW + 3, NOW + 60]


async def test_turn_further_away_than_any_window_is_a_clock_that_jumped(ledger: Ledger) -> None:
    await ledger.reserve_turns(TurnsWanted(1, interval=1.0, now=NOW + 9999, horizon=100.0))
    assert await ledger.reserve_turns(TurnsWanted(1, interval=1.0, now=NOW, horizon=100.0)) == NOW + 1


def test_accounts_do_not_see_each_other(ledger: Ledger, ledger_url: str) -> None:
    asyncio.run(ledger.claim(claim()))
    with Ledger.open(ledger_url) as other:
        other.use_account("hitpay/live/default")
        assert other.known(["ann"]) == {}


def test_run_is_listed_with_how_it_ended(ledger: Ledger) -> None:
    ledger.end_run(exit_code=1, counts={Status.CREATED: 3})
    listed = ledger.runs()[0]
    assert (listed.id, listed.exit_code, listed.counts) == ("first", 1, {"created": 3})


def test_file_that_is_no_ledger_is_a_ledger_error(tmp_path: Path) -> None:
    (tmp_path / "bad.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(LedgerError, match=r"bad\.sqlite3.*same command again"):
        Ledger.open(f"sqlite:///{tmp_path / 'bad.sqlite3'}")


def test_ledger_of_a_later_version_is_not_touched(ledger_url: str) -> None:
    with open_run(ledger_url, "first") as ledger, ledger._engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO ledger_version VALUES ({VERSION + 1})")
    with pytest.raises(LedgerError, match="later version"):
        Ledger.open(ledger_url)


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "oracle+none://x"])
def test_address_that_cannot_be_a_ledger_is_a_settings_error(url: str) -> None:
    with pytest.raises(SettingsError, match="--ledger"):
        Ledger.open(url)
