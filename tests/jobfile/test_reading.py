"""A job file is read as a whole: what it says, and every fault in it by line."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from importer.errors import SettingsError
from importer.jobfile import Reaction, read_job_file
from importer.jobfile.faults import keys_of, sections
from importer.jobs import Job
from importer.rows import Environment, Limit

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = {"HITPAY_API_KEY": "k"}

WHOLE = """\
source = "in/customers-{date:%Y-%m-%d}.csv"
provider = "hitpay"
output = "out/{name}-{date:%d}.results.csv"
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

LEAST = 'source = "a.csv"\nprovider = "hitpay"\n'


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "nightly.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def refused(folder: Path, text: str, variables: dict[str, str] = KEY, **given: object) -> str:
    with pytest.raises(SettingsError) as caught:
        read_job_file(write(folder, text), variables=variables, given=given)
    return str(caught.value)


def lines_of(message: str) -> list[str]:
    return re.findall(r"line \d+, [\w.]+", message)


def job_of(folder: Path, text: str, source: Path, **given: object) -> Job:
    return read_job_file(write(folder, text), variables=KEY, given=given).job(source, NOW, variables=KEY)


# -- what it says


def test_file_says_what_the_options_say(tmp_path: Path) -> None:
    source = tmp_path / "in" / "customers.csv.gz"
    job = job_of(tmp_path, WHOLE, source)
    assert (job.source, job.provider, job.environment) == (source, "hitpay", Environment.SANDBOX)
    assert job.output == tmp_path / "out" / "customers-21.results.csv"
    assert job.limits == (Limit(25, 1), Limit(200, 60))
    assert (job.max_errors, job.account) == ("20", "default")
    assert job.constants == {"address.country": "SG", "address.state": "SG"}
    assert job.ledger == f"sqlite:///{tmp_path.as_posix()}/ledger.sqlite3"
    assert job.stop_at is not None
    assert job.stop_at > NOW.timestamp()


def test_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    file = read_job_file(write(tmp_path, WHOLE), variables=KEY)
    assert file.source == str(tmp_path / "in/customers-{date:%Y-%m-%d}.csv")
    assert file.credentials.env_file == tmp_path / ".env"
    assert file.name == "nightly"


def test_what_is_not_said_is_the_default(tmp_path: Path) -> None:
    file = read_job_file(write(tmp_path, LEAST), variables=KEY)
    assert file.alarms.no_file is Reaction.STOP
    assert (file.inbox, file.log.file, file.metrics.file) == (None, None, None)


@pytest.mark.parametrize(
    ("file_name", "name"),
    [("nightly.toml", "nightly"), (".new customers.toml", "new-customers"), ("é.toml", "job")],
)
def test_job_is_called_like_its_file_in_letters_that_any_system_takes(
    tmp_path: Path, file_name: str, name: str
) -> None:
    path = write(tmp_path, LEAST).rename(tmp_path / file_name)
    assert read_job_file(path, variables=KEY).name == name


def test_url_as_source_stays_as_it_is(tmp_path: Path) -> None:
    text = 'source = "s3://bucket/in/customers-{date}.csv"\nprovider = "hitpay"\n'
    assert read_job_file(write(tmp_path, text), variables=KEY).source == "s3://bucket/in/customers-{date}.csv"


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://db/ledger", "sqlite:////var/lib/l.sqlite3", "sqlite:///C:/l.sqlite3"]
)
def test_ledger_that_needs_no_folder_stays_as_it_is(tmp_path: Path, url: str) -> None:
    assert read_job_file(write(tmp_path, f'{LEAST}ledger = "{url}"\n'), variables=KEY).ledger == url


def test_ledger_may_be_in_a_variable_since_it_may_hold_a_password(tmp_path: Path) -> None:
    variables = {**KEY, "IMPORTER_LEDGER": "postgresql://ann:4711@db/ledger"}
    file = read_job_file(write(tmp_path, LEAST), variables=variables)
    assert file.ledger == variables["IMPORTER_LEDGER"]
    assert "4711" not in repr(file)


def test_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert read_job_file(path, variables=KEY).provider == "hitpay"


