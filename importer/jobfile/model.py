"""The job file: everything a nightly import is told, and the import that it means."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from importer.accounts import Account, find_provider, open_account
from importer.jobfile.forms import (
    absolute_ledger,
    absolute_place,
    flat_texts,
    listed,
    must_be_rate,
    must_be_time_of_day,
    nothing_if_empty,
    or_file_stem,
)
from importer.jobfile.placeholders import fill, stem
from importer.jobfile.sections import (
    Alarms,
    Credentials,
    FileOrNone,
    Inbox,
    Log,
    Metrics,
    Notify,
    NumberOrShare,
    Seconds,
    Section,
)
from importer.jobs import Job
from importer.notation import next_time, parse_rate
from importer.rows import Environment
from importer.source.model import ReadOptions

Rate = Annotated[str, AfterValidator(must_be_rate)]
Texts = Annotated[tuple[str, ...], BeforeValidator(listed)]
TextOrNone = Annotated[str | None, BeforeValidator(nothing_if_empty)]
Source = Annotated[str | None, AfterValidator(absolute_place), BeforeValidator(nothing_if_empty)]
TimeOfDay = Annotated[str | None, AfterValidator(must_be_time_of_day), BeforeValidator(nothing_if_empty)]
WholeNumber = Annotated[int, Field(strict=True)]


def _unset() -> Any:
    """An empty table, so that the paths in it start at the folder of the file as well."""
    return {}


class JobFile(Section):
    """Everything a nightly import is told. Once it was read its paths are absolute.

    An empty text stands for nothing, and is None here; `source` is None as well with an `inbox`. The text
    below a key is what `importer job new` writes above it.
    """

    name: Annotated[str, AfterValidator(or_file_stem), Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9_.-]*)?$")] = (
        Field("", examples=["nightly"])
    )
    """By it the history, the lock and the metrics of the job are kept; the name of this file by default."""
    source: Source = Field(None, repr=False, examples=["in/customers-{date:%Y-%m-%d}.csv"])
    """The file to import: a path, one with a date or with * in it, or a URL like s3://...; or see [inbox]."""
    provider: TextOrNone = None
    """Whose customers the rows become: see importer providers."""
    environment: Environment = Environment.SANDBOX
    """sandbox, or live: the real thing."""
    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] = "default"
    """Label of the credentials: "acme" reads ACME_HITPAY_API_KEY."""
    base_url: str = Field("", examples=["https://..."])
    """Replaces the provider's address."""
    mapping: FileOrNone = Field(None, examples=["mapping.toml"])
    """Which column is which: a file that importer map writes. Without one it is found anew every night."""
    sheet: TextOrNone = Field(None, examples=["Customers"])
    """Which sheet of a workbook; the first one with a table by default."""
    header_row: Annotated[WholeNumber | None, Field(ge=1)] = Field(None, examples=[1])
    """The row with the headings, as shown in Excel; found by itself."""
    encoding: TextOrNone = Field(None, examples=["utf-8"])
    """Of a text file; found by itself."""
    delimiter: TextOrNone = Field(None, examples=[";"])
    """Of a text file, one character or "tab"; found by itself."""
    output: FileOrNone = Field(None, examples=["results/{name}-{date:%Y-%m-%d}.results.csv"])
    """Where the results go, .xlsx or .csv; beside the source by default. {name} is that of the source."""
    identity: Texts = Field((), examples=[["email"]])
    """Fields that make two rows one customer; the provider's own choice by default."""
    repair: Annotated[bool, Field(strict=True)] = False
    """Send damaged cells as what was probably meant."""
    ledger: Annotated[str, AfterValidator(absolute_ledger)] = Field(
        "", repr=False, examples=["sqlite:///ledger.sqlite3"]
    )
    """The record of what was sent; in the user's state folder by default. A password: in IMPORTER_LEDGER."""
    rate: Annotated[tuple[Rate, ...], BeforeValidator(listed)] = Field((), examples=[["25/s", "1000/min"]])
    """Requests per time, instead of the provider's limit."""
    concurrency: Annotated[WholeNumber | None, Field(ge=1)] = Field(None, examples=[8])
    """Requests under way at once; as many as the rate needs by default."""
    timeout: Annotated[float, Field(strict=True, gt=0)] = 40.0
    """Seconds for one request."""
    max_errors: Annotated[NumberOrShare | None, BeforeValidator(nothing_if_empty)] = Field(
        None, examples=["5%"]
    )
    """Stop when more rows than this, a number or a share, do not make it."""
    stop_by: TimeOfDay = Field(None, examples=["06:00"])
    """Take no new row from then on; the next night goes on."""
    limit: Annotated[WholeNumber | None, Field(ge=0)] = Field(None, examples=[1000])
    """Send at most so many rows a night."""
    settle_after: Seconds = 60.0
    """Seconds the provider gets to finish before "not found" counts."""

    constants: Annotated[Mapping[str, str], BeforeValidator(flat_texts)] = Field(
        {}, alias="set", repr=False, examples=[{"address.country": "SG"}]
    )
    """One value for every row; wins over a column."""
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
            base_url=self.opened_account(variables).base_url,
            mapping=self.mapping,
            constants=dict(self.constants),
            read=ReadOptions(
                self.sheet,
                self.header_row,
                self.encoding,
                "\t" if self.delimiter == "\\t" else self.delimiter,
            ),
            output=self.output_of(source, now),
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

    def output_of(self, source: Path, now: datetime) -> Path | None:
        """Where the results of a file go in the night of `now`; None for beside it."""
        return self.output and Path(fill(str(self.output), now, name=stem(source.name)))

    def opened_account(self, variables: Mapping[str, str] | None = None) -> Account:
        """The account that the job sends for. `variables` replace the environment.

        Raises:
            SettingsError: The provider is not said or none, or its address will not do.
        """
        return open_account(
            find_provider(self.provider or ""),
            self.environment,
            label=self.account,
            base_url=self.base_url,
            variables=variables,
        )
