"""Whatever the program is made to write, no secret is in it, and but for the sheet itself no cell."""

import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from importer.providers import PROVIDERS
from importer.simulator import Settings, running_simulator
from importer.simulator.faults import Fault, Faults, ForCustomer
from tests.cli_support import Ended, Shell, until
from tests.secrecy.parrot import parrot
from tests.secrecy.people import SECRETS, SPOKEN, TOKENS, person
from tests.secrecy.searching import Written, spellings_of_cells, spellings_of_secrets


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with running_simulator(Settings(limits=False)) as simulator:
        (tmp_path / "work").mkdir()
        (tmp_path / "tmp").mkdir()
        yield Shell(tmp_path / "work", simulator)


def surroundings(shell: Shell) -> dict[str, str]:
    """A log of its own and a folder for temporary files, both of which are searched."""
    return {
        "IMPORTER_LOG": str(shell.folder / "import.log"),
        "IMPORTER_LOG_FORMAT": "json",
        "TMPDIR": str(shell.folder.parent / "tmp"),
        "IMPORTER_NOTIFY_URLS": "json://127.0.0.1:1",
    }


def searched(shell: Shell, said: Mapping[str, Ended], rows: list[dict[str, str]], **secrets: str) -> Written:
    """Nothing leaked into what was said, the log, the ledger and what is left in any folder."""
    written = Written()
    for name, done in said.items():
        written.ended(name, done)
    sheets = {path for path in shell.folder.rglob("*") if path.suffix in (".csv", ".xlsx")}
    written.folder(shell.folder, but=sheets)
    written.folder(shell.folder.parent / "tmp")
    assert any("import.log" in place for place in written.places)
    assert any("ledger.sqlite3" in place for place in written.places)
    assert written.holding(spellings_of_cells(rows, SPOKEN)) == {}
    for sheet in sheets:
        written.add(sheet.name, sheet.read_bytes())
    assert written.holding(spellings_of_secrets(secrets.values())) == {}
    return written


@pytest.mark.parametrize(
    ("provider", "tokens"),
    [*((name, {}) for name in PROVIDERS), ("yativo", TOKENS), ("krezypay", TOKENS)],
    ids=lambda value: value if isinstance(value, str) else "token" if value else "",
)
def test_provider_that_quotes_all_it_was_sent_puts_none_of_it_anywhere(
    shell: Shell, provider: str, tokens: dict[str, str]
) -> None:
    rows = [person(provider, number) for number in range(8)]
    sheet = shell.write("customers.csv", rows)
    variables = SECRETS | tokens | surroundings(shell) | {"IMPORTER_VERBOSE": "1"}
    if tokens:
        variables |= dict.fromkeys(SECRETS, "")
    said = {}
    with parrot([400, 422, 200, 500, 409, 302], then=401) as server:
        told = ("--base-url", server.url, "-v", "--rate", "10000/s", "--settle-after", "0")
        said["run"] = shell.importer("run", sheet, "-p", provider, *told, variables=variables)
        said["again"] = shell.importer("run", sheet, "-p", provider, *told, "--json", variables=variables)
        assert server.requests, said["run"].err + said["run"].out
    assert {done.exit_code for done in said.values()} == {3}
    said["runs"] = shell.importer("runs", "--json", variables=variables)
    written = searched(shell, said, rows, **(tokens or SECRETS))
    assert "refused" in said["run"].out
    assert len(written.places) > 5


def faulty(provider: str) -> tuple[list[dict[str, str]], Faults]:
    """Rows and faults of every kind."""
    rows = [person(provider, number) for number in range(14)]
    kinds = (
        Fault.SERVER_ERROR, Fault.GARBLED, Fault.CUT_AFTER, Fault.CUT_BODY, Fault.NO_ID, Fault.REDIRECT,
        Fault.REJECTED_AFTER,
    )  # fmt: skip
    by_email = {row["Email"]: ForCustomer(kind, 1) for row, kind in zip(rows[1:], kinds, strict=False)}
    rows[9]["Email"] = "no-address-kestrel-9"
    rows[10]["Phone"] = "9.87613E+11"
    rows[11]["Name"] = "ZoÃ« Vexbrook-11x"
    rows[12]["Phone"] = "+1 202 55"
    rows[13] = dict(rows[0])
    return rows, Faults(by_email=by_email)


