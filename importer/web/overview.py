"""A plan as a page shows it: what is told of it, taken at one moment."""

from dataclasses import dataclass, field

from importer.causes import AS_FOR_A_PERSON, PERSON_MUST_SETTLE
from importer.findings import FindingCount, Grade
from importer.planning import Plan
from importer.results.tally import CauseCount
from importer.rows import TO_CORRECT, Status


@dataclass(frozen=True, slots=True)
class Overview:
    """What a run of the plan would do, and what is the matter. `seconds` is how long sending takes.

    `finds_out`: the provider can be asked what became of the rows `to_settle`; else a person is.
    """

    run: str
    title: str
    address: str
    ready: int
    to_settle: int
    finds_out: bool
    idle: bool
    repaired: bool
    seconds: float
    limits: str
    counts: dict[Status, int]
    causes: list[CauseCount] = field(repr=False)
    findings: list[FindingCount] = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)
    troubles: tuple[str, ...] = field(repr=False)

    @property
    def repairs(self) -> int:
        """How many cells could be sent as what was probably meant."""
        return sum(each.repairs for each in self.findings if each.grade is not Grade.REPAIRED)

    @property
    def to_look_up(self) -> int:
        """How many rows a run would find out about by itself."""
        return self.to_settle if self.finds_out else 0

    @property
    def does_nothing(self) -> bool:
        """Whether a run would send nothing, look nothing up, and wait for nothing."""
        return self.idle or bool(not self.ready and self.to_settle and not self.finds_out)

    @property
    def to_correct(self) -> int:
        """How many rows somebody has to correct."""
        return sum(self.counts[status] for status in TO_CORRECT)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(self.counts.values())


def causes_of(plan: Plan) -> list[CauseCount]:
    """What is the matter, and with how many rows.

    Where a person must settle each unknown row, that is told once: how each answer was lost, its row says.
    """
    causes = plan.staging.pages.causes()
    asked = sum(seen.count for seen in causes if seen.cause.code == PERSON_MUST_SETTLE)
    if asked < plan.counts[Status.UNKNOWN]:
        return causes
    return [seen for seen in causes if seen.cause.how != AS_FOR_A_PERSON]


def overview(plan: Plan) -> Overview:
    """The plan as it stands."""
    opened, account = plan.opened, plan.opened.account
    return Overview(
        run=plan.run,
        title=account.provider.title,
        address=account.base_url,
        ready=plan.ready,
        to_settle=plan.to_settle,
        finds_out=account.provider.look_up is not None,
        idle=plan.idle,
        repaired=opened.repair,
        seconds=plan.seconds,
        limits=" and ".join(map(str, opened.limits)),
        counts=dict(plan.counts),
        causes=causes_of(plan),
        findings=plan.findings(),
        notes=(*opened.source.notes, *plan.notes),
        troubles=tuple(trouble.message for trouble in plan.troubles),
    )
