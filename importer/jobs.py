"""Everything an import can be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from importer.rows import Environment, Limit
from importer.source.model import ReadOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Everything an import can be told. What is None comes from a results file as source, or by default.

    `constants` maps fields to a text for every row and wins over a column. `identity` are the fields that
    make two rows one customer, empty for the provider's own choice. `ledger` is a SQLAlchemy URL, "" for
    the one of this machine. `limits` replace the provider's. `timeout` and `settle_after` are seconds;
    `max_errors` is a number of rows or ("5%") a share of them; `stop_at` is Unix time; `limit` is the
    number of rows sent at most; `repair` sends damaged cells as what was probably meant; `name` is that of
    the job file it comes from, "" for none; `command` is what carries out its results file, which is to be
    put behind it. `corrections` is a file of corrected cells, see `importer.corrections`; `remembered` one in
    which runs keep which rows of this very source they sent, so that these are not sent as other customers
    once columns, repairs or corrections are others, and what they created stays `created` in those that
    follow; `called` is what people call the source where its file has another name; with `own_address`
    another address that the source carries is refused, since credentials would go there.
    """

    source: Path
    provider: str | None = None
    environment: Environment | None = None
    account: str | None = None
    base_url: str = ""
    mapping: Path | None = None
    constants: Mapping[str, str] = field(default_factory=dict, repr=False)
    read: ReadOptions = field(default_factory=ReadOptions)
    output: Path | None = None
    identity: tuple[str, ...] = ()
    ledger: str = ""
    limits: tuple[Limit, ...] = ()
    concurrency: int | None = None
    timeout: float = 40.0
    max_errors: str = ""
    stop_at: float | None = None
    limit: int | None = None
    settle_after: float = 60.0
    again: bool = False
    repair: bool | None = None
    corrections: Path | None = None
    remembered: Path | None = None
    called: str = ""
    own_address: bool = False
    name: str = ""
    command: str = "importer run"
