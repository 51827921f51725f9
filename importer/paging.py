"""Some of the staged rows at a time, and what is the matter with all of them: for whoever looks at a plan."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from importer.causes import cause_of, split_codes
from importer.findings import Findings, told_of
from importer.packed import CODE, NOTHING_KNOWN, unpacked
from importer.results.tally import FIRST_ROWS, NEEDS_CAUSE, CauseCount, in_order
from importer.rows import Row, RowResult, Status


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are meant: those with one of these statuses (none: any), and with this code ("": any)."""

    statuses: frozenset[Status] = frozenset()
    code: str = ""


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows in sheet order, the first of them after `offset` others, of `total` that are meant."""

    rows: tuple[tuple[Row, RowResult], ...] = field(repr=False)
    offset: int
    total: int


class Pages:
    """Looks into the database of the staged rows."""

    def __init__(self, database: sqlite3.Connection, findings: Findings) -> None:
        self._database = database
        self._findings = findings

    def page(self, wanted: Wanted, *, offset: int = 0, size: int) -> RowPage:
        """`size` rows at most. With an `offset` beyond the last row it is the last page."""
        where, values = _condition(wanted)
        # the condition is ours, what is compared with is bound
        total = self._database.execute(f"SELECT count(*) FROM staged WHERE {where}", values).fetchone()[0]  # noqa: S608
        if offset >= total:
            offset = max(0, total - 1) // size * size
        lines = self._database.execute(
            f"SELECT number, cells, status, result FROM staged WHERE {where}"  # noqa: S608  as above
            " ORDER BY number LIMIT ? OFFSET ?",
            [*values, size, offset],
        ).fetchall()
        found = self._findings.of_rows([line[0] for line in lines])
        rows = tuple(
            (
                Row(number, tuple(json.loads(cells))),
                told_of(unpacked(number, status, result), found.get(number, ())),
            )
            for number, cells, status, result in lines
        )
        return RowPage(rows, offset, int(total))

    def row(self, number: int) -> tuple[Row, RowResult] | None:
        """The row of that number, None where there is none."""
        line = self._database.execute(
            "SELECT number, cells, status, result FROM staged WHERE number = ?", (number,)
        ).fetchone()
        if line is None:
            return None
        result = told_of(unpacked(number, line[2], line[3]), self._findings.of_rows([number]).get(number, ()))
        return Row(number, tuple(json.loads(line[1]))), result

    def column(self, column: int) -> Iterator[tuple[int, Status, str]]:
        """Number and status of each row, and its text in a column (from 0), in sheet order."""
        lines = self._database.execute("SELECT number, status, cells FROM staged ORDER BY number")
        for number, status, cells in lines.fetchall():
            yield number, Status(status), json.loads(cells)[column]

    def causes(self) -> list[CauseCount]:
        """What needs doing first, then what does not; the most frequent first. `line` is not known here."""
        lines = self._database.execute(
            f"SELECT number, status, {CODE} FROM staged WHERE result <> ? ORDER BY number",  # noqa: S608  a constant of ours
            (NOTHING_KNOWN,),
        )
        counts: Counter[tuple[str, str]] = Counter()
        first: dict[tuple[str, str], list[int]] = {}
        for number, status_text, codes in lines:
            key = (status_text, codes)
            counts[key] += 1
            if counts[key] <= FIRST_ROWS:
                first.setdefault(key, []).append(number)
        found: dict[tuple[str, Status], CauseCount] = {}
        for (text, codes), count in counts.items():
            status = Status(text)
            if not codes and status not in NEEDS_CAUSE:
                continue
            for code in split_codes(codes) or ("",):
                seen = found.setdefault((code, status), CauseCount(cause_of(code, status), status, 0))
                seen.count += count
                seen.rows = sorted([*seen.rows, *first[text, codes]])[:FIRST_ROWS]
        return in_order(found.values())


def _condition(wanted: Wanted) -> tuple[str, list[object]]:
    conditions, values = ["1"], list[object]()
    if wanted.statuses:
        conditions.append(f"status IN ({', '.join('?' * len(wanted.statuses))})")
        values += map(str, wanted.statuses)
    if wanted.code:
        conditions.append(f"instr(';' || {CODE} || ';', ';' || ? || ';')")
        values.append(wanted.code)
    return " AND ".join(conditions), values
