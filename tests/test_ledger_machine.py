"""Any order of claims, crashes, lost answers, look-ups, corrections and reruns keeps the promise."""

import asyncio
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from importer.ledger import SENDING, Claim, Entry, Ledger
from importer.rows import Status

CUSTOMERS = ("ann", "bob", "cyd")
NOW = 1_800_000_000.0


@dataclass
class OpenRun:
    """A living process: its ledger and what it has claimed and not settled."""

    name: str
    ledger: Ledger
    in_flight: dict[str, Entry] = field(default_factory=dict)


class Imports(RuleBasedStateMachine):
    """Processes that share a ledger, and a provider that remembers what it did."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.created: Counter[str] = Counter()
        self.runs: list[OpenRun] = []
        self.started = 0
        self.now = NOW

    def teardown(self) -> None:
        for run in self.runs:
            run.ledger.close()
        shutil.rmtree(self.folder)

    @precondition(lambda self: len(self.runs) < 3)
    @rule()
    def start(self) -> None:
        self.started += 1
        ledger = Ledger.open(f"sqlite:///{self.folder / 'ledger.sqlite3'}")
        ledger.use_account("hitpay/sandbox/default")
        ledger.begin_run(f"run {self.started}", source="customers.csv", output="customers.results.csv")
        self.runs.append(OpenRun(f"run {self.started}", ledger))

    @precondition(lambda self: self.runs)
    @rule(
        data=st.data(), customer=st.sampled_from(CUSTOMERS), body=st.sampled_from(["as it was", "corrected"])
    )
    def claim(self, data: st.DataObject, customer: str, body: str) -> None:
        run = data.draw(st.sampled_from(self.runs))
        self.now += 1
        known = asyncio.run(run.ledger.claim(Claim(customer, body, 2, self.now)))
        if known is None:
            assert all(customer not in other.in_flight for other in self.runs), "two owners of one customer"
            run.in_flight[customer] = Entry(customer, SENDING, body, run.name, 2, 1, self.now, self.now)

    @precondition(lambda self: any(run.in_flight for run in self.runs))
    @rule(
        data=st.data(),
        answer=st.sampled_from(["created", "rejected", "refused to connect", "lost", "lost it"]),
    )
    def answer(self, data: st.DataObject, answer: str) -> None:
        """The provider acts, and its answer arrives or not ("lost it": nothing arrived there either)."""
        run = data.draw(st.sampled_from([run for run in self.runs if run.in_flight]))
        customer = data.draw(st.sampled_from(sorted(run.in_flight)))
        entry = run.in_flight.pop(customer)
        states = {"created": Status.CREATED, "rejected": Status.REJECTED, "refused to connect": Status.FAILED}
        if answer in ("created", "lost"):
            self.created[customer] += 1
        state = states.get(answer, Status.UNKNOWN)
        asyncio.run(
            run.ledger.settle(replace(entry, state=state, customer_id="id" if answer == "created" else ""))
        )

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), arrived=st.booleans())
    def crash(self, data: st.DataObject, arrived: bool) -> None:
        """A process is gone; what it had under way arrived at the provider, or did not."""
        run = data.draw(st.sampled_from(self.runs))
        self.runs.remove(run)
        run.ledger.close()
        if arrived:
            self.created.update(run.in_flight.keys())

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), customer=st.sampled_from(CUSTOMERS))
    def look_up(self, data: st.DataObject, customer: str) -> None:
        run = data.draw(st.sampled_from(self.runs))
        entry = run.ledger.known([customer]).get(customer)
        if entry is None or entry.state != Status.UNKNOWN:
            return
        there = self.created[customer] > 0
        after = replace(entry, state=Status.EXISTS if there else Status.FAILED)
        asyncio.run(run.ledger.resolve(entry, after))

    @invariant()
    def nobody_is_created_twice(self) -> None:
        assert all(count <= 1 for count in self.created.values()), self.created

    @invariant()
    def whoever_was_created_is_never_forgotten(self) -> None:
        """A customer that exists is known as done, under way or unknown: never as free to send."""
        for run in self.runs[:1]:
            known = run.ledger.known(CUSTOMERS)
            for customer, count in self.created.items():
                if count:
                    done = {Status.CREATED, Status.EXISTS, Status.UNKNOWN, SENDING}
                    assert known[customer].state in done


TestImports = Imports.TestCase
TestImports.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