def test_mapping_names_the_provider_as_well(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('provider = "hitpay"\n[columns]\n"email" = "Mail"\n', encoding="utf-8")
    file = read_job_file(write(tmp_path, 'source = "a.csv"\nmapping = "m.toml"\n'), variables=KEY)
    assert (file.provider, file.mapping) == ("hitpay", tmp_path / "m.toml")


def test_job_decides_where_credentials_go_and_no_results_file_that_is_its_source(tmp_path: Path) -> None:
    """An empty address would be filled in from a results file, and so by whoever may write to the inbox."""
    assert job_of(tmp_path, LEAST, tmp_path / "a.csv").base_url == "https://api.sandbox.hit-pay.com"


# -- options typed beside it


def test_options_typed_beside_the_file_win_over_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    given = {
        "limit": 5,
        "output": Path("b.csv"),
        "ledger": "sqlite:///b.sqlite3",
        "set": {"address.state": "X"},
        "account": None,
    }
    job = job_of(tmp_path, f"limit = 9\n{WHOLE}", tmp_path / "a.csv", **given)
    assert job.limit == 5
    assert job.output == tmp_path / "elsewhere" / "b.csv"
    assert job.ledger == f"sqlite:///{(tmp_path / 'elsewhere').as_posix()}/b.sqlite3"
    assert job.constants == {"address.country": "SG", "address.state": "X"}
    assert job.limits == (Limit(25, 1), Limit(200, 60))


def test_source_typed_beside_the_file_takes_the_place_of_its_inbox(tmp_path: Path) -> None:
    path = write(tmp_path, 'provider = "hitpay"\n[inbox]\nfolder = "in"\n')
    file = read_job_file(path, variables=KEY, given={"source": Path("/data/a.csv")})
    assert (file.source, file.inbox) == ("/data/a.csv", None)


def test_fault_of_an_option_is_called_as_it_was_typed(tmp_path: Path) -> None:
    assert "--max-errors: takes a number of rows" in refused(tmp_path, LEAST, max_errors="many")


def test_constant_at_fault_is_blamed_where_it_stands(tmp_path: Path) -> None:
    told = refused(tmp_path, f'{LEAST}[set]\n"nmae" = "Ann"\n', set={"emial": "a@example.com"})
    assert "line 4, set.nmae: names no field" in told
    assert "--set emial: names no field" in told


def test_option_typed_may_mend_what_the_file_lacks(tmp_path: Path) -> None:
    path = write(tmp_path, 'source = "a.csv"\n')
    assert read_job_file(path, variables=KEY, given={"provider": "hitpay"}).provider == "hitpay"


# -- what is wrong


def test_every_fault_is_named_at_once_with_its_line(tmp_path: Path) -> None:
    told = refused(
        tmp_path,
        'source = "a.csv"\nprovidr = "hitpay"\ntimeout = "40"\nrate = "25/day"\n\n[alarms]\nsmaler = "off"\n'
        'invalid = "maybe"\n[metrics]\nfile = "metrics.txt"\n',
    )
    assert lines_of(told) == [
        "line 2, providr",
        "line 3, timeout",
        "line 4, rate",
        "line 7, alarms.smaler",
        "line 8, alarms.invalid",
        "line 10, metrics.file",
    ]
    assert 'Did you mean "provider"?' in told
    assert 'Did you mean "smaller"?' in told
    assert 'takes "stop", "tell" or "off"' in told


@pytest.mark.parametrize("key", [key for key in keys_of(()) if key not in (*sections(), "set")])
def test_every_key_is_known_again_with_a_slip(tmp_path: Path, key: str) -> None:
    slip = key[:-2] + key[-1] + key[-2] if len(set(key[-2:])) > 1 else key + key[-1]
    assert f'line 3, {slip}: is no key. Did you mean "{key}"?' in refused(tmp_path, f'{LEAST}{slip} = ""\n')


FOLDER = '[inbox]\nfolder = "in"\n'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("again = true\n", "line 3, again: would create everybody a second time"),
        ("yes = true\n", "line 3, yes: is not needed: a job never asks"),
        ('[inbox]\nfolder = "in"\n', "line 3, inbox: does not go with source"),
        ('stop_by = "6"\n', 'line 3, stop_by: takes a time of day in quotes, like "06:00"'),
        ("stop_by = 06:00:00\n", "line 3, stop_by: takes a text in quotes"),
        ('rate = ["25/s", "x"]\n', "line 3, rate: takes requests per time"),
        ("limit = -1\n", "line 3, limit: must be 0 or more"),
        ("limit = true\n", "line 3, limit: takes a whole number"),
        ("timeout = 0\n", "line 3, timeout: must be more than 0"),
        ('timeout = "40"\n', "line 3, timeout: takes a number, without quotes"),
        ('repair = "yes"\n', "line 3, repair: takes true or false"),
        ("identity = [1]\n", "line 3, identity: takes a text in quotes"),
        ('max_errors = "5 percent"\n', "line 3, max_errors: takes a number of rows or a share"),
        ('environment = "production"\n', 'line 3, environment: takes "sandbox" or "live"'),
        ('account = "acme corp"\n', "line 3, account: is made of letters"),
        ('name = "a/b"\n', "line 3, name: is made of letters"),
        ('name = ".."\n', "line 3, name: is made of letters"),
        ('delimiter = "||"\n', "line 3, delimiter: takes one character"),
        ('encoding = "utf-9"\n', "line 3, encoding: is none that is known"),
        ('encoding = "base64"\n', "line 3, encoding: is none that is known"),
        ('ledger = "sqlite:///:memory:"\n', "line 3, ledger: takes a URL like sqlite:///"),
        ('ledger = "ledger.sqlite3"\n', "line 3, ledger: takes a URL like sqlite:///"),
        ('output = "results.txt"\n', "line 3, output: must end in .xlsx or .csv"),
        ('output = "{nam}.csv"\n', "line 3, output: may hold {name}"),
        ('output = "s3://bucket/a.csv"\n', "line 3, output: takes a path on this machine"),
        ('identity = ["emial"]\n', 'line 3, identity: names no field: HitPay has no field'),
        ('mapping = "gone.toml"\n', "line 3, mapping: does not fit"),
        ('base_url = "http://example.com"\n', "line 3, base_url: The address"),
        ('[set]\naddress.contry = "SG"\n', "line 4, set.address.contry: names no field"),
        ('[set]\n"limit" = 5\n', "line 4, set.limit: names no field. It belongs above the first [table]"),
        ('[set]\na.b = "1"\n"a.b" = "2"\n', "line 3, set: has a.b twice"),
        ("[set]\nname = [1]\n", "line 4, set.name: takes a text in quotes"),
        ('[alarms]\nlimit = 5\n', "line 4, alarms.limit: is no key here. It belongs at the top"),
        ('smaller_than = "5%"\n', "line 3, smaller_than: is no key here. It belongs under [alarms]"),
        ('[alarms]\nsmaller_than = "0%"\n', 'line 4, alarms.smaller_than: takes a share, like "50%"'),
        ('[alarms]\nmax_invalid = ["20%", "few"]\n', "line 4, alarms.max_invalid: takes a number of rows"),
        ("[alarms]\nmax_invalid = []\n", "line 4, alarms.max_invalid: says nothing"),
        ('[metrics]\nfile = "m.txt"\n', "line 4, metrics.file: must end in .prom"),
        ('[log]\nfile = "gone/log.txt"\n', "line 4, log.file: is to be in the folder"),
        ('log = "log.txt"\n', "line 3, log: is a table: write [log]"),
        ('[notify]\nurls_from = "https://a.example.com/4711"\n', "line 4, notify.urls_from: takes the"),
        ('[notify]\non = ["failure"]\n', "line 3, notify.urls_from: names IMPORTER_NOTIFY_URLS"),
        ('[notify]\nurls_from = "HITPAY_API_KEY"\non = ["faliure"]\n', 'line 5, notify.on: takes "fail'),
    ],
)  # fmt: skip
def test_fault_is_named_with_its_line_its_key_and_what_is_wanted(
    tmp_path: Path, text: str, wanted: str
) -> None:
    told = refused(tmp_path, LEAST + text)
    assert f"nightly.toml, {wanted}" in told
    assert "4711" not in told


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "source: is missing"),
        ('source = "a{nam}.csv"\n', "line 2, source: may hold {date:%Y-%m-%d}"),
        (f'output = "r.csv"\n{FOLDER}', "line 2, output: is one file for the results of several"),
        ('source = "in/*.csv"\noutput = "r.csv"\n', "line 3, output: is one file for the results of several"),
        ('[inbox]\npattern = "*.csv"\n', "line 2, inbox.folder: is missing"),
        (f'{FOLDER}done = "in"\n', "line 4, inbox.done: is the inbox itself"),
        (f'{FOLDER}attention = "done"\n', "line 4, inbox.attention: is the same folder as done"),
        (f'{FOLDER}pattern = "in/*.csv"\n', "line 4, inbox.pattern: is for names of files"),
        (f'{FOLDER}ready_marker = "*.ready"\n', "line 4, inbox.ready_marker: takes the ending of a name"),
        (f'{FOLDER}quiet_for = 5\nready_marker = ".ok"\n', "line 4, inbox.quiet_for: does not go with"),
        ('[inbox]\nfolder = "sftp://host/in"\n', "line 3, inbox.folder: takes a path on this machine"),
    ],
)
def test_impossible_combination_is_named_with_its_line(tmp_path: Path, text: str, wanted: str) -> None:
    assert f"nightly.toml, {wanted}" in refused(tmp_path, f'provider = "hitpay"\n{text}')


