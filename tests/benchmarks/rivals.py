"""Small programs that cases run as processes: ``python -m tests.benchmarks.rivals NAME WORDS…``."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.postgres import running_server, server_binaries


def frictionless(sheet: str) -> None:
    """Types and presence of a csv, as its users check them."""
    from frictionless import Resource, Schema, fields, validate

    head = Path(sheet).open(encoding="utf-8").readline().strip().split(",")  # noqa: SIM115  ends with the process
    types = {
        "Name": fields.StringField(name="Name", constraints={"required": True}),
        "Email": fields.StringField(name="Email", format="email", constraints={"required": True}),
        "Phone": fields.StringField(name="Phone", constraints={"required": True}),
        "Birth date": fields.DateField(name="Birth date"),
    }
    schema = Schema(fields=[types.get(name) or fields.StringField(name=name) for name in head])
    report = validate(Resource(path=Path(sheet).name, basepath=str(Path(sheet).parent), schema=schema))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type"])[:3]


def openpyxl_reads(sheet: str) -> None:
    """Every cell, read-only."""
    from openpyxl import load_workbook

    active = load_workbook(sheet, read_only=True).active
    assert active is not None
    assert sum(1 for _ in active.iter_rows(values_only=True)) > 1


def we_read(sheet: str) -> None:
    """Every cell, as it is shown."""
    from importer.source import open_source

    assert sum(1 for _ in open_source(Path(sheet)).rows()) > 0


def openpyxl_writes(sheet: str, out: str) -> None:
    """The same cells and as many columns of results, without any style."""
    import csv

    from openpyxl import Workbook

    book = Workbook(write_only=True)
    active = book.create_sheet("Results")
    with Path(sheet).open(encoding="utf-8", newline="") as file:
        for number, cells in enumerate(csv.reader(file), 1):
            ours = ("created", f"cus_{number}", "", "", 201, 1, "2026-11-21T00:00:00Z", number, "run", "")
            active.append([*cells, *ours])
    book.save(out)


def we_write(sheet: str, out: str) -> None:
    """The results workbook, styled, with its summary."""
    from datetime import UTC, datetime

    from importer.results import ResultsHeader, SummaryFacts, write_results
    from importer.rows import RowResult, Status
    from importer.source import open_source

    source, now = open_source(Path(sheet)), datetime.now(UTC)
    facts = SummaryFacts(
        "run", "HitPay", "sandbox", "default", "customers.csv", now, now, "60/min", "http://127.0.0.1", ""
    )
    rows = (
        (
            row,
            RowResult(
                row.number, Status.CREATED, f"cus_{row.number}", http_status=201, attempts=1, sent_at=now
            ),
        )
        for row in source.rows()
    )
    write_results(Path(out), ResultsHeader(source.columns, ("created_at",), {}), rows, summary=facts)


def ledger(database: str, rows: str, out: str) -> None:
    """Claim and settle customers, 200 at a time, and tell how long it took."""
    binaries = server_binaries()
    if database == "sqlite":
        took = asyncio.run(_claim_and_settle(f"sqlite:///{Path(out).with_name('ledger.sqlite3')}", int(rows)))
    elif binaries is None:
        Path(out).write_text("null")
        return
    else:
        with running_server(binaries, durable=True) as url:
            took = asyncio.run(_claim_and_settle(url, int(rows)))
    Path(out).write_text(json.dumps({"rows": int(rows), "seconds": took}))


async def _claim_and_settle(url: str, rows: int) -> float:
    from importer.ledger import Claim, Entry, Ledger
    from importer.rows import Status

    with Ledger.open(url) as book:
        book.use_account("hitpay/sandbox/default")
        book.begin_run("run", source="customers.csv", output="customers.results.csv")
        numbers = iter(range(rows))

        async def work() -> None:
            for number in numbers:
                name, now = f"customer {number}", time.time()
                assert await book.claim(Claim(name, "key", number, now)) is None
                made = Entry(name, Status.CREATED, "key", "run", number, 1, now, now, f"cus_{number}")
                await book.settle(made)

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(200)))
        return time.perf_counter() - began


def bodies(sheet: str, out: str) -> None:
    """What a run of a sheet would post. In a process of its own: the measuring one must stay small, since
    a process that it starts is told to have been as large as itself."""
    from importer import Job, check
    from importer.staging import Pending

    ledger = f"sqlite:///{Path(out).with_name('other')}"
    with check(Job(source=Path(sheet), provider="hitpay", ledger=ledger)) as plan:
        lines = (staged.body for staged in plan.staging.pending(Pending.SEND))
        Path(out).write_bytes(b"\n".join(lines))


PROGRAMS: dict[str, Callable[..., None]] = {
    "frictionless": frictionless,
    "openpyxl-reads": openpyxl_reads,
    "we-read": we_read,
    "openpyxl-writes": openpyxl_writes,
    "we-write": we_write,
    "ledger": ledger,
    "bodies": bodies,
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](*sys.argv[2:])
