"""The job file: what an unattended import is told, read and checked as a whole."""

from importer.jobfile.model import (
    Alarms,
    Credentials,
    Event,
    Inbox,
    JobFile,
    Log,
    LogFormat,
    Metrics,
    Notify,
    Reaction,
)
from importer.jobfile.reading import read_job_file
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
    "read_job_file",
    "read_secret",
]
