"""The benchmarks: ``python -m tests.benchmarks``; see ``--help``."""

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

from tests.benchmarks import cases, sheets
from tests.benchmarks.cases import Case, Line, Scale

CASES: dict[str, Case] = {
    "bare": cases.against_bare_loop,
    "script": cases.against_script,
    "newman": cases.against_newman,
    "pace": cases.pace,
    "check": sheets.checking,
    "reading": sheets.reading,
    "writing": sheets.writing,
    "again": sheets.finished_again,
    "ledger": sheets.ledger,
    "start": sheets.starting,
    "growth": sheets.growth,
}


def told(line: Line) -> str:
    """A line of the table."""
    if line.figure is None:
        return f"| {line.what} | skipped: {line.skipped} | | |"
    bound = "" if line.budget is None else f"{'≥' if line.at_least else '≤'} {line.budget:g}"
    verdict = {True: "yes", False: "**no**", None: ""}[line.met]
    beside = f" ({line.beside})" if line.beside else ""
    return f"| {line.what} | {line.figure} {line.unit}{beside} | {bound} | {verdict} |"


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    names = ("aiohttp", "openpyxl", "python-calamine", "sqlalchemy", "pydantic", "phonenumbers")
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}, {cpu_count()} cores",
        **{name: version(name) for name in names},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases asked for; print the table, write it as JSON, draw the growth."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Ours and its rivals.")
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", help=f"some of {', '.join(CASES)}; all by default"
    )
    parser.add_argument("--quick", action="store_true", help="small, once: whether everything works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures for a program")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="time and memory over rows")
    given = parser.parse_args(arguments)
    scale, lines = Scale.quick() if given.quick else Scale(), []
    print(f"{machine()}\n\n| what | figure | budget | kept |\n|---|---|---|---|")
    for name in given.cases or CASES:
        for line in CASES[name](scale):
            print(told(line), flush=True)
            lines.append(line)
    if given.json is not None:
        document = {"machine": machine(), "lines": [{**asdict(line), "met": line.met} for line in lines]}
        given.json.write_text(json.dumps(document, indent=2))
    if given.plot is not None:
        from tests.benchmarks.plot import draw

        draw(lines, given.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
