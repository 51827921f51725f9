"""Find out what became of rows whose outcome is unknown, as far as the provider lets us.

Three ways, in this order: repeat the request under the idempotency key that still protects it; look the
customer up; leave it to a person. "Not found" counts only after the provider had time to finish.
"""

from dataclasses import dataclass, field, replace

from importer.errors import ProviderRefusedError, SendError, SettingsError
from importer.ledger import Entry
from importer.planning import Plan
from importer.progress import OnProgress, Phase, Progress
from importer.providers.base import Reply, Verdict
from importer.rows import RowResult, Status
from importer.sending import Sender, clean
from importer.staging import Pending, Staged
from importer.standing import ELSEWHERE, for_a_person, marked, result_of
from importer.stopping import StopReason

MOST_FAILURES = 3
"""After so many look-ups in a row that failed, each tried several times, the rest is left for another run."""

CLOCKS_APART = 60.0
"""Seconds before its documented end at which we stop relying on an idempotency key."""

LONGEST_ID = 200
"""Characters of an id that a person says."""


@dataclass(slots=True)
class Settler:
    """Settles the unknown rows of a plan. `send_missing`: those that do not exist are to be sent."""

    plan: Plan
    sender: Sender
    on_progress: OnProgress
    send_missing: bool
    _done: int = 0
    _total: int = 0
    _failures: int = 0
    _pages: dict[str, Reply] = field(default_factory=dict, repr=False)

    async def settle_all(self) -> None:
        """Settle each row that waits for it, or say why it cannot be; ends early when the run stops."""
        rows = list(self.plan.staging.pending(Pending.SETTLE))
        self._done, self._total, self._failures = 0, len(rows), 0
        self._tell()
        absent = [staged for staged in rows if await self._settle(staged, patient=False)]
        await self._give_time(absent)
        self._pages.clear()  # what was asked for before says nothing about now
        for staged in absent:
            await self._settle(staged, patient=True)
        self._pages.clear()

    async def _settle(self, staged: Staged, *, patient: bool) -> bool:
        """Settle one row; True where the provider does not have it and it is too early to believe that."""
        entry = self.plan.ledger.known([staged.identity]).get(staged.identity)
        if self.sender.stop.wished or entry is None:
            return False
        if entry.state != Status.UNKNOWN:
            found = list(marked(staged, entry))
            self.plan.staging.update(found or [(RowResult(staged.number, Status.NOT_SENT), Pending.SEND)])
            return False
        if self._failures >= MOST_FAILURES:
            self._keep(_noted(staged, entry, "not looked up: the look-ups before it failed"), Pending.NOTHING)
            return False
        try:
            result = await self._find_out(staged, entry, patient=patient)
        except SendError as error:
            self._failures += 1
            words = self.sender.told(staged, str(error))
            if isinstance(error, ProviderRefusedError):
                self.sender.stop.request(StopReason(words, code="account_refused"))
            result = _noted(staged, entry, f"the look-up failed: {words}")
        if result is None:
            return True
        send = result.code == "not_found" and self.send_missing
        if send:
            self.sender.made_before[staged.identity] = result.attempts
        after = Pending.WATCH if result.code == ELSEWHERE else Pending.NOTHING
        self._keep(result, Pending.SEND if send else after)
        return False

    def _keep(self, result: RowResult, after: Pending) -> None:
        self.plan.staging.update([(result, after)])
        self._done += 1
        self._tell(result)

    async def _find_out(self, staged: Staged, entry: Entry, *, patient: bool) -> RowResult | None:
        provider = self.sender.provider
        if self._may_repeat(staged, entry):
            repeated = await self.sender.send_again(staged, entry)
            lost_again = repeated is not None and repeated.status is Status.UNKNOWN
            self._failures = self._failures + 1 if lost_again else 0
            return repeated or self._not_ours(staged, entry)
        if provider.look_up is None:
            return for_a_person(staged.number, entry, provider)
        verdict = await self.sender.look_up(staged, entry, self._pages)
        self._failures = 0
        if verdict is None and not patient:
            return None
        after = self._found(staged, entry, verdict) if verdict is not None else _absent(entry)
        if not await self.plan.ledger.resolve(entry, after):
            return self._not_ours(staged, entry)
        return result_of(staged.number, after)

    def _found(self, staged: Staged, entry: Entry, verdict: Verdict) -> Entry:
        return replace(
            entry,
            state=verdict.status,
            customer_id=clean(verdict.customer_id),
            code=verdict.code,
            message=self.sender.told(staged, verdict.message),
            extra={name: clean(text) for name, text in verdict.extra.items()},
        )

    def _not_ours(self, staged: Staged, entry: Entry) -> RowResult:
        """What is said of a row that another run settles just now, or that a stop left as it was."""
        if self.sender.stop.wished:
            return _noted(staged, entry, "the run stopped before it was settled")
        return replace(_noted(staged, entry, "another run is settling it"), code=ELSEWHERE)

    def _may_repeat(self, staged: Staged, entry: Entry) -> bool:
        protection = self.sender.provider.idempotency
        if not self.sender.protected or protection is None or protection.protects_for is None:
            return False
        age = self.sender.pacer.clock.now() - entry.first_sent_at
        return entry.key == staged.key and age < protection.protects_for.total_seconds() - CLOCKS_APART

    async def _give_time(self, absent: list[Staged]) -> None:
        known = self.plan.ledger.known([staged.identity for staged in absent])
        latest = max((entry.sent_at for entry in known.values()), default=0.0)
        clock = self.sender.pacer.clock
        wait = latest + self.plan.opened.job.settle_after - clock.now()
        if wait > 0:
            self.on_progress(Progress(Phase.WAITING, self._done, self._total, wait=wait))
            await self.sender.stop.unless_stopped(lambda: clock.sleep(wait))

    def _tell(self, result: RowResult | None = None) -> None:
        self.on_progress(Progress(Phase.SETTLING, self._done, self._total, result))


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a person found out about rows (by their numbers): `customer_id`, or "" where it is not there.

    `attempt` is the one that it was found out about, where it must be the last one (`RowResult.attempt`).
    """

    rows: frozenset[int]
    customer_id: str = ""
    attempt: str = ""


async def assume(plan: Plan, assumption: Assumption) -> None:
    """Record what a person found out about rows whose outcome is unknown.

    Raises:
        SettingsError: A row is not unknown, was sent once more since the `attempt`, or the id is none or
            another customer's; nothing was recorded.
    """
    if assumption.customer_id and not _is_id(assumption.customer_id):
        raise SettingsError(
            f"An id has no spaces, no < or >, and at most {LONGEST_ID} characters. Copy the customer's id "
            "from the provider's dashboard; nothing was recorded."
        )
    if assumption.customer_id and len(assumption.rows) > 1:
        raise SettingsError("One id belongs to one row: give --rows a single row with --assume created=ID.")
    unknown = {staged.number: staged for staged in plan.staging.pending(Pending.SETTLE)}
    wrong = sorted(assumption.rows - unknown.keys())
    if wrong:
        known = ", ".join(map(str, sorted(unknown))) or "none"
        raise SettingsError(
            f"Not unknown: row {', '.join(map(str, wrong))}. The rows with an unknown outcome are: {known}."
        )
    taken = plan.ledger.holder_of(assumption.customer_id) if assumption.customer_id else None
    if taken is not None:
        raise SettingsError(
            f"{assumption.customer_id} is another customer's already: row {taken.row} of run {taken.run}."
        )
    known_entries = plan.ledger.known(unknown[number].identity for number in assumption.rows)
    for number in sorted(assumption.rows):
        _require_attempt(result_of(number, known_entries[unknown[number].identity]), assumption)
    for number in sorted(assumption.rows):
        staged = unknown[number]
        after = _assumed(known_entries[staged.identity], assumption.customer_id)
        if await plan.ledger.resolve(known_entries[staged.identity], after):
            plan.staging.update([(result_of(number, after), Pending.NOTHING)])


def _is_id(text: str) -> bool:
    """Whether a text may be what a provider calls a customer: each has its own kind of id."""
    return len(text) <= LONGEST_ID and text.isprintable() and not any(each in "<> " for each in text)


def _require_attempt(now: RowResult, assumption: Assumption) -> None:
    if assumption.attempt and assumption.attempt != now.attempt:
        raise SettingsError(
            f"Row {now.row} was sent once more meanwhile, and nobody has looked for that customer yet: "
            "nothing was recorded. Look again at the provider, then say what you found."
        )


def _assumed(entry: Entry, customer_id: str) -> Entry:
    if customer_id:
        note = "A person found it at the provider and recorded its id"
        return replace(
            entry, state=Status.CREATED, customer_id=customer_id, code="assumed_created", message=note
        )
    note = "A person found that the provider does not have it: it may be sent"
    return replace(entry, state=Status.FAILED, code="assumed_not_created", message=note)


def _absent(entry: Entry) -> Entry:
    return replace(
        entry, state=Status.FAILED, code="not_found", message="Looked up: the provider does not have it"
    )


def _noted(staged: Staged, entry: Entry, note: str) -> RowResult:
    return result_of(staged.number, replace(entry, message=clean(f"{entry.message}; {note}")))
