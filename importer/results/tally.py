"""Counts and causes, taken while rows stream by: what the Summary sheet tells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from importer.causes import PERSON_MUST_SETTLE, Cause, cause_of, left_to_a_person, split_codes
from importer.rows import MADE_IT, Row, RowResult, Status, no_counts

FIRST_ROWS = 5
"""So many row numbers are kept for each cause."""

MOST_CAUSES = 200
"""Providers may invent codes without end; from here on they are counted under their status alone."""


NEEDS_CAUSE = frozenset({Status.INVALID, Status.REJECTED, Status.FAILED, Status.UNKNOWN})
"""Told of even where a row has no code."""


@dataclass(slots=True)
class CauseCount:
    """How often a cause came up. `rows` are the first few, by the source's numbers; `line` is where
    the first of them stands in the results."""

    cause: Cause
    status: Status
    line: int
    count: int = 0
    rows: list[int] = field(default_factory=list)


def in_order(causes: Iterable[CauseCount]) -> list[CauseCount]:
    """What needs doing first, then what does not; the most frequent first, and none at odds with another.

    All are of one provider: if one says that a person must find out, running again helps no unknown row.
    """
    found = sorted(causes, key=lambda seen: (seen.status in MADE_IT, -seen.count))
    if any(seen.cause.code == PERSON_MUST_SETTLE for seen in found):
        for seen in found:
            if seen.status is Status.UNKNOWN:
                seen.cause = left_to_a_person(seen.cause)
    return found


@dataclass(slots=True)
class Tally:
    """What is known of the rows that went by so far, in bounded memory."""

    counts: dict[Status, int] = field(default_factory=no_counts)
    lines: int = 1
    _causes: dict[tuple[str, Status], CauseCount] = field(default_factory=dict)

    def watch(self, rows: Iterable[tuple[Row, RowResult]]) -> Iterator[tuple[Row, RowResult]]:
        """`rows` unchanged, counted on their way. The header is line 1."""
        for row, result in rows:
            self.lines += 1
            self.counts[result.status] += 1
            if result.code or result.status in NEEDS_CAUSE:
                self._count(result)
            yield row, result

    def causes(self) -> list[CauseCount]:
        """What needs doing first, then what does not; the most frequent first."""
        return in_order(self._causes.values())

    def _count(self, result: RowResult) -> None:
        for code in split_codes(result.code) or ("",):
            key = (code, result.status)
            if key not in self._causes and len(self._causes) >= MOST_CAUSES:
                key = ("", result.status)
            seen = self._causes.setdefault(
                key, CauseCount(cause_of(key[0], result.status), result.status, self.lines)
            )
            seen.count += 1
            if len(seen.rows) < FIRST_ROWS:
                seen.rows.append(result.row)
