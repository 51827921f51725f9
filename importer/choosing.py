"""Which mapping a job uses: that of its file, the one a results file carries, or what the sheet suggests."""

import itertools
import shlex
from collections.abc import Mapping
from dataclasses import replace

from importer import mapping as mappings
from importer.errors import MappingError
from importer.jobs import Job
from importer.mapping import SAMPLE_ROWS, FieldMapping, Proposal, Sample
from importer.mapping.telling import asked
from importer.providers.base import Provider
from importer.source import Source


def choose_mapping(job: Job, source: Source, provider: Provider) -> Proposal:
    """The mapping of a run: complete, and in keeping with the sheet. Looks at its first rows only.

    Raises:
        MappingError: It is not; the message asks all that only a person can say, and what to type.
    """
    sample = first_rows(source)
    if job.mapping is not None:
        kept = _fitting(mappings.load(job.mapping, provider), job, source, provider, sample)
        mend = f"remove its line under [looks] in {job.mapping}, or write the mapping anew: importer map."
        mappings.require_looks(kept, source.columns, provider, sample, mend=mend)
        return Proposal(kept)
    if (carried := _carried(source, provider)) is not None:
        anew = f"write the mapping anew, and use it: {_typed(job, provider)}."
        try:
            kept = _fitting(mappings.from_settings(carried, provider), job, source, provider, sample)
        except MappingError as error:
            raise MappingError(f"{error} Or {anew}") from error
        mappings.require_looks(kept, source.columns, provider, sample, mend=anew)
        return Proposal(kept)
    proposal = mappings.propose(source.columns, provider, constants=job.constants, sample=sample)
    if proposal.pressing:
        raise MappingError(_questions(job, source, provider, proposal))
    mappings.require_columns(proposal.mapping, source.columns, provider)
    return proposal


def propose_mapping(
    job: Job, source: Source, provider: Provider, *, keep_carried: bool = False
) -> tuple[Proposal, Sample]:
    """The columns of a source as far as they are understood, with the rows that were looked at.

    A mapping that the job names is taken as it is, but for what its columns hold now; with `keep_carried` so
    is one that the source carries.

    Raises:
        MappingError: The mapping cannot be read, or a constant is for no field.
    """
    sample = first_rows(source)
    carried = _carried(source, provider) if keep_carried else None
    if job.mapping is not None:
        kept = mappings.load(job.mapping, provider)
    elif carried is not None:
        kept = mappings.from_settings(carried, provider)
    else:
        return mappings.propose(source.columns, provider, constants=job.constants, sample=sample), sample
    kept = kept.with_constants(job.constants)
    mappings.check_fields(kept.constants, provider)
    looks = mappings.looks_of(kept.columns, source.columns, provider, sample)
    return Proposal(replace(kept, looks=looks)), sample


def first_rows(source: Source) -> Sample:
    """The first rows of a source. No more are read."""
    rows = [row.cells for row in itertools.islice(source.rows(), SAMPLE_ROWS + 1)]
    return Sample(rows[:SAMPLE_ROWS], complete=len(rows) <= SAMPLE_ROWS)


def head_of(source: Source) -> Source:
    """A source without any but the first rows, which are read now: enough to choose a mapping by."""
    rows = tuple(itertools.islice(source.rows(), SAMPLE_ROWS + 1))
    return source.with_rows(lambda: iter(rows))


def _carried(source: Source, provider: Provider) -> Mapping[str, object] | None:
    """The mapping in a results file for this very provider."""
    settings = source.settings or {}
    carried = settings.get("mapping")
    return carried if settings.get("provider") == provider.name and isinstance(carried, dict) else None


def _fitting(
    kept: FieldMapping, job: Job, source: Source, provider: Provider, sample: Sample
) -> FieldMapping:
    """A kept mapping with the constants of the job; its columns are in the sheet."""
    mapping = kept.with_constants(job.constants)
    mappings.check_fields(mapping.constants, provider)
    mappings.require_columns(mapping, source.columns, provider, sample)
    return mapping


def _questions(job: Job, source: Source, provider: Provider, proposal: Proposal) -> str:
    number = len(proposal.pressing)
    few = "a question" if number == 1 else f"{number} questions"
    columns = ", ".join(f'"{column}"' for column in source.columns if column)
    return (
        f"The columns of {source.path.name} leave {few}: {asked(proposal.pressing)} "
        f"The sheet's columns are: {columns}. "
        f"To answer, write a mapping, choose in it, and use it: {_typed(job, provider)}."
    )


def _typed(job: Job, provider: Provider) -> str:
    """The command that writes a mapping for this job, and the option that uses it."""
    path = f"{job.source.stem}.mapping.toml"
    words = ["importer", "map", str(job.source), "-p", provider.name, *read_options(job), "-o", path]
    return f"{shlex.join(words)}, then the same command with -m {shlex.quote(path)}"


def read_options(job: Job) -> list[str]:
    """How the source is read, as it is typed."""
    options = {
        "--sheet": job.read.sheet,
        "--header-row": job.read.header_row,
        "--encoding": job.read.encoding,
        "--delimiter": "tab" if job.read.delimiter == "\t" else job.read.delimiter,
    }
    return [str(word) for name, value in options.items() if value is not None for word in (name, value)]
