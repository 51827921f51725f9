"""The results file: the source's rows with what became of each, as Excel or CSV.

Written from the source and the ledger, so it can be made anew at any time. The target is replaced in
one step: whoever opens it sees the old file or the new one, whole.
"""

import errno
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from importer.causes import CHECKED, STANDINGS, Standing
from importer.errors import ResultsError, SettingsError
from importer.results.atomic import abandoned, explain, other_name, replacing, shown
from importer.results.columns import Layout, ResultsHeader, report_layout, results_layout
from importer.results.facts import SummaryFacts
from importer.results.providers_sheet import Look, ProviderColumn, ProviderRow, ProvidersSheet
from importer.rows import Row, RowResult, Status

__all__ = [
    "Look",
    "ProviderColumn",
    "ProviderRow",
    "ProvidersSheet",
    "ResultsError",
    "ResultsHeader",
    "SummaryFacts",
    "abandoned",
    "check_fits",
    "check_output",
    "check_room",
    "check_workbook",
    "default_output",
    "other_name",
    "write_providers",
    "write_report",
    "write_results",
]

_SUFFIXES = (".xlsx", ".csv")
_CANNOT_RESERVE = {errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
"""What a file system says that does not know of reserving room."""

_PACKED = re.compile(
    r"(?:(?:\.(?:csv|tsv|txt|xlsx|xlsm|xls|xlsb|ods))?\.(?:gz|zip)|\.[^.]*)\Z", re.IGNORECASE
)
"""The suffix of a source, or both where it is packed."""


def write_results(
    path: Path, header: ResultsHeader, rows: Iterable[tuple[Row, RowResult]], *, summary: SummaryFacts
) -> None:
    """Write the results of a run to `path`, as Excel or CSV by its suffix. Rows are taken one at a time.

    Raises:
        ResultsError: It could not be written; a file that was there is as it was.
        SettingsError: The suffix is neither .xlsx nor .csv.
    """
    _write(path, results_layout(header), header, rows, summary, STANDINGS)


def write_report(
    path: Path,
    header: ResultsHeader,
    rows: Iterable[tuple[Row, RowResult]],
    *,
    summary: SummaryFacts,
    providers: ProvidersSheet | None = None,
) -> None:
    """Write what a check found to `path`: the sheet with its faults marked. It can be run once corrected.

    A row that is ready has the status `not_sent` and the message "ready". The sheet `providers` is for a
    workbook only. Raises as `write_results` does.
    """
    if providers is not None:
        check_workbook(path)
    _write(path, report_layout(header), header, rows, summary, CHECKED, providers)


def write_providers(path: Path, sheet: ProvidersSheet) -> None:
    """Write what each provider says to each row to `path`, a workbook. Raises as `write_results` does."""
    from importer.results.workbook import write_providers_alone

    with replacing(path) as file:
        write_providers_alone(file, sheet)


def check_workbook(path: Path) -> None:
    """Make sure that `path` is to be a workbook, which alone can hold the sheet Providers.

    Raises:
        SettingsError: It is not.
    """
    if _suffix(path) != ".xlsx":
        raise SettingsError(
            f"{path} cannot hold the sheet with all providers. Add -o {shown(path.with_suffix('.xlsx'))}."
        )


def default_output(source: Path, *, is_text: bool) -> Path:
    """Where the results of `source` go without -o: beside it; a results file is replaced by its successor."""
    suffix = ".csv" if is_text else ".xlsx"
    stem = _PACKED.sub("", source.name) or source.stem
    return source.with_name(f"{stem.removesuffix('.results')}.results{suffix}")


def check_output(path: Path, *, source: Path, source_is_results: bool) -> None:
    """Make sure, before anything is sent, that results can be written to `path`.

    Raises:
        SettingsError: The suffix is unknown, the folder or the file cannot be written, or `path` is the
            source, which only a results file may be. The message says what to do.
    """
    suffix = _suffix(path)
    try:
        if path.is_dir():
            raise SettingsError(f"{path} is a folder. Add -o with the name of a file.")
        if not source_is_results and path.exists() and source.exists() and path.samefile(source):
            beside = default_output(path, is_text=suffix == ".csv")
            other = beside if beside != path else other_name(path)
            raise SettingsError(f"{path} is the source, which is never overwritten. Add -o {shown(other)}.")
        _try_to_write(path)
    except OSError as error:
        raise SettingsError(explain(error, path)) from error


def _try_to_write(path: Path) -> None:
    """Fail with an OSError now where the real thing would fail after the run."""
    if path.exists():
        with path.open("r+b"):  # read-only; or, on Windows, open in Excel
            pass
        path = path.resolve().with_name(f".importer-{secrets.token_hex(6)}.tmp")
    with path.open("xb"):  # the name itself where it is free: too long, or not allowed here
        pass
    path.unlink()


def check_room(path: Path, *, size: int) -> None:
    """Make sure, before anything is sent, that the disk has room for results of about `size` bytes.

    Raises:
        SettingsError: It has not, or `path` cannot be written any more.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    draft = path.resolve().with_name(f".importer-{secrets.token_hex(6)}.tmp")
    try:
        with draft.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, size))
    except OSError as error:
        if error.errno not in _CANNOT_RESERVE:
            raise SettingsError(f"{explain(error, path)} Nothing was sent.") from error
    finally:
        draft.unlink(missing_ok=True)


def check_fits(path: Path, *, columns: int, rows: int) -> None:
    """Make sure, before anything is sent, that so many source columns and rows fit into `path`.

    Raises:
        SettingsError: They do not fit into an Excel sheet.
    """
    from importer.results import results_sheet

    if _suffix(path) == ".xlsx":
        try:
            results_sheet.check_fits(columns, rows)
        except ResultsError as error:
            raise SettingsError(str(error)) from error


def _write(
    path: Path,
    layout: Layout,
    header: ResultsHeader,
    rows: Iterable[tuple[Row, RowResult]],
    facts: SummaryFacts,
    standings: Mapping[Status, Standing],
    providers: ProvidersSheet | None = None,
) -> None:
    suffix = _suffix(path)
    with replacing(path) as file:
        if suffix == ".csv":
            from importer.results.csvfile import write_csv

            write_csv(file, layout, header.settings_json(), rows)
        else:
            from importer.results.workbook import write_workbook

            command = f"{facts.command} {shown(Path(path.name))}"
            write_workbook(
                file,
                layout,
                header.settings_json(),
                rows,
                facts,
                standings=standings,
                command=command,
                providers=providers,
            )


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        other = path.parent / f"{path.stem or 'results'}.xlsx"
        raise SettingsError(f"{path} does not end in .xlsx or .csv. Add -o {shown(other)}.")
    return suffix
