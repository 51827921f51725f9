"""A job file is read as a whole: what it says, and every fault in it by line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from importer.errors import SettingsError
from importer.jobfile import JobFile, Reaction, read_job_file
from importer.rows import Environment, Limit

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

WHOLE = """\
source = "in/customers-{date:%Y-%m-%d}.csv"
provider = "hitpay"
output = "out/{name}.results.csv"
rate = ["25/s", "200/min"]
max_errors = 20
stop_by = "06:00"
ledger = "sqlite:///ledger.sqlite3"

[set]
"address.country" = "SG"
address.state = "SG"

[alarms]
smaller = "off"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "nightly.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read_job_file(write(folder, text))
    return str(caught.value)


def test_file_says_what_the_options_say(tmp_path: Path) -> None:
    file = read_job_file(write(tmp_path, WHOLE))
    source = tmp_path / "in" / "customers-2026-11-21.csv"
    job = file.job(source, NOW)
    assert (job.source, job.provider, job.environment) == (source, "hitpay", Environment.SANDBOX)
    assert job.output == tmp_path / "out" / "customers-2026-11-21.results.csv"
    assert job.limits == (Limit(25, 1), Limit(200, 60))
    assert (job.max_errors, job.account) == ("20", "default")
    assert job.constants == {"address.country": "SG", "address.state": "SG"}
    assert job.ledger == f"sqlite:///{tmp_path}/ledger.sqlite3"
    assert job.stop_at is not None
    assert job.stop_at > NOW.timestamp()


def test_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    file = read_job_file(write(tmp_path, WHOLE))
    assert file.source == str(tmp_path / "in/customers-{date:%Y-%m-%d}.csv")
    assert file.credentials.env_file == tmp_path / ".env"
    assert file.name == "nightly"


def test_what_is_not_said_is_the_default(tmp_path: Path) -> None:
    file = read_job_file(write(tmp_path, 'source = "a.csv"\nprovider = "hitpay"\n'))
    assert file.alarms.no_file is Reaction.STOP
    assert (file.inbox, file.log.file, file.metrics.file) == (None, None, None)


def test_every_fault_is_named_at_once_with_its_line(tmp_path: Path) -> None:
    told = refused(
        tmp_path,
        'source = "a.csv"\nprovidr = "hitpay"\ntimeout = "40"\nrate = "25/day"\n\n[alarms]\nsmaler = "off"\n',
    )
    assert [line.strip().partition(":")[0] for line in told.splitlines()[1:]] == [
        "line 2, providr",
        "line 3, timeout",
        "line 4, rate",
        "line 7, alarms.smaler",
    ]
    assert 'Did you mean "provider"?' in told
    assert 'Did you mean "smaller"?' in told


def test_default_model_needs_no_file() -> None:
    assert JobFile().environment is Environment.SANDBOX
