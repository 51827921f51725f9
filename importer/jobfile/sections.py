"""The tables of a job file. The text below a key is what `importer job new` writes above it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from importer.jobfile.forms import (
    absolute,
    listed,
    must_be_share,
    must_be_variable,
    must_not_be_empty,
    nothing_if_empty,
    number_or_share,
)
from importer.secretfiles import Exposed

File = Annotated[Path, AfterValidator(absolute), BeforeValidator(must_not_be_empty)]
FileOrNone = Annotated[File | None, BeforeValidator(nothing_if_empty)]
Seconds = Annotated[float, Field(strict=True, ge=0)]
NumberOrShare = Annotated[str, BeforeValidator(number_or_share)]


class Section(BaseModel):
    """A table of the file. Unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, use_attribute_docstrings=True
    )


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
    """Instead of source: a folder whose files are each claimed, imported, and moved with their results."""

    folder: File = Field(examples=["inbox"])
    """Where the files arrive. It and the two below must be on one disk."""
    pattern: str = Field("*", min_length=1)
    """Which names are meant."""
    done: File = Path("done")
    """Where files go of which every row is done."""
    attention: File = Path("attention")
    """Where files go at which a person has to look."""
    quiet_for: Seconds = 30.0
    """Seconds that a file must not have changed, in size or time, until it counts as whole."""
    ready_marker: str = Field("", examples=[".ready"])
    """Instead of waiting: customers.csv is whole once there is a customers.csv.ready beside it."""


class Alarms(Section):
    """Each is "stop" (own exit status, nothing is sent), "tell" (goes on, but notifies) or "off"."""

    no_file: Reaction = Reaction.STOP
    """There is no file. Exit status 10."""
    empty: Reaction = Reaction.STOP
    """The file has no row at all. Exit status 11."""
    smaller: Reaction = Reaction.STOP
    """The file has fewer rows than the share below of what is usual. Exit status 12."""
    smaller_than: Annotated[str, AfterValidator(must_be_share)] = "50%"
    """Of the median of the last seven nights that went well."""
    same_file: Reaction = Reaction.TELL
    """An earlier night imported the very same content. Exit status 13."""
    invalid: Reaction = Reaction.STOP
    """More rows are invalid than allowed below. Exit status 14."""
    max_invalid: Annotated[tuple[NumberOrShare, ...], BeforeValidator(listed)] = ("20%",)
    """Numbers of rows and shares of them, like ["100", "20%"]: any one of them is enough."""
    columns: Reaction = Reaction.STOP
    """Headings were added, are gone or have other names than last time. Exit status 15."""
    busy: Reaction = Reaction.STOP
    """Another night of this job is still running. Exit status 16; 0 where it is "off"."""


class Notify(Section):
    """Messages to people: e-mail, Slack, webhooks and whatever else apprise reaches."""

    urls_from: Annotated[str, AfterValidator(must_be_variable)] = "IMPORTER_NOTIFY_URLS"
    """The variable, or credential, that holds apprise's URLs, one a line: they hold secrets."""
    on: tuple[Event, ...] = tuple(Event)
    """When: a failure, and a night that is degraded, every night anew; a recovery once."""


class Log(Section):
    """A line for each row and one for the run, without anything of the people in the sheet."""

    file: FileOrNone = Field(None, examples=["nightly.log"])
    """Where there is none, standard error gets a line for the run, and none for a row."""
    format: LogFormat = LogFormat.TEXT
    """text, or json with one object a line."""


class Metrics(Section):
    """Numbers of the last night for Prometheus."""

    file: FileOrNone = Field(None, examples=["/var/lib/node_exporter/textfile/importer.prom"])
    """A .prom file in the folder of the node exporter's text file collector."""


class Credentials(Section):
    """Where else the provider's credentials may be than in the environment or systemd's credentials."""

    env_file: FileOrNone = Path(".env")
    """A file of NAME=value lines, for development; used if it is there, and last of all."""
    exposed: Exposed = Exposed.REFUSE
    """A secret in a file that others may read: "refuse", or in a container where nobody else is, "tell"."""
