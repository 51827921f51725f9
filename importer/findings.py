"""What was found in the cells of a run: counted for the plan, and told with the results."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby

from importer.rows import MADE_IT, Finding, RowResult, Status
from importer.validation import Checked

SCHEMA = """
CREATE TABLE findings (
  number INTEGER NOT NULL, grade TEXT NOT NULL, place TEXT NOT NULL, code TEXT NOT NULL,
  repairable INTEGER NOT NULL, finding TEXT NOT NULL
)
"""
"""`place` and `finding` are JSON, since a sheet may hold halves of characters that no database takes."""

FIRST_ROWS = 5
"""So many row numbers are told of each thing found."""

OF_INTEREST = """
CREATE VIEW of_interest AS SELECT findings.rowid AS position, findings.* FROM findings
JOIN staged USING (number) WHERE staged.status IN ('not_sent', 'invalid')
"""


class Grade(StrEnum):
    """How a finding stands. A FAULT keeps its row from being sent; here are those that have a repair."""

    FAULT = "fault"
    LOOK = "look"
    REPAIRED = "repaired"


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How often something was found in a column, in rows that are ready or at fault.

    `rows` are the first few, by the source's numbers; `repairs` is how many of the cells have a repair;
    `example` is what is said of the first cell, which it quotes.
    """

    grade: Grade
    column: str
    code: str
    cells: int
    repairs: int
    rows: tuple[int, ...]
    example: str = field(repr=False)


class Findings:
    """A table in the database of the staged rows, which is there already."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._database.execute(SCHEMA)
        self._database.execute(OF_INTEREST)

    def note(self, checked: Checked) -> None:
        """Keep what was found in a row."""
        faults = ((Grade.FAULT, each) for each in checked.faults if each.repair is not None)
        others = ((Grade.REPAIRED if each.repaired else Grade.LOOK, each) for each in checked.findings)
        self._database.executemany(
            "INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    checked.row.number,
                    grade,
                    json.dumps(each.field if each.column is None else each.column),
                    each.code,
                    each.repair is not None,
                    json.dumps((each.field, each.column, each.code, each.message, each.repair)),
                )
                for grade, each in (*faults, *others)
            ],
        )

    def counts(self) -> list[FindingCount]:
        """By grade, column and code, the most frequent first."""
        lines = self._database.execute(
            "SELECT grade, place, code, count(*), sum(repairable), min(position)"
            " FROM of_interest GROUP BY 1, 2, 3 ORDER BY 4 DESC, 6"
        ).fetchall()
        return [self._count(*line[:5]) for line in lines]

    def _count(self, grade: str, place: str, code: str, cells: int, repairs: int) -> FindingCount:
        first = self._database.execute(
            "SELECT number, finding FROM of_interest WHERE grade = ? AND place = ? AND code = ?"
            " ORDER BY number, position LIMIT ?",
            (grade, place, code, FIRST_ROWS),
        ).fetchall()
        rows = tuple(number for number, _ in first)
        example = json.loads(first[0][1])[3]
        return FindingCount(Grade(grade), json.loads(place), code, cells, repairs, rows, example)

    def by_row(self) -> Iterator[tuple[int, tuple[Finding, ...]]]:
        """The rows with findings that are no faults, in sheet order."""
        lines = self._database.execute(
            "SELECT number, grade, finding FROM findings WHERE grade != 'fault' ORDER BY number, rowid"
        )
        yield from _by_row(lines)

    def of_rows(self, numbers: Sequence[int]) -> dict[int, tuple[Finding, ...]]:
        """The same for some rows; those without are left out."""
        lines = self._database.execute(
            "SELECT number, grade, finding FROM findings WHERE grade != 'fault'"
            " AND number IN (SELECT value FROM json_each(?)) ORDER BY number, rowid",
            (json.dumps(list(numbers)),),
        ).fetchall()
        return dict(_by_row(lines))

    def drop(self, number: int) -> None:
        """Forget what was found in a row."""
        self._database.execute("DELETE FROM findings WHERE number = ?", (number,))


def _by_row(lines: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int, tuple[Finding, ...]]]:
    for number, group in groupby(lines, key=lambda line: int(line[0])):
        yield number, tuple(_finding(grade, finding) for _, grade, finding in group)


def _finding(grade: str, packed: str) -> Finding:
    place, column, code, message, repair = json.loads(packed)
    return Finding(place, column, code, message, repair, repaired=grade == Grade.REPAIRED)


def told_of(result: RowResult, findings: tuple[Finding, ...]) -> RowResult:
    """A result with what was found in its row: in words too, unless nothing of this run is sent for it."""
    if result.status in MADE_IT and result.status is not Status.CREATED:
        return replace(result, findings=findings)
    message = "; ".join(filter(None, [result.message, *map(str, findings)]))
    return replace(result, message=message, findings=findings)
