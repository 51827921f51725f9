"""The options that all commands with a source share, and what they say as a `Job`."""

import functools
import inspect
import os
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from importer.errors import InterruptedRunError, SettingsError
from importer.jobs import Job
from importer.rows import Environment
from importer.source.model import ReadOptions

Verbose = Annotated[
    bool,
    typer.Option("-v", "--verbose", envvar="IMPORTER_VERBOSE", help="Show where an error came from."),
]
AsJson = Annotated[
    bool, typer.Option("--json", envvar="IMPORTER_JSON", help="One JSON object on standard output.")
]
LedgerUrl = Annotated[
    str,
    typer.Option(
        "--ledger",
        envvar="IMPORTER_LEDGER",
        metavar="URL",
        help="SQLAlchemy URL of the record of what was sent; by default in the user's state folder.",
        show_default=False,
    ),
]


def _option(*names: str, help: str, metavar: str | None = None) -> Any:  # noqa: A002  typer's own word
    variable = "IMPORTER_" + next(name for name in names if name.startswith("--"))[2:].upper().replace(
        "-", "_"
    )
    return typer.Option(*names, envvar=variable, help=help, metavar=metavar, show_default=False)


def source_options(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="The spreadsheet, or a results file.")],
    provider: Annotated[str | None, _option("--provider", "-p", help="Whose customers they become.")] = None,
    environment: Annotated[
        Environment | None, _option("--environment", help="sandbox (the default) or live.")
    ] = None,
    account: Annotated[
        str | None,
        _option(
            "--account", help="Label of the credentials; ACME reads ACME_HITPAY_API_KEY.", metavar="LABEL"
        ),
    ] = None,
    base_url: Annotated[
        str, _option("--base-url", help="Replaces the provider's address.", metavar="URL")
    ] = "",
    mapping: Annotated[
        Path | None, _option("--mapping", "-m", help="Mapping file; importer map writes one.", metavar="FILE")
    ] = None,
    constants: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="One value for every row; wins over a column. [env var: IMPORTER_SET, one a line]",
            metavar="FIELD=VALUE",
            show_default=False,
        ),
    ] = None,
    sheet: Annotated[
        str | None, _option("--sheet", help="Which sheet of a workbook.", metavar="NAME")
    ] = None,
    header_row: Annotated[
        int | None, _option("--header-row", help="Row with the headings, as shown in Excel.", metavar="N")
    ] = None,
    encoding: Annotated[
        str | None, _option("--encoding", help="Of a text file; found by itself.", metavar="NAME")
    ] = None,
    delimiter: Annotated[
        str | None, _option("--delimiter", help="Of a text file; found by itself.", metavar="CHARACTER")
    ] = None,
    output: Annotated[
        Path | None,
        _option("--output", "-o", help="Where the results go: .xlsx or .csv.", metavar="FILE"),
    ] = None,
    identity: Annotated[
        list[str] | None,
        _option("--identity", help="Fields that make two rows one customer.", metavar="FIELD[,FIELD]"),
    ] = None,
    repair: Annotated[
        bool | None,
        typer.Option(
            "--repair/--no-repair",
            envvar="IMPORTER_REPAIR",
            help="Send damaged cells as what was probably meant; check shows it first.",
            show_default=False,
        ),
    ] = None,
    ledger: LedgerUrl = "",
) -> Job:
    """What the shared options say."""
    return Job(
        source=source,
        provider=provider,
        environment=environment,
        account=account,
        base_url=base_url,
        mapping=mapping,
        constants=dict(map(constant, constants or os.environ.get("IMPORTER_SET", "").splitlines())),
        read=ReadOptions(sheet, header_row, encoding, "\t" if delimiter == "\\t" else delimiter),
        output=output,
        identity=tuple(name.strip() for names in identity or () for name in names.split(",") if name.strip()),
        ledger=ledger,
        repair=repair,
    )


class JobCommand(Protocol):
    """Carries out a job file, on another source if one is named, with the options that were typed."""

    def __call__(self, path: Path, source: Path | None, given: Mapping[str, Any], *, as_json: bool) -> int:
        """The exit code."""


def takes_source(command: Callable[..., Any], *, or_job: JobCommand | None = None) -> Callable[..., Any]:
    """A command whose first parameter is a `Job`, as one that takes the shared options instead.

    With `or_job` there may be a job file beside the source, or in its place; that is then called.
    """
    shared = dict(inspect.signature(source_options, eval_str=True).parameters)
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    told = dict(inspect.signature(_job_options, eval_str=True).parameters) if or_job is not None else {}
    options = [*(told | {name: each for name, each in shared.items() if name not in told}).values(), *own]

    @functools.wraps(command)
    def with_options(**given: Any) -> Any:
        try:
            beside = {name: given.pop(name) for name in told}
            if or_job is not None and beside["job_file"] is not None:
                typed = _typed(beside["context"], given | beside)
                return or_job(beside["job_file"], beside["source"], typed, as_json=given["as_json"])
            if or_job is not None:
                given["source"] = _required(beside)
            job = source_options(**{name: given.pop(name) for name in shared})
            return command(job, **given)
        except KeyboardInterrupt:
            raise interrupted() from None

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in options]
    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # read by typer
    with_options.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_options


def _job_options(
    context: typer.Context,
    source: Annotated[
        Path | None,
        typer.Argument(metavar="[SOURCE]", help="The spreadsheet, or a results file.", show_default=False),
    ] = None,
    job_file: Annotated[
        Path | None,
        _option("--job", help="Job file of an import that nobody watches; it never asks.", metavar="FILE"),
    ] = None,
    despite: Annotated[
        list[str] | None,
        _option("--despite", help="With --job: only tell this alarm, like smaller.", metavar="ALARM"),
    ] = None,
) -> None:
    """The options of a command that carries out a job file as well."""


def _required(beside: Mapping[str, Any]) -> Path:
    if beside["despite"]:
        raise SettingsError("--despite is for the alarms of a job: add --job FILE, or leave it out.")
    if beside["source"] is None:
        raise SettingsError(
            "Missing argument 'SOURCE'. Name the spreadsheet: importer run customers.xlsx. Or the job: "
            "importer run --job nightly.toml. See: importer run --help"
        )
    source: Path = beside["source"]
    return source


def _typed(context: typer.Context, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the command line. What the environment says of a run is not meant for every job."""
    sources = {name: context.get_parameter_source(name) for name in given}
    return {
        name: given[name]
        for name, source in sources.items()
        if source is not None and source.name == "COMMANDLINE" and name not in ("job_file", "context")
    }


def interrupted(*, exit_code: int = 130) -> InterruptedRunError:
    """A run that ended at once, with the command to go on."""
    again = command_line(["importer", *sys.argv[1:]])
    return InterruptedRunError(
        f"Interrupted. What was sent is recorded. To go on: {again}", exit_code=exit_code
    )


def command_line(words: Sequence[str]) -> str:
    """A command as it can be typed in a shell, but for the password of a ledger."""
    return re.sub(r"(://[^:/@\s]+):[^@\s]+@", r"\1:***@", shlex.join(words))


def constant(text: str) -> tuple[str, str]:
    """A field and its value, as `--set` has them.

    Raises:
        SettingsError: There is no field, or no equals sign.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise SettingsError(f"--set takes FIELD=VALUE, for example --set gender=male, not {name!r}.")
    return name.strip(), value
