"""A night tells many: a log, metrics, a ledger, people. None of them gets a cell or a secret."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from importer.simulator import Settings, running_simulator
from importer.simulator.faults import Fault, Faults, ForCustomer
from tests.cli_support import Ended, Shell
from tests.secrecy.parrot import parrot
from tests.secrecy.people import SECRETS, SPOKEN, person
from tests.secrecy.searching import Written, spellings_of_cells, spellings_of_secrets
from tests.telling.receivers import Webhook, webhook

PASSWORD = "Nf6+wTcJ9/uHbX3"
JOB = """
name = "nightly"
source = "customers.csv"
provider = "hitpay"
base_url = "{url}"
rate = ["10000/s"]
settle_after = 0.0
[log]
file = "night.log"
format = "json"
[metrics]
file = "nightly.prom"
[alarms]
invalid = "{invalid}"
max_invalid = [1]
"""


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with running_simulator(Settings(limits=False)) as simulator:
        (tmp_path / "work").mkdir()
        (tmp_path / "tmp").mkdir()
        yield Shell(tmp_path / "work", simulator)


def night(
    shell: Shell,
    url: str,
    told: Webhook,
    *options: str,
    invalid: str = "tell",
    credentials: Mapping[str, str] = SECRETS,
) -> Ended:
    """One night, as a timer starts it; the credentials are in a file beside the job."""
    job = shell.folder / "nightly.toml"
    job.write_text(JOB.format(url=url, invalid=invalid), encoding="utf-8")
    address = f"json://user:{quote(PASSWORD, safe='')}@127.0.0.1:{told.port}/hook"
    secrets = {**credentials, "IMPORTER_NOTIFY_URLS": address}
    hidden = shell.folder / ".env"
    hidden.write_text("".join(f"{name}='{value}'\n" for name, value in secrets.items()), encoding="utf-8")
    hidden.chmod(0o600)
    job.chmod(0o600)
    variables = {"TMPDIR": str(shell.folder.parent / "tmp"), "XDG_STATE_HOME": str(shell.folder / "state")}
    return shell.importer("run", "--job", job, "-v", *options, variables=variables, bare=True)


def check(shell: Shell) -> Ended:
    """What looks the job over that has just run."""
    return shell.importer("job", "check", shell.folder / "nightly.toml", "-v", bare=True)


def searched(
    shell: Shell,
    told: Webhook,
    rows: list[dict[str, str]],
    secrets: Mapping[str, str],
    said: Mapping[str, Ended],
) -> None:
    written = Written()
    for name, done in said.items():
        written.ended(name, done)
    sheets = list(shell.folder.rglob("*.csv"))
    written.folder(shell.folder, but=[*sheets, shell.folder / ".env"])
    written.folder(shell.folder.parent / "tmp")
    for number, body in enumerate(told.bodies):
        written.add(f"notification {number}", body)
    for part in ("night.log", "nightly.prom", "ledger.sqlite3", "notification 0"):
        assert any(part in place for place in written.places), part
    assert written.holding(spellings_of_cells(rows, SPOKEN)) == {}
    for sheet in sheets:
        written.add(sheet.name, sheet.read_bytes())
    assert written.holding(spellings_of_secrets([*secrets.values(), PASSWORD])) == {}


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["line", "json"])
def test_night_at_a_provider_that_quotes_all_it_was_sent(shell: Shell, options: tuple[str, ...]) -> None:
    rows = [person("hitpay", number) for number in range(8)]
    shell.write("customers.csv", rows)
    with webhook() as told, parrot([400, 422, 200, 500, 409, 302], then=401) as server:
        done = night(shell, server.url, told, *options)
        assert server.requests, done.err
        checked = check(shell)
    assert (done.exit_code, checked.exit_code) == (3, 2)
    assert "refused the account" in checked.err
    assert "refused the account" in told.documents[0]["message"]
    searched(shell, told, rows, SECRETS, {"night": done, "check": checked})


def test_nights_with_alarms_and_faults_of_every_kind(shell: Shell) -> None:
    rows = [person("hitpay", number) for number in range(10)]
    kinds = (Fault.SERVER_ERROR, Fault.GARBLED, Fault.CUT_AFTER, Fault.NO_ID, Fault.REJECTED_AFTER)
    by_email = {row["Email"]: ForCustomer(kind, 1) for row, kind in zip(rows, kinds, strict=False)}
    rows[8]["Email"], rows[9]["Phone"] = "no-address-kestrel-8", "9.87613E+11"
    rows[7] = dict(rows[6])
    sheet = shell.write("customers.csv", rows)
    whole = sheet.read_text(encoding="utf-8")
    customers = whole.partition("\n")[2]
    faults = {"hitpay": Faults(by_email=by_email)}
    with webhook() as told, running_simulator(Settings(limits=False, faults=faults)) as there:
        secrets = {"HITPAY_API_KEY": there.environment()["HITPAY_API_KEY"]}

        def one(*options: str, invalid: str = "tell") -> Ended:
            url = there.base_url("hitpay")
            return night(shell, url, told, *options, invalid=invalid, credentials=secrets)

        said = {"faults": one(), "again": one("--json"), "too many invalid": one(invalid="stop")}
        sheet.write_text(customers, encoding="utf-8")
        said |= {"no headings": one(), "a customer as headings": one("--header-row", "2")}
        sheet.write_text(f"Namn,Mejl,Telefon,Om\n{customers}", encoding="utf-8")
        said["other headings"] = one()
        sheet.write_text(whole.partition("\n")[0], encoding="utf-8")
        said["empty"] = one()
        sheet.unlink()
        said["no file"] = one()
    assert [done.exit_code for done in said.values()] == [1, 1, 14, 2, 2, 15, 11, 10]
    searched(shell, told, rows, secrets, said)


@pytest.mark.parametrize(
    "line",
    [
        f'ledger = "postgresql+psycopg://me:{PASSWORD}@127.0.0.1:1/ledger"',
        f'ledger = "mysql://me:{PASSWORD}@127.0.0.1:1/ledger"',
        f'base_url = "https://me:{PASSWORD}@example.com"',
        f'source = "sftp://me:{PASSWORD}@127.0.0.1:1/customers.csv"',
        f'source = "nowhere://me:{PASSWORD}@127.0.0.1:1/customers.csv"',
    ],
    ids=["ledger", "strange ledger", "address", "source", "strange source"],
)
def test_address_with_a_password_in_the_job_file_is_never_shown(shell: Shell, line: str) -> None:
    key = line.partition(" ")[0]
    lines = ['provider = "hitpay"', 'source = "customers.csv"', 'base_url = "https://example.com"', "[log]"]
    kept = [each for each in lines if not each.startswith(key)]
    job = shell.folder / "nightly.toml"
    job.write_text("\n".join([line, *kept, 'file = "night.log"']), encoding="utf-8")
    job.chmod(0o600)
    shell.write("customers.csv", [person("hitpay", 1)])
    written = Written()
    variables = {**SECRETS, "TMPDIR": str(shell.folder.parent / "tmp")}
    for words in (("job", "check", job, "--offline"), ("job", "check", job, "--json"), ("run", "--job", job)):
        done = shell.importer(*words, "-v", variables=variables)
        written.ended(" ".join(map(str, words[:2])) + words[-1].__class__.__name__, done)
        assert done.exit_code or "--offline" in words, done
    written.folder(shell.folder, but=[job])
    assert written.holding(spellings_of_secrets([*SECRETS.values(), PASSWORD])) == {}
