"""What a person did to the rows of a results file since it was written: took some out, put some in (pure)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from importer.rows import Row, Status


@dataclass(slots=True)
class Handwork:
    """Watches the rows of a results file. `added` are those that no run has seen."""

    added: int = 0
    _seen: Counter[str] = field(default_factory=Counter)

    def see(self, row: Row) -> None:
        """Take note of a row; one of any other file is none of ours."""
        if row.told is None:
            return
        status = row.told[0]
        if status in list(Status):
            self._seen[status] += 1
        else:
            self.added += 1

    def gone(self, counts: object) -> dict[Status, int]:
        """How many rows of each status are missing, by the `counts` that the file carries."""
        carried = counts if isinstance(counts, Mapping) else {}
        missing = {status: _number(carried.get(status)) - self._seen[status] for status in Status}
        return {status: number for status, number in missing.items() if number > 0}

    def notes(self, counts: object) -> tuple[str, ...]:
        """What was done, in plain words."""
        found = []
        gone = self.gone(counts)
        if gone:
            which = ", ".join(f"{number:,} {status}" for status, number in gone.items())
            found.append(
                f"Not in the sheet any more: {_rows(sum(gone.values()))} of the last results ({which}); "
                "nothing is done for them, and customers that were created stay"
            )
        if self.added:
            found.append(f"New in the sheet since the last results: {_rows(self.added)}")
        return tuple(found)


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
