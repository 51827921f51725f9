"""The job file: what an unattended import is told, read and checked as a whole."""

from importer.jobfile.model import JobFile
from importer.jobfile.placeholders import fill
from importer.jobfile.reading import Reading, examine, read_job_file
from importer.jobfile.sections import (
    Alarms,
    Credentials,
    Event,
    Inbox,
    Log,
    LogFormat,
    Metrics,
    Notify,
    Reaction,
)
from importer.jobfile.variables import job_variables
from importer.secretfiles import Exposed, read_secret

__all__ = [
    "Alarms",
    "Credentials",
    "Event",
    "Exposed",
    "Inbox",
    "JobFile",
    "Log",
    "LogFormat",
    "Metrics",
    "Notify",
    "Reaction",
    "Reading",
    "examine",
    "fill",
    "job_variables",
    "read_job_file",
    "read_secret",
]
