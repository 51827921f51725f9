"""The cells of a row looked through, and what is done about what is found."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

from importer.damage.finding import finder
from importer.damage.found import Find, Regions
from importer.normalise.unfit import shown
from importer.providers.fields import Kind
from importer.rows import FieldError, Finding


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is looked for in each field, and whether what is damaged is `repair`ed."""

    finders: Mapping[str, Find]
    headings: Mapping[str, str | None]
    repair: bool

    @classmethod
    def of(
        cls,
        kinds: Mapping[str, Kind],
        headings: Mapping[str, str | None],
        *,
        repair: bool,
        rounded: Collection[str],
    ) -> Self:
        """For fields of these `kinds`, by path; `rounded` are those whose column was rounded."""
        finders = {path: finder(kind, rounded=path in rounded) for path, kind in kinds.items()}
        return cls(finders, headings, repair)

    def inspect(
        self, path: str, text: str, regions: Regions, faults: list[FieldError], findings: list[Finding]
    ) -> str | None:
        """The text to go on with, repaired if that was asked for; None where the cell is at fault.

        What is found is put into `faults` or `findings`.
        """
        find = self.finders.get(path)
        damage = None if find is None else find(text, regions)
        if damage is None:
            return text
        column = self.headings[path]
        if self.repair and damage.repair is not None:
            message = f"repaired to {shown(damage.repair)}, was {shown(text)}"
            findings.append(Finding(path, column, damage.code, message, damage.repair, repaired=True))
            return damage.repair
        if damage.certain:
            faults.append(FieldError(path, column, damage.code, damage.message, damage.repair))
            return None
        findings.append(Finding(path, column, damage.code, damage.message, damage.repair))
        return text
