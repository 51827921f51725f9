"""The first rows of uploads that were looked at, so that a large workbook is not opened for each step."""

from collections import OrderedDict
from dataclasses import dataclass, field

from importer.choosing import head_of
from importer.jobs import Job
from importer.opening import open_job_source
from importer.source import Source
from importer.web.folders import Import

MOST = 50
"""Uploads of which the first rows are kept; a few hundred kilobytes each."""


@dataclass(slots=True)
class Heads:
    """Sources that have only their first rows, by import and version."""

    _known: OrderedDict[tuple[str, int], Source] = field(default_factory=OrderedDict)

    def source(self, one: Import, job: Job) -> Source:
        """The source of an import as far as columns are chosen by it: as many rows as are looked at for that.

        Raises:
            SourceError: It cannot be read.
        """
        key = (one.id, one.version)
        known = self._known.get(key)
        if known is None:
            self._known[key] = known = head_of(open_job_source(job))
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return known
