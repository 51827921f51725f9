"""Any order of claims, crashes, lost answers, look-ups, corrections and reruns keeps the promise.

The provider is a counter that remembers what it did. Beside the ledger goes a model of what it must say.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from importer.errors import LedgerError
from importer.ledger import SENDING, Claim, Entry, Ledger
from importer.ledger.locks import AdvisoryLocks, FileLocks
from importer.rows import Status
from tests.cli_support import until

CUSTOMERS = ("ann", "bob")
BODIES = ("as it was", "corrected")
NOW = 1_800_000_000.0
ANSWERS = {
    "created": Status.CREATED,
    "rejected": Status.REJECTED,
    "refused to connect": Status.FAILED,
    "lost": Status.UNKNOWN,
    "lost on the way there": Status.UNKNOWN,
}
MADE = {"created", "lost"}
"""Answers after which the customer exists."""

T = TypeVar("T")
accounts = (f"hitpay/sandbox/{number}" for number in itertools.count())


@dataclass
class Process:
    """A living process: its ledger, and what it has claimed and not settled.

    Of its requests under way, those to `arrived` have reached the provider, and those to `again` repeat one
    under its key. `cut_off`: its connection was lost, and with it its lock; it does not know yet.
    """

    name: str
    ledger: Ledger
    in_flight: dict[str, Entry] = field(default_factory=dict)
    arrived: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    cut_off: bool = False

    def write(self, *work: Awaitable[T]) -> list[T]:
        """The answers to writes that share a commit. Whoever writes takes a lock that was lost again."""

        async def together() -> list[T]:
            return await asyncio.gather(*work)

        self.cut_off = False
        return asyncio.run(together())

    async def settle(self, after: Entry) -> None:
        await self.ledger.settle(after)

    def resolve(self, before: Entry, after: Entry) -> bool:
        return self.write(self.ledger.resolve(before, after)) == [True]


@dataclass(frozen=True)
class Fact:
    """What the ledger must know of a customer."""

    state: str
    key: str
    run: str

    def may_be_sent(self, key: str) -> bool:
        return self.state == Status.FAILED or (self.state == Status.REJECTED and self.key != key)


class Imports(RuleBasedStateMachine):
    """Processes that share a ledger, and a provider that remembers what it did."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.account = next(accounts)
        self.protects = False
        self.keys_seen: set[tuple[str, str]] = set()
        self.created: Counter[str] = Counter()
        self.model: dict[str, Fact] = {}
        self.replaced = 0
        self.processes: list[Process] = []
        self.started = 0
        self.now = NOW
        self.witness = self.opened()

    def teardown(self) -> None:
        """Whatever has happened: one run that nobody disturbs brings everybody to the provider, once."""
        try:
            for process in list(self.processes):
                self.end(process)
            last = self.begin()
            for customer in CUSTOMERS:
                self.settle_unknown(last, customer)
            self.claim_all(last, CUSTOMERS, "the last body")
            for customer in list(last.in_flight):
                self.finish(last, customer, "created")
            assert self.created == Counter(CUSTOMERS)
            assert self.lines_of_history() == self.replaced
        finally:
            for process in self.processes:
                process.ledger.close()
            self.witness.close()

    # -- the provider

    @initialize(protects=st.booleans())
    def choose_provider(self, protects: bool) -> None:
        """Some answer a key that they have seen, and make nobody; the others make a customer every time."""
        self.protects = protects
        self.begin()

    def arrive(self, process: Process, customer: str) -> None:
        if customer not in process.arrived:
            process.arrived.add(customer)
            named = (customer, process.in_flight[customer].key)
            self.created[customer] += not (self.protects and named in self.keys_seen)
            self.keys_seen.add(named)

    # -- processes come and go

    @precondition(lambda self: len(self.processes) < 3)
    @rule()
    def start(self) -> None:
        self.begin()

    @precondition(lambda self: self.processes)
    @rule(data=st.data(), arrived=st.sets(st.sampled_from(CUSTOMERS)))
    def crash(self, data: st.DataObject, arrived: set[str]) -> None:
        """A process is gone; of what it had under way some arrived at the provider, and some did not."""
        process = self.one_of_them(data)
        for customer in arrived & process.in_flight.keys():
            self.arrive(process, customer)
        self.end(process)

    @precondition(lambda self: self.processes)
    @rule(data=st.data())
    def look_after_the_others(self, data: st.DataObject) -> None:
        """Only what dead processes had under way is given up."""
        self.give_up_lost(self.one_of_them(data))

    @precondition(lambda self: any(isinstance(each.ledger._locks, AdvisoryLocks) for each in self.processes))
    @rule(data=st.data(), settled=st.booleans())
    def cut_the_connection(self, data: st.DataObject, settled: bool) -> None:
        """The others must take it for dead. It lives, and may answer or claim yet.

        `settled`: before it does, another one finds its customers at the provider.
        """
        process = self.one_of_them(data)
        if process.cut_off:
            return
        locks = process.ledger._locks
        assert isinstance(locks, AdvisoryLocks)
        assert locks._connection is not None
        number = locks._connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        with self.witness._engine.connect() as connection:
            connection.execute(sa.text("SELECT pg_terminate_backend(:number)"), {"number": number})
        process.cut_off = True
        until(lambda: not self.witness._locks.is_held(process.name))
        if settled:
            other = self.begin()
            for customer in process.in_flight:
                self.arrive(process, customer)
                self.settle_unknown(other, customer)

    def opened(self) -> Ledger:
        ledger = Ledger.open(self.url)
        ledger.use_account(self.account)
        return ledger

    def begin(self) -> Process:
        self.started += 1
        process = Process(f"{self.account} run {self.started}", self.opened())
        process.ledger.begin_run(process.name, source="customers.csv", output="customers.results.csv")
        self.processes.append(process)
        self.note_given_up(process)
        return process

    def end(self, process: Process) -> None:
        """As SIGKILL leaves it: nothing is put in order."""
        self.processes.remove(process)
        locks = process.ledger._locks
        if isinstance(locks, FileLocks) and locks._held is not None:
            locks._held.release()  # the system lets go of the lock; its file stays
            locks._held = None
        process.ledger.close()
        until(lambda: not self.witness._locks.is_held(process.name))

    def give_up_lost(self, process: Process) -> None:
        process.ledger.give_up_lost()
        self.note_given_up(process)

    def note_given_up(self, by: Process) -> None:
        """Nobody gives himself up, not even one that the others take for dead."""
        for customer, fact in self.model.items():
            if fact.run != by.name:
                self.model[customer] = replace(fact, state=self.state_of(fact))

    def state_of(self, fact: Fact) -> str:
        """What whoever asks is to be told: what a dead process had under way is unknown."""
        alive = any(process.name == fact.run and not process.cut_off for process in self.processes)
        return Status.UNKNOWN if fact.state == SENDING and not alive else fact.state

    def one_of_them(self, data: st.DataObject) -> Process:
        return data.draw(st.sampled_from(self.processes))

    # -- claims

    @precondition(lambda self: self.processes)
    @rule(data=st.data(), customer=st.sampled_from(CUSTOMERS), body=st.sampled_from(BODIES))
    def claim(self, data: st.DataObject, customer: str, body: str) -> None:
        self.claim_all(self.one_of_them(data), [customer], body)

    @precondition(lambda self: self.processes)
    @rule(data=st.data(), body=st.sampled_from(BODIES))
    def run_the_file_again(self, data: st.DataObject, body: str) -> None:
        """Every row of it, in one commit."""
        self.claim_all(self.one_of_them(data), CUSTOMERS, body)

    def claim_all(self, process: Process, customers: Sequence[str], body: str) -> None:
        self.now += 1
        claims = [Claim(customer, body, 2, self.now) for customer in customers]
        answers = process.write(*(process.ledger.claim(claim) for claim in claims))
        for claim, known in zip(claims, answers, strict=True):
            fact = self.model.get(claim.identity)
            if fact is not None and not fact.may_be_sent(body):
                assert known is not None, f"granted although {fact}"
                assert known.state in {fact.state, self.state_of(fact)}
                continue
            assert known is None, f"not granted although {fact}"
            self.replaced += fact is not None
            self.model[claim.identity] = Fact(SENDING, body, process.name)
            process.in_flight[claim.identity] = Entry(
                claim.identity, SENDING, body, process.name, 2, 1, self.now, self.now
            )

    @precondition(lambda self: any(process.in_flight for process in self.processes))
    @rule(data=st.data())
    def ask_again_for_what_was_granted(self, data: st.DataObject) -> None:
        """A commit whose answer was lost on the way from the database is made once more: it is still ours."""
        process, customer = self.one_in_flight(data)
        entry = process.in_flight[customer]
        if self.model[customer] == Fact(SENDING, entry.key, process.name):
            same = Claim(customer, entry.key, entry.row, entry.first_sent_at)
            assert process.write(process.ledger.claim(same)) == [None]

    # -- answers

    @precondition(lambda self: any(process.in_flight for process in self.processes))
    @rule(data=st.data())
    def reach_the_provider(self, data: st.DataObject) -> None:
        """It acts, and has not answered yet."""
        self.arrive(*self.one_in_flight(data))

    @precondition(lambda self: any(process.in_flight for process in self.processes))
    @rule(data=st.data(), answer=st.sampled_from(list(ANSWERS)), twice=st.booleans())
    def answer(self, data: st.DataObject, answer: str, twice: bool) -> None:
        """`twice`: the commit is made once more, as its answer was lost."""
        process, customer = self.one_in_flight(data)
        self.finish(process, customer, answer, twice=twice)

    def finish(self, process: Process, customer: str, answer: str, *, twice: bool = False) -> None:
        if answer not in MADE and customer in process.arrived:
            answer = "lost"
        elif answer not in MADE and customer in process.again:
            answer = "lost on the way there"  # whatever it is, it says nothing of the request before
        if answer in MADE:
            self.arrive(process, customer)
        entry = process.in_flight.pop(customer)
        process.again.discard(customer)
        process.arrived.discard(customer)
        state = ANSWERS[answer]
        after = replace(entry, state=state, customer_id="id" if state is Status.CREATED else "")
        if self.model[customer].run != process.name:
            with pytest.raises(LedgerError, match="Another process"):
                process.write(process.settle(after))
            self.end(process)  # whose row another has taken over stops
            return
        for _ in range(1 + twice):
            process.write(process.settle(after))
        self.model[customer] = replace(self.model[customer], state=state)

    def one_in_flight(self, data: st.DataObject) -> tuple[Process, str]:
        process = data.draw(st.sampled_from([each for each in self.processes if each.in_flight]))
        return process, data.draw(st.sampled_from(sorted(process.in_flight)))

    # -- settlements

    @precondition(lambda self: self.processes)
    @rule(data=st.data(), customer=st.sampled_from(CUSTOMERS))
    def look_up(self, data: st.DataObject, customer: str) -> None:
        self.settle_unknown(self.one_of_them(data), customer)

    @precondition(lambda self: len(self.processes) > 1)
    @rule(data=st.data(), customer=st.sampled_from(CUSTOMERS))
    def two_look_up_at_once(self, data: st.DataObject, customer: str) -> None:
        """One of them writes down what it found."""
        one, two = data.draw(st.permutations(self.processes))[:2]
        seen = two.ledger.known([customer]).get(customer)
        if self.settle_unknown(one, customer):
            assert seen is not None
            assert not two.resolve(seen, replace(seen, state=Status.FAILED))

    def settle_unknown(self, process: Process, customer: str) -> bool:
        """Look an unknown customer up and write down what was found; False if there was nothing to settle.

        "Not found" counts only once the provider had time for every request that is on its way.
        """
        unknown = self.unknown_to(process, customer)
        on_its_way = any(customer in each.in_flight for each in self.processes)
        if unknown is None or (on_its_way and not self.created[customer]):
            return False
        state = Status.EXISTS if self.created[customer] else Status.FAILED
        assert process.resolve(unknown, replace(unknown, state=state))
        self.note_resolved(process, customer, state)
        return True

    @precondition(lambda self: self.protects and self.processes)
    @rule(data=st.data(), customer=st.sampled_from(CUSTOMERS))
    def send_again_under_its_key(self, data: st.DataObject, customer: str) -> None:
        """What is unknown is sent again: by one, and whoever is second is told so."""
        process = self.one_of_them(data)
        unknown = self.unknown_to(process, customer)
        if unknown is None:
            return
        again = replace(unknown, state=SENDING, run=process.name)
        assert process.resolve(unknown, again)
        assert not process.resolve(unknown, again)
        self.note_resolved(process, customer, SENDING)
        process.in_flight[customer] = again
        process.again.add(customer)

    def unknown_to(self, process: Process, customer: str) -> Entry | None:
        """What a process has to settle: never what it sends just now, whatever others think of it."""
        if customer in process.in_flight:
            return None
        self.give_up_lost(process)
        entry = process.ledger.known([customer]).get(customer)
        return entry if entry is not None and entry.state == Status.UNKNOWN else None

    def note_resolved(self, process: Process, customer: str, state: str) -> None:
        self.replaced += 1
        self.model[customer] = replace(self.model[customer], state=state, run=process.name)

    # -- the laws

    @invariant()
    def nobody_is_created_twice(self) -> None:
        assert all(count <= 1 for count in self.created.values()), self.created

    @invariant()
    def everybody_is_told_the_same_and_nobody_is_forgotten(self) -> None:
        """What a living process has under way is its own, whoever asks; what a dead one had is unknown.

        A customer that exists is known as done, under way or unknown: never as free to send.
        """
        expected = {customer: (self.state_of(fact), fact.key) for customer, fact in self.model.items()}
        in_the_know = [each.ledger for each in self.processes if not each.cut_off]
        for ledger in (self.witness, *in_the_know[-1:]):
            known = ledger.known(CUSTOMERS)
            assert {name: (entry.state, entry.key) for name, entry in known.items()} == expected
        done = {Status.CREATED, Status.EXISTS, Status.UNKNOWN, SENDING}
        assert all(expected[customer][0] in done for customer, count in self.created.items() if count)

    def lines_of_history(self) -> int:
        """How often something that stood in a line was replaced, as the ledger has kept it."""
        lines = sa.text(
            "SELECT count(*) FROM history JOIN account ON account.id = history.account_id"
            " WHERE account.key = :account"
        )
        with self.witness._engine.connect() as connection:
            return int(connection.execute(lines, {"account": self.account}).scalar_one())


def examine(url: str, *, examples: int) -> None:
    run_state_machine_as_test(
        lambda: Imports(url),  # type: ignore[arg-type]  # a class, or anything that gives an instance
        settings=settings(max_examples=examples, stateful_step_count=40, deadline=None),
    )


def test_any_order_of_events_keeps_the_promise(ledger_url: str) -> None:
    """On PostgreSQL with fewer examples, as each write crosses a socket."""
    examine(ledger_url, examples=20 if ledger_url.startswith("sqlite") else 8)


@pytest.mark.slow
def test_any_order_of_events_keeps_the_promise_in_many_more_examples(ledger_url: str) -> None:
    examine(ledger_url, examples=300 if ledger_url.startswith("sqlite") else 100)
