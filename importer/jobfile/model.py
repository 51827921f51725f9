"""The job file: everything a nightly import is told, section by section, with its defaults."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from importer.accounts import find_provider, open_account
from importer.jobfile.forms import (
    absolute,
    absolute_ledger,
    absolute_place,
    flat_texts,
    listed,
    must_be_rate,
    must_be_share,
    must_be_time_of_day,
    must_be_variable,
    nothing_if_empty,
    number_or_share,
    or_file_stem,
)
from importer.jobfile.placeholders import fill, stem
from importer.jobs import Job
from importer.notation import next_time, parse_rate
from importer.rows import Environment
from importer.secretfiles import Exposed
from importer.source.model import ReadOptions

Texts = Annotated[tuple[str, ...], BeforeValidator(listed)]
File = Annotated[Path, AfterValidator(absolute)]
FileOrNone = Annotated[File | None, BeforeValidator(nothing_if_empty)]
TextOrNone = Annotated[str | None, BeforeValidator(nothing_if_empty)]
Seconds = Annotated[float, Field(strict=True, ge=0)]
NumberOrShare = Annotated[str, BeforeValidator(number_or_share)]


class Section(BaseModel):
    """A table of the file. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Reaction(StrEnum):
    """What an alarm does: end with its own exit status and send nothing, go on and tell, or nothing."""

    STOP = "stop"
    TELL = "tell"
    OFF = "off"


class Event(StrEnum):
    """What is notified of."""

    FAILURE = "failure"
    DEGRADED = "degraded"
    RECOVERY = "recovery"


class LogFormat(StrEnum):
    """How log lines are written."""

    TEXT = "text"
    JSON = "json"


class Inbox(Section):
    """A folder whose files are claimed, imported and moved. `quiet_for` is seconds."""

    folder: File
    pattern: str = Field("*", min_length=1)
    done: File = Path("done")
    attention: File = Path("attention")
    quiet_for: Seconds = 30.0
    ready_marker: str = ""


class Alarms(Section):
    """What is no ordinary night, and what is done then."""

    no_file: Reaction = Reaction.STOP
    empty: Reaction = Reaction.STOP
    smaller: Reaction = Reaction.STOP
    smaller_than: Annotated[str, AfterValidator(must_be_share)] = "50%"
    same_file: Reaction = Reaction.TELL
    invalid: Reaction = Reaction.STOP
    max_invalid: Annotated[tuple[NumberOrShare, ...], BeforeValidator(listed)] = ("20%",)
    columns: Reaction = Reaction.STOP
    busy: Reaction = Reaction.STOP


class Notify(Section):
    """Whom to tell, and of what. The addresses hold secrets, so the file names the variable they are in."""

    urls_from: Annotated[str, AfterValidator(must_be_variable)] = "IMPORTER_NOTIFY_URLS"
    on: tuple[Event, ...] = tuple(Event)


class Log(Section):
    """Where log lines go (None: standard error), and in which form."""

    file: FileOrNone = None
    format: LogFormat = LogFormat.TEXT


class Metrics(Section):
    """A file for the node exporter's text file collector; None for none."""

    file: FileOrNone = None


class Credentials(Section):
    """Where else credentials may be, and whether files that others may read will do."""

    env_file: FileOrNone = Path(".env")
    exposed: Exposed = Exposed.REFUSE


def _unset() -> Any:
    """An empty table, so that the paths in it start at the folder of the file as well."""
    return {}


class JobFile(Section):
    """Everything a nightly import is told. Paths are absolute once it was read.

    `source` is a path, which may hold `{date:%Y-%m-%d}` or be a glob, or a URL; with an `inbox` it is None.
    `output` may hold `{name}` and `{date:...}`. `max_errors` and each of `alarms.max_invalid` is a number of
    rows ("20") or a share ("5%"). `timeout`, `settle_after` and `inbox.quiet_for` are seconds.
    """

    name: Annotated[str, AfterValidator(or_file_stem), Field(pattern=r"^[A-Za-z0-9_.-]*$")] = ""
    source: Annotated[str | None, AfterValidator(absolute_place), BeforeValidator(nothing_if_empty)] = None
    provider: TextOrNone = None
    environment: Environment = Environment.SANDBOX
    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] = "default"
    base_url: str = ""
    mapping: FileOrNone = None
    sheet: TextOrNone = None
    header_row: Annotated[int | None, Field(strict=True, ge=1)] = None
    encoding: TextOrNone = None
    delimiter: TextOrNone = None
    output: FileOrNone = None
    identity: Texts = ()
    repair: Annotated[bool, Field(strict=True)] = False
    ledger: Annotated[str, AfterValidator(absolute_ledger)] = Field("", repr=False)
    rate: Annotated[tuple[Annotated[str, AfterValidator(must_be_rate)], ...], BeforeValidator(listed)] = ()
    concurrency: Annotated[int | None, Field(strict=True, ge=1)] = None
    timeout: Annotated[float, Field(strict=True, gt=0)] = 40.0
    max_errors: Annotated[NumberOrShare | None, BeforeValidator(nothing_if_empty)] = None
    stop_by: Annotated[str | None, AfterValidator(must_be_time_of_day), BeforeValidator(nothing_if_empty)] = (
        None
    )
    limit: Annotated[int | None, Field(strict=True, ge=0)] = None
    settle_after: Seconds = 60.0

    constants: Annotated[Mapping[str, str], BeforeValidator(flat_texts)] = Field({}, alias="set", repr=False)
    inbox: Inbox | None = None
    alarms: Alarms = Alarms()
    notify: Notify = Notify()
    log: Log = Log()
    metrics: Metrics = Metrics()
    credentials: Credentials = Field(default_factory=_unset)

    def job(self, source: Path, now: datetime, *, variables: Mapping[str, str] | None = None) -> Job:
        """The import of one file in the night of `now`, which has a time zone.

        The account and its address are the job's: a results file as source brings none of its own, so that
        who may put a file there cannot say where the credentials go. `variables` replace the environment.
        """
        return Job(
            source=source,
            provider=self.provider,
            environment=self.environment,
            account=self.account,
            base_url=self._address(variables),
            mapping=self.mapping,
            constants=dict(self.constants),
            read=ReadOptions(
                self.sheet,
                self.header_row,
                self.encoding,
                "\t" if self.delimiter == "\\t" else self.delimiter,
            ),
            output=self.output and Path(fill(str(self.output), now, name=stem(source.name))),
            identity=self.identity,
            ledger=self.ledger,
            limits=tuple(map(parse_rate, self.rate)),
            concurrency=self.concurrency,
            timeout=self.timeout,
            max_errors=self.max_errors or "",
            stop_at=next_time(self.stop_by, now) if self.stop_by else None,
            limit=self.limit,
            settle_after=self.settle_after,
            repair=self.repair,
        )

    def _address(self, variables: Mapping[str, str] | None) -> str:
        if self.provider is None:
            return self.base_url
        return open_account(
            find_provider(self.provider),
            self.environment,
            label=self.account,
            base_url=self.base_url,
            variables=variables,
        ).base_url