def test_commands_put_neither_cells_nor_secrets_anywhere(shell: Shell) -> None:
    rows, faults = faulty("hitpay")
    with running_simulator(Settings(limits=False, faults={"hitpay": faults})) as simulator:
        shell.simulator = simulator
        secrets = simulator.environment() | {"IMPORTER_NOTIFY_URLS": "json://user:Vq8+zKmW2@127.0.0.1:1"}
        sheet = shell.write("customers.csv", rows)
        at = ("-p", "hitpay", "--base-url", simulator.base_url("hitpay"), "-v")
        send = ("--rate", "10000/s", "--settle-after", "0")
        results = shell.folder / "customers.results.csv"
        commands: dict[str, tuple[object, ...]] = {
            "check": ("check", sheet, *at),
            "check as JSON": ("check", sheet, *at, "--json", "--repair"),
            "report": ("check", sheet, *at, "-o", "report.xlsx", "--faults-first"),
            "comparison": ("check", sheet, "--all-providers", "--json", "-v"),
            "map": ("map", sheet, "-p", "hitpay", "-v", "--json"),
            "map to a file": ("map", sheet, "-p", "hitpay", "-o", "mapping.toml", "-v"),
            "run": ("run", sheet, *at, *send, "-m", "mapping.toml"),
            "results again": ("run", results, *send, "--json", "-v"),
            "workbook": ("run", sheet, *at, *send, "-o", "customers.results.xlsx", "--log-format", "text"),
            "settle": ("settle", results, "--settle-after", "0", "-v"),
            "runs": ("runs", "-v"),
            "runs as JSON": ("runs", "--json"),
            "template": ("template", "-p", "hitpay", "-v"),
            "providers": ("providers", "hitpay", "-v"),
        }
        variables = surroundings(shell) | secrets
        said = {name: shell.importer(*words, variables=variables) for name, words in commands.items()}
        (newest, *_) = said["runs as JSON"].json["runs"]
        for words in (("runs", newest["id"], "-v"), ("runs", newest["id"], "--json")):
            said[" ".join(words)] = shell.importer(*words, variables=variables)
    assert said["run"].exit_code == 1, said["run"].err
    hidden = {name: secrets[name] for name in ("HITPAY_API_KEY", "IMPORTER_NOTIFY_URLS")}
    searched(shell, said, rows, **hidden)


def test_record_of_a_person_names_rows_and_not_people(shell: Shell) -> None:
    rows = [person("krezypay", number) for number in range(2)]
    faults = Faults(by_email={row["Email"]: ForCustomer(Fault.CUT_BEFORE) for row in rows})
    with running_simulator(Settings(limits=False, faults={"krezypay": faults})) as simulator:
        shell.simulator = simulator
        sheet = shell.write("customers.csv", rows)
        variables = surroundings(shell)
        said = {"run": shell.run(sheet, provider="krezypay", **variables)}
        results = shell.folder / "customers.results.csv"
        found = ("--rows", "2", "--assume", "created=cus_1")
        said["settle"] = shell.importer("settle", results, *found, variables=variables)
    assert "Recorded as created as cus_1: row 2." in said["settle"].out
    searched(shell, said, rows, **simulator.environment())


@pytest.mark.parametrize(
    "words",
    [
        ("run", "customers.csv", "-p", "hitpay", "--base-url", "https://me:Wd7+pRzKq9@example.com", "-v"),
        ("runs", "--ledger", "postgresql+psycopg://me:Wd7+pRzKq9@127.0.0.1:1/ledger", "-v"),
        ("runs", "--ledger", "mysql://me:Wd7+pRzKq9@127.0.0.1:1/ledger", "-v"),
        ("run", "customers.csv", "-p", "nobody", "-v"),
        ("run", "customers.csv", "-p", "hitpay", "--header-row", "3", "-v"),
        ("check", "customers.csv", "-p", "krezypay", "-v"),
        ("check", "broken.xlsx", "-p", "hitpay", "-v"),
        ("check", "customers.csv", "-p", "hitpay", "--encoding", "utf-16", "-v"),
        ("run", "customers.csv", "-p", "hitpay", "--set", "nothing", "-v"),
        ("run", "customers.csv", "-p", "hitpay", "--identity", "shoe_size", "-v"),
        ("run", "customers.csv", "-p", "hitpay", "-m", "customers.csv", "-v"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_command_that_fails_shows_neither(shell: Shell, words: tuple[str, ...]) -> None:
    rows = [person("hitpay", number) for number in range(4)]
    sheet = shell.write("customers.csv", rows)
    (shell.folder / "broken.xlsx").write_bytes(b"PK\x03\x04" + sheet.read_bytes())
    variables = surroundings(shell) | SECRETS
    done = shell.importer(*words, variables=variables)
    assert done.exit_code == 2 or "postgresql" in " ".join(words)
    written = Written()
    written.ended(" ".join(words[:2]), done)
    written.folder(shell.folder.parent / "tmp")
    assert written.holding(spellings_of_cells(rows, SPOKEN)) == {}
    assert written.holding(spellings_of_secrets([*SECRETS.values(), "Wd7+pRzKq9"])) == {}


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_run_that_is_ended_leaves_nothing_behind(shell: Shell, number: signal.Signals) -> None:
    rows = [person("hitpay", each) for each in range(40)]
    with running_simulator(Settings(limits=False, latency=0.05)) as simulator:
        shell.simulator = simulator
        sheet = shell.write("customers.csv", rows)
        at = ("-p", "hitpay", "--base-url", simulator.base_url("hitpay"), "-v", "--concurrency", "2")
        process = shell.start("run", sheet, *at, "--rate", "1000/s", variables=surroundings(shell))
        until(lambda: bool(simulator.customers("hitpay")))
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}.get(number, -9)
    searched(shell, {"run": Ended(0, out, err)}, rows, **simulator.environment())
