"""What is measured: each case makes its data, runs ours and its rival in turn, and gives its lines."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import make_customers
from tests.benchmarks.measure import PYTHON, Figure, Server, Timed, ratios, serving, timed

CONCURRENCY = 200
AGAINST_BARE = ((0.02, 200, 1.15), (0.02, 50, 1.15), (0.02, 25, 1.15), (0.0, 200, 2.0))
"""Seconds until an answer, requests at once, budget. At 200 the bare loop itself has no time left to wait."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `figure` is what `budget` bounds; `beside` are the figures it comes from.

    `broken`: what else belongs to the budget was not kept.
    """

    what: str
    figure: Figure | None
    unit: str = ""
    budget: float | None = None
    at_least: bool = False
    beside: str = ""
    skipped: str = ""
    broken: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the budget is kept, None where there is none."""
        if self.budget is None or self.figure is None:
            return None
        kept = self.figure.median >= self.budget if self.at_least else self.figure.median <= self.budget
        return kept and not self.broken


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: rows of the main cases, repetitions, and the sizes whose growth is drawn."""

    rows: int = 20_000
    large: int = 100_000
    repeat: int = 3
    growth: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)

    @classmethod
    def quick(cls) -> "Scale":
        """Enough to see that everything works."""
        return cls(500, 1_000, 1, (200, 500))


Case = Callable[[Scale], Iterator[Line]]


def sheet_of(path: Path, rows: int, *, columns: int = 0, seed: int = 0) -> Path:
    """A sheet of customers for HitPay, csv or xlsx by its name."""
    write = make_customers.write_csv if path.suffix == ".csv" else make_customers.write_xlsx
    write(path, "hitpay", rows, columns=columns, seed=seed)
    return path


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="importer-benchmark-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def importer(*words: object) -> list[object]:
    """The command."""
    return [PYTHON, "-m", "importer", *words]


def run_command(folder: Path, sheet: Path, server: Server, concurrency: int = CONCURRENCY) -> list[object]:
    """A whole run of a sheet, as fast as it can."""
    return importer(
        *("run", sheet, "-p", "hitpay", "--base-url", server.url, "--ledger", f"sqlite:///{folder}/ledger"),
        *("--rate", "1000000/s", "--concurrency", concurrency, "--yes"),
    )


def run_anew(folder: Path, sheet: Path, server: Server, concurrency: int = CONCURRENCY) -> Timed:
    """A whole run with a ledger that knows nobody."""
    for old in (*folder.glob("ledger*"), *folder.glob("*.results.*")):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    return timed(run_command(folder, sheet, server, concurrency), folder=folder)


def bodies_of(folder: Path, sheet: Path) -> Path:
    """The very bodies that a run of a sheet posts, one a line."""
    path = folder / "bodies"
    timed([PYTHON, "-m", "tests.benchmarks.rivals", "bodies", sheet, path], folder=folder)
    return path


def against_bare_loop(scale: Scale) -> Iterator[Line]:
    """A full run over a bare aiohttp loop with the same bodies and concurrency."""
    for delay, at_once, budget in AGAINST_BARE:
        with workplace() as folder, serving(folder, "--delay", delay) as server:
            sheet = sheet_of(folder / "customers.csv", scale.rows)
            bodies = bodies_of(folder, sheet)
            bare = [PYTHON, "-m", "tests.benchmarks.bare", bodies, f"{server.url}/v1/customers", at_once]
            ours, rival, ratio = ratios(
                lambda: run_anew(folder, sheet, server, at_once),  # noqa: B023  called in this turn
                lambda: timed(bare, folder=folder),  # noqa: B023
                repeat=scale.repeat,
            )
            answers = f"answers in {delay * 1000:g} ms, {at_once} at once"
            what = f"run, {scale.rows:,} rows, {answers}, over a bare aiohttp loop"
            yield Line(what, ratio, "x", budget, beside=f"{ours} s, {rival} s")


def against_script(scale: Scale) -> Iterator[Line]:
    """The whole job over the script people write: its time is taken on fewer rows and scaled."""
    for delay, budget in ((0.02, 20.0), (0.0, 3.0)):
        with workplace() as folder, serving(folder, "--delay", delay) as server:
            sheet = sheet_of(folder / "customers.xlsx", scale.rows)
            fewer = scale.rows // 10 if delay else scale.rows
            small = sheet_of(folder / "fewer.xlsx", fewer)
            url = f"{server.url}/v1/customers"
            script = [PYTHON, "-m", "tests.benchmarks.script", small, url, folder / "out.xlsx"]
            ours, rival, ratio = ratios(
                lambda: timed(script, folder=folder),  # noqa: B023  called in this turn
                lambda: run_anew(folder, sheet, server),  # noqa: B023
                repeat=1 if delay else scale.repeat,
            )
            factor = scale.rows / fewer
            times = Figure(ratio.median * factor, ratio.least * factor, ratio.most * factor)
            what = f"requests + openpyxl over run, {scale.rows:,} rows, answers in {delay * 1000:g} ms"
            yield Line(what, times, "x", budget, at_least=True, beside=f"{ours} s for {fewer:,}, {rival} s")


def against_newman(scale: Scale) -> Iterator[Line]:
    """Rows a second over Postman's newman, which sends one at a time."""
    newman = shutil.which("newman")
    what = "rows a second over newman"
    if newman is None:
        yield Line(what, None, skipped="no newman here: npm install -g newman")
        return
    with workplace() as folder, serving(folder) as server:
        few = max(20, scale.rows // 40)
        sheet = sheet_of(folder / "customers.csv", scale.rows)
        data = sheet_of(folder / "few.csv", few)
        (folder / "collection.json").write_text(json.dumps(collection(server.url)))
        told = [newman, "run", folder / "collection.json", "-d", data, "--silent"]
        ours, rival, ratio = ratios(
            lambda: timed(told, folder=folder), lambda: run_anew(folder, sheet, server), repeat=scale.repeat
        )
        factor = scale.rows / few
        times = Figure(ratio.median * factor, ratio.least * factor, ratio.most * factor)
        yield Line(what, times, "x", 50.0, at_least=True, beside=f"{ours} s for {few}, {rival} s")


def collection(url: str) -> dict[str, object]:
    """A Postman collection that posts a customer for each line of the data file."""
    body = json.dumps({"name": "{{Name}}", "email": "{{Email}}", "phone_number": "{{Phone}}"})
    request = {
        "method": "POST",
        "url": f"{url}/v1/customers",
        "header": [{"key": "Content-Type", "value": "application/json"}],
        "body": {"mode": "raw", "raw": body},
    }
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return {"info": {"name": "customers", "schema": schema}, "item": [{"name": "create", "request": request}]}


def pace(scale: Scale) -> Iterator[Line]:
    """Reached over allowed at a server that keeps its windows strictly, and how many it refused."""
    for rate in (25, 200, 1_000):
        with workplace() as folder:
            rows = min(scale.rows, rate * 15)
            sheet = sheet_of(folder / "customers.csv", rows)
            yield _paced(f"pace at {rate}/s", folder, [f"{rate}/s"], [sheet], scale.repeat)
    with workplace() as folder:
        sheet = sheet_of(folder / "customers.csv", min(scale.rows, 2_000))
        yield _paced("pace at 200/s and 500/5s together", folder, ["200/s", "500/5s"], [sheet], scale.repeat)
    with workplace() as folder:
        sheets = [
            sheet_of(folder / f"{name}.csv", min(scale.rows, 1_500), seed=seed)
            for seed, name in enumerate(("one", "two"))
        ]
        yield _paced("pace at 200/s, two processes on one account", folder, ["200/s"], sheets, scale.repeat)


def _paced(what: str, folder: Path, rates: list[str], sheets: list[Path], repeat: int) -> Line:
    seen = [_pace_once(folder / f"turn {number}", rates, sheets) for number in range(repeat)]
    refused = sum(each["refused"] for each in seen)
    pace = Figure.of([each["pace"] for each in seen])
    beside = f"{refused:.0f} answers 429"
    return Line(what, pace, "of the limit", 0.98, at_least=True, beside=beside, broken=refused > 0)


def _pace_once(folder: Path, rates: list[str], sheets: list[Path]) -> dict[str, float]:
    folder.mkdir()
    windows = [word for rate in rates for word in ("--window", rate)]
    with serving(folder, "--delay", 0.02, *windows) as server:
        _run_together(folder, server, sheets, [word for rate in rates for word in ("--rate", rate)])
    seen: dict[str, float] = json.loads(server.last_words)
    return seen


def _run_together(folder: Path, server: Server, sheets: list[Path], rates: list[str]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    ledger = f"sqlite:///{folder}/ledger"
    commands = [
        importer("run", sheet, "-p", "hitpay", "--base-url", server.url, "--ledger", ledger, *rates, "--yes")
        for sheet in sheets
    ]
    folders = [folder / sheet.stem for sheet in sheets]
    for each in folders:
        each.mkdir()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda pair: timed(pair[0], folder=pair[1]), zip(commands, folders, strict=True)))
