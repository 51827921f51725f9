"""Cases without a provider: checking, reading, writing, starting, a finished file again, and the ledger."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.cases import Line, Scale, importer, run_anew, run_command, sheet_of, workplace
from tests.benchmarks.measure import PYTHON, Figure, Timed, ratios, serving, timed

COLUMNS = 20
RIVALS = "tests.benchmarks.rivals"


def rival(folder: Path, name: str, *words: object) -> Timed:
    """One of the small programs in `rivals`."""
    return timed([PYTHON, "-m", RIVALS, name, *words], folder=folder)


def checking(scale: Scale) -> Iterator[Line]:
    """`check` over frictionless' validation of the same file, types and presence only."""
    with workplace() as folder:
        sheet = sheet_of(folder / "customers.csv", scale.large, columns=COLUMNS)
        ours, theirs, ratio = ratios(
            lambda: timed(importer("check", sheet, "-p", "hitpay", "--ledger", "sqlite:///l"), folder=folder),
            lambda: rival(folder, "frictionless", sheet),
            repeat=scale.repeat,
        )
        what = f"check, {scale.large:,} x {COLUMNS}, over frictionless"
        yield Line(what, ratio, "x", 1.0, beside=f"{ours} s, {theirs} s")


def reading(scale: Scale) -> Iterator[Line]:
    """Reading a workbook: openpyxl read-only over ours."""
    with workplace() as folder:
        sheet = sheet_of(folder / "customers.xlsx", scale.large // 5, columns=COLUMNS)
        ours, theirs, ratio = ratios(
            lambda: rival(folder, "openpyxl-reads", sheet),
            lambda: rival(folder, "we-read", sheet),
            repeat=scale.repeat,
        )
        what = f"openpyxl over reading xlsx, {scale.large // 5:,} x {COLUMNS}"
        yield Line(what, ratio, "x", 5.0, at_least=True, beside=f"{ours} s, {theirs} s")


def writing(scale: Scale) -> Iterator[Line]:
    """Writing a styled results workbook over a bare openpyxl write-only loop."""
    with workplace() as folder:
        sheet = sheet_of(folder / "customers.csv", scale.large, columns=COLUMNS)
        ours, theirs, ratio = ratios(
            lambda: rival(folder, "we-write", sheet, folder / "ours.xlsx"),
            lambda: rival(folder, "openpyxl-writes", sheet, folder / "theirs.xlsx"),
            repeat=scale.repeat,
        )
        what = f"writing a styled workbook, {scale.large:,} x {COLUMNS}, over bare openpyxl"
        yield Line(what, ratio, "x", 1.2, beside=f"{ours} s, {theirs} s")


def starting(scale: Scale) -> Iterator[Line]:
    """What the program adds to starting Python."""
    with workplace() as folder:
        for words in (("--help",), ("providers",)):
            ours, bare, _ = ratios(
                lambda: timed(importer(*words), folder=folder),  # noqa: B023  called in this turn
                lambda: timed([PYTHON, "-c", "pass"], folder=folder),
                repeat=scale.repeat * 2,
            )
            added = Figure(ours.median - bare.median, ours.least - bare.most, ours.most - bare.least)
            yield Line(
                f"importer {words[0]} over python -c pass", added, "s", 0.3, beside=f"{ours} s, {bare} s"
            )


def finished_again(scale: Scale) -> Iterator[Line]:
    """A finished file once more: nothing to send, over checking it and writing the results."""
    with workplace() as folder, serving(folder) as server:
        sheet = sheet_of(folder / "customers.csv", scale.large)
        run_anew(folder, sheet, server)
        check = importer("check", sheet, "-p", "hitpay", "--base-url", server.url)
        check += ["--ledger", f"sqlite:///{folder}/fresh", "-o", folder / "report.csv"]
        ours, theirs, ratio = ratios(
            lambda: timed(run_command(folder, sheet, server), folder=folder),
            lambda: timed(check, folder=folder),
            repeat=scale.repeat,
        )
        what = f"a finished {scale.large:,}-row file again, over check -o"
        yield Line(what, ratio, "x", 1.5, beside=f"{ours} s, {theirs} s")


def ledger(scale: Scale) -> Iterator[Line]:
    """Claims and settlements a second with full durability, SQLite and PostgreSQL."""
    with workplace() as folder:
        for name in ("sqlite", "postgresql"):
            rates = []
            for _ in range(scale.repeat):
                rival(folder, "ledger", name, scale.rows, folder / "told.json")
                told = json.loads((folder / "told.json").read_text())
                rates += [told["rows"] / told["seconds"]] if told else []
            rate = Figure.of(rates) if rates else None
            skipped = "" if rates else "no PostgreSQL server here"
            yield Line(f"ledger, {name}: rows claimed and settled", rate, "a second", skipped=skipped)


def growth(scale: Scale) -> Iterator[Line]:
    """Time and memory over rows, csv and xlsx, check and run; once each, as the largest take minutes."""
    peaks: dict[int, float] = {}
    for rows in scale.growth:
        for suffix in ("csv", "xlsx"):
            if suffix == "xlsx" and rows > 100_000:
                yield Line(f"memory, xlsx, {rows:,} rows", None, skipped="its sheet takes minutes to make")
                continue
            with workplace() as folder, serving(folder) as server:
                sheet = sheet_of(folder / f"customers.{suffix}", rows)
                check = importer("check", sheet, "-p", "hitpay", "--ledger", f"sqlite:///{folder}/fresh")
                seen = {"check": timed(check, folder=folder), "run": run_anew(folder, sheet, server)}
                for name, took in seen.items():
                    figure, beside = Figure.of([took.peak_mb]), f"{took.seconds:.3g} s"
                    yield Line(f"memory, {name}, {suffix}, {rows:,} rows", figure, "MB", beside=beside)
                if suffix == "csv":
                    peaks[rows] = max(took.peak_mb for took in seen.values())
    if 1_000_000 in peaks:
        flat = Figure.of([peaks[1_000_000] / peaks[100_000]])
        yield Line("peak memory, csv, 1,000,000 rows over 100,000", flat, "x", 1.2)
        yield Line("peak memory, csv, 1,000,000 rows", Figure.of([peaks[1_000_000]]), "MB", 300.0)