@pytest.mark.parametrize("text", [f'{FOLDER}ready_marker = ".ok"\n', f'output = "r/{{name}}.csv"\n{FOLDER}'])
def test_possible_combination_is_taken(tmp_path: Path, text: str) -> None:
    assert read_job_file(write(tmp_path, f'provider = "hitpay"\n{text}'), variables=KEY).inbox is not None


def test_provider_that_is_none_is_answered_with_the_nearest(tmp_path: Path) -> None:
    told = refused(tmp_path, 'source = "a.csv"\nprovider = "hitpai"\n')
    assert 'line 2, provider: is none that is known. Did you mean "hitpay"?' in told


def test_address_that_nobody_publishes_is_asked_for(tmp_path: Path) -> None:
    told = refused(tmp_path, 'source = "a.csv"\nprovider = "yativo"\n', {"YATIVO_TOKEN": "t"})
    assert "base_url: Yativo publishes no clear address" in told


def test_missing_credentials_are_named_with_their_variables_and_the_line_that_wants_them(
    tmp_path: Path,
) -> None:
    told = refused(tmp_path, f'{LEAST}account = "acme"\n', KEY)
    assert "line 2, provider: The credentials for HitPay (sandbox) are missing. " in told
    assert "Set ACME_HITPAY_API_KEY" in told


