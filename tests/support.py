"""What several tests need: a clock that nobody waits for, sheets, and an import from end to end."""

import asyncio
import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from importer.jobs import Job
from importer.pacing import Clock
from importer.pipeline import run
from importer.planning import check
from importer.progress import OnProgress, Progress, ignore
from importer.retry import Retry
from importer.rows import Limit, Row, RowResult, Status, Summary
from importer.simulator import Simulator
from importer.stopping import Stop

FAST = (Limit(100_000, 1),)

PEOPLE = {
    "hitpay": ("Name", "Email", "Phone"),
    "yativo": ("Name", "Email", "Phone", "Country"),
    "juicyway": (
        "First name", "Last name", "Email", "Phone", "Type", "Street", "City", "State", "Zip", "Country",
    ),
    "rapyd": ("Name", "Email", "Phone"),
    "krezypay": (
        "First name", "Last name", "Gender", "Email", "Phone", "Country", "ID type", "ID number",
        "Face image", "Front image", "Back image",
    ),
}  # fmt: skip
"""A heading for each field that a provider requires."""

FIRST_NAMES = ("Ann", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal", "Ida", "Jo")


def person(provider: str, number: int) -> dict[str, str]:
    """A made-up customer that `provider` takes; another one for each number below 10,000."""
    first = FIRST_NAMES[number % 10]
    cells = {
        "Name": f"{first} Example",
        "First name": first,
        "Last name": "Example",
        "Email": f"{first.lower()}{number}@example.com",
        "Phone": f"+1 202 555 {number:04d}",
        "Country": "United States",
        "Type": "individual",
        "Street": f"{number} High Street",
        "City": "Washington",
        "State": "DC",
        "Zip": "20001",
        "Gender": "female",
        "ID type": "passport",
        "ID number": f"00{number:06d}",
        "Face image": "https://files.example.com/face.jpg",
        "Front image": "https://files.example.com/front.jpg",
        "Back image": "",
    }
    return {heading: cells[heading] for heading in PEOPLE[provider]}


def write_csv(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """A sheet with these rows; its headings are those of the first."""
    listed = list(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, listed[0].keys())
        writer.writeheader()
        writer.writerows(listed)
    return path


def people_csv(path: Path, provider: str, numbers: Iterable[int]) -> Path:
    """A sheet of made-up customers."""
    return write_csv(path, (person(provider, number) for number in numbers))


@dataclass
class FakeClock:
    """Time that passes only when somebody waits. `sleeps` are the waits, in seconds."""

    time: float = 1_800_000_000.0
    sleeps: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.time += max(0.0, seconds)
        await asyncio.sleep(0)

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.sleep)


@dataclass(frozen=True)
class Outcome:
    """How an import went: its summary, and each row with its result."""

    summary: Summary
    rows: Sequence[tuple[Row, RowResult]]
    progress: Sequence[Progress]

    @property
    def statuses(self) -> list[str]:
        return [str(result.status) for _, result in self.rows]

    @property
    def results(self) -> list[RowResult]:
        return [result for _, result in self.rows]

    @property
    def counts(self) -> dict[str, int]:
        return {str(status): count for status, count in self.summary.counts.items() if count}


async def carry_out(
    job: Job,
    variables: Mapping[str, str],
    *,
    clock: Clock | None = None,
    stop: Stop | None = None,
    settle_only: bool = False,
    retry: Retry = Retry(attempts=3, base=0.0),  # noqa: B008  frozen
    watch: OnProgress = ignore,
) -> Outcome:
    """Check and run a job, without waiting between attempts. `watch` sees each step as it is taken."""
    seen: list[Progress] = []

    def see(progress: Progress) -> None:
        seen.append(progress)
        watch(progress)

    with check(job, variables=variables) as plan:
        summary = await run(
            plan,
            on_progress=see,
            variables=variables,
            clock=clock,
            stop=stop,
            settle_only=settle_only,
            retry=retry,
        )
        return Outcome(summary, list(plan.results()), seen)


@dataclass
class Bench:
    """A folder, a ledger and a simulator to import into."""

    folder: Path
    simulator: Simulator

    def job(self, provider: str, source: Path) -> Job:
        return Job(
            source=source,
            provider=provider,
            base_url=self.simulator.base_url(provider),
            ledger=f"sqlite:///{self.folder / 'ledger.sqlite3'}",
            limits=FAST,
            settle_after=0.0,
        )

    async def run(
        self,
        provider: str,
        numbers: Iterable[int],
        *,
        clock: Clock | None = None,
        stop: Stop | None = None,
        watch: OnProgress = ignore,
        **changes: object,
    ) -> Outcome:
        """Import made-up customers."""
        source = people_csv(self.folder / "customers.csv", provider, numbers)
        job = replace(self.job(provider, source), **changes)  # type: ignore[arg-type]  # fields of Job
        return await carry_out(job, self.simulator.environment(), clock=clock, stop=stop, watch=watch)

    def created(self, provider: str) -> int:
        """How many customers the simulator has."""
        return len(self.simulator.customers(provider))


def status_counts(outcome: Outcome) -> dict[Status, int]:
    """The summary's counts, those that are not zero."""
    return {status: count for status, count in outcome.summary.counts.items() if count}