def test_fault_that_follows_from_another_is_not_told(tmp_path: Path) -> None:
    told = refused(tmp_path, 'source = ["a.csv"]\nprovider = "hitpay"\naccount = "acme corp"\n', {})
    assert lines_of(told) == ["line 1, source", "line 3, account"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("source = a.csv\n", 1),
        ('source = "a.csv"\nprovider = \n', 2),
        ('source = "a.csv"\n\nsource = "b.csv"\n', 3),
        ("[alarms]\n[alarms]\n", 2),
        ('rate = ["1/s",\n', 0),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    told = refused(tmp_path, text)
    assert "no TOML" in told
    assert not line or f"nightly.toml, line {line}" in told


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff\xfe\x00", "no text in UTF-8"), (b"#" * 300_000, "too large")],
)
def test_what_is_no_job_file_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = write(tmp_path, "")
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=words):
        read_job_file(path)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        read_job_file(tmp_path / "gone.toml")


# -- who else may write or read it


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize(("mode", "who"), [(0o664, "its group"), (0o646, "everybody")])
def test_file_that_others_may_write_is_refused(tmp_path: Path, mode: int, who: str) -> None:
    with pytest.raises(SettingsError, match=f"{who} may write it.*chmod go-w"):
        read_job_file(write(tmp_path, LEAST, mode), variables=KEY)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_file_in_a_folder_where_anybody_may_replace_it_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST)
    tmp_path.chmod(0o777)
    with pytest.raises(SettingsError, match="everybody may put another file into its place"):
        read_job_file(path, variables=KEY)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_password_is_kept_in_no_job_file_that_others_may_read(tmp_path: Path) -> None:
    text = 'source = "sftp://ann:4711@host/a.csv"\nprovider = "hitpay"\n'
    text += 'ledger = "postgresql://ann:4711@db/ledger"\n'
    with pytest.raises(SettingsError) as caught:
        read_job_file(write(tmp_path, text, 0o644), variables=KEY)
    assert "line 1, source: holds a password that everybody may read" in str(caught.value)
    assert "line 3, ledger: holds a password that everybody may read" in str(caught.value)
    assert "4711" not in str(caught.value)
    file = read_job_file(write(tmp_path, text, 0o600), variables=KEY)
    assert file.ledger.endswith("@db/ledger")
    assert "4711" not in repr(file)
