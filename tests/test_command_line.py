"""The real command: what it exits with, what it prints where, and what it leaves behind."""

import itertools
import json
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from importer.cli import main
from importer.rows import Status
from importer.simulator import Fault, Faults, ForCustomer, Settings, Simulator, running_simulator
from tests.cli_support import COMMAND, Ended, Shell, results_of, statuses
from tests.support import person

SECRET = "sk_live_must_never_be_seen"


@pytest.fixture(scope="session")
def simulators() -> Iterator[Simulator]:
    """The one simulator of all these tests, without limits."""
    with running_simulator(Settings(limits=False)) as simulator:
        yield simulator


@pytest.fixture
def shell(simulators: Simulator, tmp_path: Path) -> Shell:
    """A new folder, and a simulator that has forgotten everything."""
    simulators.reset()
    return Shell(tmp_path, simulators)


def people(*numbers: int, provider: str = "hitpay") -> list[dict[str, str]]:
    """Rows of made-up customers."""
    return [person(provider, number) for number in numbers]


def emails(simulator: Simulator, provider: str = "hitpay") -> list[str]:
    """Who arrived, in order."""
    return [customer.body["email"] for customer in simulator.customers(provider)]


def correct(results: Path, wrong: str, right: str) -> None:
    """Type another text into a CSV that we wrote."""
    text = results.read_text(encoding="utf-8-sig")
    assert text.count(wrong) == 1
    results.write_text(text.replace(wrong, right), encoding="utf-8-sig")


# ------------------------------------------------------------------------------- exit codes and the summary


def test_everything_created_exits_0_and_the_same_command_again_sends_nothing(shell: Shell) -> None:
    source = shell.write("customers.csv", people(1, 2, 3))
    first = shell.run(source)
    assert (first.exit_code, first.counts) == (0, {"created": 3})
    again = shell.run(source)
    assert (again.exit_code, again.counts) == (0, {"exists": 3})
    assert shell.simulator.counts("hitpay").requests == 3


def test_json_is_one_object_with_these_keys_and_everything_else_is_on_standard_error(shell: Shell) -> None:
    source = shell.write(
        "customers.csv", [*people(1, 2, 2), *people(3), {**person("hitpay", 4), "Phone": "12"}]
    )
    ended = shell.run(source)
    assert ended.out.count("\n") == 1
    summary = ended.json
    assert summary["run"]
    assert summary["provider"] == "hitpay"
    assert summary["environment"] == "sandbox"
    assert Path(summary["source"]) == source
    assert Path(summary["output"]) == shell.folder / "customers.results.csv"
    every = dict.fromkeys(map(str, Status), 0)
    assert summary["counts"] == every | {"created": 3, "duplicate": 1, "invalid": 1}
    assert summary["exit_code"] == ended.exit_code == 1
    assert summary["seconds"] > 0
    assert "5 rows" in ended.err  # the plan
    assert "To go on: " in ended.err


def test_rows_that_did_not_make_it_exit_1_and_the_last_line_says_how_to_go_on(shell: Shell) -> None:
    source = shell.write("customers.csv", [*people(1), {**person("hitpay", 2), "Email": "nobody"}])
    told = ("run", source, "-p", "hitpay", "--base-url", shell.simulator.base_url("hitpay"))
    ended = shell.importer(*told)
    results = shell.folder / "customers.results.csv"
    assert ended.exit_code == 1
    assert "1 created, 1 invalid" in ended.out
    assert ended.out.splitlines()[-1].endswith(f"importer run {results}")
    assert ended.err == ""
    assert statuses(results) == ["created", "invalid"]


def test_refused_account_exits_3_and_leaves_the_rest_not_sent(shell: Shell) -> None:
    source = shell.write("customers.csv", people(*range(20)))
    ended = shell.run(source, "--concurrency", 64, HITPAY_API_KEY="wrong")
    assert (ended.exit_code, ended.json["exit_code"]) == (3, 3)
    assert ended.counts == {"failed": 1, "not_sent": 19}
    assert shell.simulator.counts("hitpay").requests == 1
    results = shell.folder / "customers.results.csv"
    assert statuses(results) == ["failed", *["not_sent"] * 19]
    assert shell.go_on(results).counts == {"created": 20}


# ----------------------------------------------------------------------------- what stops it before it starts

FILES: Mapping[str, bytes] = {
    "good.csv": b"Name,Email,Phone\nAnn,ann@example.com,+1 202 555 0101\n",
    "empty.csv": b"",
    "headings.csv": b"Name,Email,Phone\n",
    "no_phone.csv": b"Name,Email\nAnn,ann@example.com\n",
    "two_phones.csv": b"Name,Email,Mobile,Tel\nAnn,ann@example.com,+12025550101,+12025550102\n",
    "broken.xlsx": b"PK\x03\x04 this is not a workbook",
    "letter.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
    "other.toml": b'provider = "rapyd"\n[columns]\nname = "Name"\n',
    "broken.toml": b"[columns\n",
}
GOOD = ("run", "good.csv", "-p", "hitpay", "--base-url", "{url}")

REFUSED: Mapping[str, tuple[Sequence[str], str]] = {
    "no source": (("run", "-p", "hitpay"), "SOURCE"),
    "no such file": (("run", "nowhere.csv", "-p", "hitpay"), "nowhere.csv"),
    "a folder": (("run", ".", "-p", "hitpay"), "folder"),
    "empty file": (("run", "empty.csv", "-p", "hitpay"), "empty.csv"),
    "headings alone": (("run", "headings.csv", "-p", "hitpay"), "headings"),
    "broken workbook": (("run", "broken.xlsx", "-p", "hitpay"), "broken.xlsx"),
    "no spreadsheet": (("run", "letter.pdf", "-p", "hitpay"), "letter.pdf"),
    "missing column": (("run", "no_phone.csv", "-p", "hitpay"), '"Phone"'),
    "ambiguous columns": (("run", "two_phones.csv", "-p", "hitpay"), '"Tel"'),
    "no provider": (("run", "good.csv"), "-p"),
    "unknown provider": (("run", "good.csv", "-p", "stripe"), "hitpay"),
    "unknown option": ((*GOOD, "--frobnicate"), "--frobnicate"),
    "unknown command": (("rum", "good.csv"), "rum"),
    "unknown environment": ((*GOOD, "--environment", "moon"), "sandbox"),
    "no rate": ((*GOOD, "--rate", "fast"), "25/s"),
    "rate of nothing": ((*GOOD, "--rate", "0/s"), "25/s"),
    "set without a value": ((*GOOD, "--set", "gender"), "FIELD=VALUE"),
    "set of no field": ((*GOOD, "--set", "shoe_size=44"), "shoe_size"),
    "no time": ((*GOOD, "--stop-by", "25:00"), "06:00"),
    "no number of errors": ((*GOOD, "--max-errors", "many"), "5%"),
    "no concurrency": ((*GOOD, "--concurrency", "0"), "--concurrency"),
    "limit below zero": ((*GOOD, "--limit", "-1"), "--limit"),
    "no time-out": ((*GOOD, "--timeout", "soon"), "--timeout"),
    "identity of no field": ((*GOOD, "--identity", "shoe_size"), "shoe_size"),
    "no such mapping": ((*GOOD, "-m", "nowhere.toml"), "nowhere.toml"),
    "mapping of another": ((*GOOD, "-m", "other.toml"), "rapyd"),
    "broken mapping": ((*GOOD, "-m", "broken.toml"), "broken.toml"),
    "http to another host": ((*GOOD[:-1], "http://example.com"), "https"),
    "no address": ((*GOOD[:-1], "localhost"), "https://"),
    "address with a password": ((*GOOD[:-1], "https://ann:secret@example.com"), "--base-url"),
    "yativo sandbox": (("run", "good.csv", "-p", "yativo", "--set", "customer_country=US"), "--base-url"),
    "mapping that is there": (("map", "good.csv", "-p", "hitpay", "-o", "other.toml"), "other.toml exists"),
    "no such run": (("runs", "yesterday"), "importer runs"),
    "unknown suffix": ((*GOOD, "-o", "results.pdf"), ".xlsx or .csv"),
    "output is the source": ((*GOOD, "-o", "good.csv"), "source"),
    "output in no folder": ((*GOOD, "-o", "nowhere/results.csv"), "nowhere"),
    "no such encoding": ((*GOOD, "--encoding", "klingon"), "klingon"),
    "no such credential file": (GOOD, "HITPAY_API_KEY_FILE"),
    "no such heading row": ((*GOOD, "--header-row", "99"), "99"),
}  # fmt: skip


@pytest.fixture
def prepared(shell: Shell) -> Shell:
    """A folder with `FILES`. Should anything be sent after all, it goes to the simulator."""
    for name, content in FILES.items():
        (shell.folder / name).write_bytes(content)
    return shell


def asked(shell: Shell, case: str) -> list[str]:
    """The command of a case, with `--json`."""
    url = shell.simulator.base_url("hitpay")
    words = [text.format(url=url) for text in REFUSED[case][0]]
    return [*words, "--json"]


def expect_refusal(shell: Shell, case: str, ended: Ended) -> None:
    """Exit 2, one paragraph that names what is wrong; nothing sent, nothing left behind."""
    assert ended.exit_code == ended.json["exit_code"] == 2
    assert ended.json["error"] in ended.err
    message = ended.err[ended.err.index("importer: ") :]
    assert "\n" not in message.rstrip("\n")
    assert REFUSED[case][1] in message
    assert "Traceback" not in ended.err
    assert shell.simulator.counts("hitpay").requests == 0
    assert {path.name for path in shell.folder.iterdir()} - {"state"} == set(FILES)


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_work_exits_2_in_one_paragraph_and_leaves_nothing(
    prepared: Shell, case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The function behind the command: forty processes would take too long."""
    for name, value in {**prepared.environment, **prepared.addresses}.items():
        monkeypatch.setenv(name, value)
    if case == "no such credential file":
        monkeypatch.setenv("HITPAY_API_KEY_FILE", "nowhere.txt")
        monkeypatch.delenv("HITPAY_API_KEY")
    monkeypatch.chdir(prepared.folder)
    exit_code = main(asked(prepared, case))
    expect_refusal(prepared, case, Ended(exit_code, *capsys.readouterr()))


@pytest.mark.parametrize("case", ["missing column", "unknown option"])
def test_process_ends_as_the_function_behind_it_says(prepared: Shell, case: str) -> None:
    ended = prepared.importer(*asked(prepared, case), variables=prepared.addresses)
    expect_refusal(prepared, case, ended)


def test_missing_credentials_are_named_and_exit_2(shell: Shell) -> None:
    source = shell.write("customers.csv", people(1, provider="rapyd"))
    told = ("run", source, "-p", "rapyd", "--base-url", shell.simulator.base_url("rapyd"), "--json")
    ended = shell.importer(*told, bare=True)
    assert ended.exit_code == ended.json["exit_code"] == 2
    assert ended.json["error"] in ended.err
    assert "RAPYD_ACCESS_KEY and RAPYD_SECRET_KEY" in ended.err
    assert "_FILE" in ended.err
    assert shell.simulator.counts("rapyd").requests == 0
    assert not (shell.folder / "customers.results.csv").exists()


def test_without_a_command_the_help_is_shown_as_with_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert main([]) == 2
    assert capsys.readouterr().err.strip() == told.strip()


# ---------------------------------------------------------------------------------------------------- check


def test_check_needs_no_credentials_and_exits_0_when_every_row_is_ready(shell: Shell) -> None:
    source = shell.write("customers.csv", people(1, 2))
    ended = shell.importer("check", source, "-p", "hitpay", "--json", bare=True)
    assert ended.exit_code == 0
    assert ended.json["ready"] == 2
    assert ended.json["counts"] == dict.fromkeys(map(str, Status), 0) | {"not_sent": 2}
    assert not list(shell.folder.glob("*.results.*"))
    assert shell.simulator.counts("hitpay").requests == 0


def test_check_exits_1_and_its_report_once_corrected_is_a_source_without_options(shell: Shell) -> None:
    source = shell.write("customers.csv", [*people(1), {**person("hitpay", 2), "Phone": "+1 202"}])
    report = shell.folder / "report.csv"
    url = shell.simulator.base_url("hitpay")
    ended = shell.importer("check", source, "-p", "hitpay", "--base-url", url, "-o", report, bare=True)
    assert ended.exit_code == 1
    assert "invalid_phone: 1 row (3)" in ended.out
    lines = results_of(report)
    assert [line["import_status"] for line in lines] == ["not_sent", "invalid"]
    assert lines[1]["import_message"].startswith("Phone: ")
    assert lines[1]["import_row"] == "3"

    correct(report, "'+1 202,", "'+1 202 555 0102,")
    assert shell.go_on(report).counts == {"created": 2}


# --------------------------------------------------------------------------------------------- options of run


def test_limit_leaves_the_rest_not_sent_and_the_next_run_sends_it(shell: Shell) -> None:
    source = shell.write("customers.csv", people(*range(6)))
    ended = shell.run(source, "--limit", 2)
    assert (ended.exit_code, ended.counts) == (1, {"created": 2, "not_sent": 4})
    assert results_of(shell.folder / "customers.results.csv")[5]["import_code"] == "limit_reached"
    assert shell.run(source).counts == {"created": 4, "exists": 2}


@pytest.mark.parametrize(("allowed", "exit_code"), [("2", 3), ("29.9%", 3), ("30%", 1)])
def test_more_errors_than_allowed_stop_before_the_first_request(
    shell: Shell, allowed: str, exit_code: int
) -> None:
    """A share is of all rows: three in ten here."""
    rows = [{**row, "Email": "x"} for row in people(1, 2, 3)]
    ended = shell.run(shell.write("c.csv", [*rows, *people(*range(4, 11))]), "--max-errors", allowed)
    rest = "created" if exit_code == 1 else "not_sent"
    assert (ended.exit_code, ended.counts) == (exit_code, {"invalid": 3, rest: 7})
    assert shell.simulator.counts("hitpay").requests == (7 if exit_code == 1 else 0)


def test_two_rates_are_two_windows_that_both_hold(shell: Shell) -> None:
    ended = shell.run(shell.write("c.csv", people(*range(8))), "--rate", "1000/s", "--rate", "4/1s")
    assert ended.counts == {"created": 8}
    arrived = sorted(one.arrived for one in shell.simulator.requests("hitpay"))
    assert all(later - earlier > 0.8 for earlier, later in zip(arrived, arrived[4:], strict=False))


def test_concurrency_of_one_keeps_one_request_under_way(shell: Shell) -> None:
    shell.simulator.set_faults(Faults(script=(Fault.SLOW,) * 3, slow_seconds=0.2), provider="hitpay")
    assert shell.run(shell.write("c.csv", people(1, 2, 3)), "--concurrency", 1).counts == {"created": 3}
    arrived = [one.arrived for one in shell.simulator.requests("hitpay")]
    assert all(later - earlier > 0.19 for earlier, later in itertools.pairwise(arrived))


def test_set_wins_over_a_column_and_may_hold_spaces_and_equals_signs(shell: Shell) -> None:
    source = shell.write("c.csv", [{**person("hitpay", 1), "Gender": "male", "Note": "old"}])
    ended = shell.run(source, "--set", "gender=female", "--set", "remark=a = b and c")
    assert ended.counts == {"created": 1}
    body = shell.simulator.customers("hitpay")[0].body
    assert (body["gender"], body["remark"]) == ("female", "a = b and c")


def test_identity_decides_which_rows_are_one_customer(shell: Shell) -> None:
    rows = [{**person("rapyd", n), "Phone": "+1 202 555 0101"} for n in (1, 2)]
    source = shell.write("c.csv", rows)
    ended = shell.run(source, "--identity", "phone_number", provider="rapyd")
    assert ended.counts == {"created": 1, "duplicate": 1}


def test_again_sends_what_the_ledger_has_as_done(shell: Shell) -> None:
    source = shell.write("c.csv", people(1, provider="rapyd"))
    assert shell.run(source, provider="rapyd").counts == {"created": 1}
    assert shell.run(source, "--again", provider="rapyd").counts == {"created": 1}
    assert len(shell.simulator.customers("rapyd")) == 2


def test_each_option_has_a_variable(shell: Shell) -> None:
    shell.write("c.csv", people(*range(5)))
    ended = shell.importer(
        "run",
        "c.csv",
        variables={
            "IMPORTER_PROVIDER": "hitpay",
            "IMPORTER_BASE_URL": shell.simulator.base_url("hitpay"),
            "IMPORTER_OUTPUT": "out.xlsx",
            "IMPORTER_RATE": "1000/s 10000/min",
            "IMPORTER_LIMIT": "3",
            "IMPORTER_SET": "gender=female",
            "IMPORTER_JSON": "1",
        },
    )
    assert ended.counts == {"created": 3, "not_sent": 2}
    assert ended.json["output"] == "out.xlsx"
    assert (shell.folder / "out.xlsx").exists()
    assert {one.body["gender"] for one in shell.simulator.customers("hitpay")} == {"female"}


@pytest.mark.parametrize(("answer", "exit_code", "made"), [("y", 0, 2), ("", 2, 0)])
def test_on_a_terminal_nothing_is_sent_before_somebody_says_yes(
    shell: Shell, answer: str, exit_code: int, made: int
) -> None:
    source = shell.write("c.csv", people(1, 2))
    terminal, stdin = pty.openpty()
    try:
        os.write(terminal, f"{answer}\n".encode())
        url = shell.simulator.base_url("hitpay")
        process = shell.start("run", source, "-p", "hitpay", "--base-url", url, "--rate", "50/s", stdin=stdin)
        out, err = process.communicate(timeout=60)
    finally:
        os.close(stdin)
        os.close(terminal)
    assert "2 ready to be sent" in out
    assert "Create 2 customers at HitPay (SANDBOX)?" in err
    assert (process.returncode, len(shell.simulator.customers("hitpay"))) == (exit_code, made)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_output_that_cannot_show_every_character_is_no_reason_to_fail(shell: Shell, encoding: str) -> None:
    """Windows writes into a file in its own encoding, an old job in ASCII."""
    row = {**person("hitpay", 1), "Prénom": "x"}
    source = shell.write("zoë→.csv", [row])
    url = shell.simulator.base_url("hitpay")
    ended = shell.importer(
        "run", source, "-p", "hitpay", "--base-url", url, variables={"PYTHONIOENCODING": encoding}
    )
    assert (ended.exit_code, ended.err) == (0, "")
    assert "1 created" in ended.out


def test_file_name_that_is_no_text_is_no_reason_to_fail(shell: Shell) -> None:
    """As archives from other systems leave them."""
    source = shell.write("c.csv", people(1))
    named = os.fsdecode(os.fsencode(shell.folder) + b"/caf\xe9.csv")
    source.rename(named)
    ended = shell.run(Path(named))
    assert (ended.exit_code, ended.counts) == (0, {"created": 1})


# ------------------------------------------------------------------------------------- accounts, credentials


def test_account_reads_its_own_credentials_and_is_another_in_the_ledger(shell: Shell) -> None:
    source = shell.write("c.csv", people(1))
    assert shell.run(source).counts == {"created": 1}
    key = shell.simulator.environment()["HITPAY_API_KEY"]
    acme = {"HITPAY_API_KEY": "wrong", "ACME_HITPAY_API_KEY": key}
    ended = shell.run(source, "--account", "acme", **acme)
    assert ended.json["account"] == "acme"
    assert ended.counts == {"exists": 1}  # said by the provider, not by the ledger
    assert shell.simulator.counts("hitpay").creates == 2


def test_credentials_may_be_in_files(shell: Shell) -> None:
    file = shell.folder / "key.txt"
    file.write_text(f"  {shell.simulator.environment()['HITPAY_API_KEY']}\n", encoding="utf-8")
    source = shell.write("c.csv", people(1))
    ended = shell.run(source, HITPAY_API_KEY="", HITPAY_API_KEY_FILE=str(file))
    assert ended.counts == {"created": 1}


@pytest.mark.parametrize("provider", ["hitpay", "yativo"])
def test_credentials_are_in_no_output_however_much_is_said(shell: Shell, provider: str) -> None:
    names = {"hitpay": ["HITPAY_API_KEY"], "yativo": ["YATIVO_ACCOUNT_ID", "YATIVO_APP_SECRET"]}[provider]
    source = shell.write("c.csv", people(1, provider=provider))
    ended = shell.run(source, "-v", provider=provider, **dict.fromkeys(names, SECRET))
    assert ended.exit_code == 3
    written = [path.read_bytes() for path in shell.folder.rglob("*") if path.is_file()]
    assert SECRET not in ended.out + ended.err
    assert not any(SECRET.encode() in content for content in written)
    assert "Traceback" not in ended.out


def test_cells_of_the_sheet_are_in_no_log(shell: Shell) -> None:
    """Messages about faults may quote a cell, which is what they are for; nothing is said of good rows."""
    ended = shell.run(shell.write("c.csv", people(1, 2)), "-v")
    assert ended.exit_code == 0
    assert not re.search(r"@example\.com|\+?1 ?202 ?555", ended.out + ended.err)


# ------------------------------------------------------------------------------------------- the results file


def test_correcting_a_cell_in_the_results_sends_that_row_alone(shell: Shell) -> None:
    source = shell.folder / "customers.xlsx"
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Name", "Email", "Phone", "Rep"])
    for number in range(4):
        cells = person("hitpay", number)
        sheet.append([cells["Name"], cells["Email"], "12" if number == 2 else cells["Phone"], "Kim"])
    book.save(source)
    first = shell.run(source)
    assert first.counts == {"created": 3, "invalid": 1}

    results = shell.folder / "customers.results.xlsx"
    book = load_workbook(results)
    headings = [cell.value for cell in book["Results"][1]]
    book["Results"].cell(4, headings.index("Phone") + 1).value = person("hitpay", 2)["Phone"]
    book.save(results)
    second = shell.go_on(results)
    assert (second.exit_code, second.counts) == (0, {"created": 1, "exists": 3})
    assert second.json["output"] == str(results)
    assert emails(shell.simulator)[-1] == person("hitpay", 2)["Email"]
    assert shell.simulator.counts("hitpay").creates == 4


def test_results_carry_account_and_constants_too(shell: Shell) -> None:
    rows = [
        {"Name": row["Name"], "Email": row["Email"], "Phone": "12"} for row in people(1, provider="yativo")
    ]
    source = shell.write("c.csv", rows)
    shell.run(source, "--set", "customer_country=US", "--account", "acme", provider="yativo", **acme(shell))
    results = shell.folder / "c.results.csv"
    correct(results, ",12,", ",(202) 555-0101,")
    ended = shell.go_on(results, **acme(shell))
    assert (ended.counts, ended.json["account"]) == ({"created": 1}, "acme")
    assert shell.simulator.customers("yativo")[0].body["customer_country"] == "USA"


def acme(shell: Shell) -> dict[str, str]:
    """The credentials of the account "acme"."""
    return {f"ACME_{name}": value for name, value in shell.simulator.environment().items()}


def test_command_that_is_printed_to_go_on_goes_on(shell: Shell) -> None:
    source = shell.write("two words.csv", people(*range(3)))
    url = shell.simulator.base_url("hitpay")
    ended = shell.importer("run", source, "-p", "hitpay", "--base-url", url, "--rate", "50/s", "--limit", 1)
    words = shlex.split(ended.out.splitlines()[-1].removeprefix("To go on: importer "))
    assert url in words
    assert shell.importer(*words, "--limit", 3, "--json").counts == {"created": 2, "exists": 1}


# --------------------------------------------------------------------------------------------- other commands


def test_python_m_importer_is_the_command_importer(shell: Shell) -> None:
    script = Path(sys.executable).with_name("importer")
    one, other = (
        subprocess.run(
            [*command, "check", "nowhere.csv", "-p", "hitpay"],
            capture_output=True,
            text=True,
            check=False,
            env=shell.environment,
        )
        for command in (COMMAND, (str(script),))
    )
    assert (one.returncode, one.stdout, one.stderr) == (other.returncode, other.stdout, other.stderr)


def test_mapping_with_headings_of_its_own_is_used(shell: Shell) -> None:
    row = {"Who": "Ann Example", "Write to": "ann@example.com", "Mobile": "+1 202 555 0101", "Tel": "x"}
    source = shell.write("c.csv", [row])
    mapping = shell.folder / "mapping.toml"
    text = 'provider = "rapyd"\n[columns]\nname = "Who"\nemail = ["Write to"]\nphone_number = "Mobile"\n'
    mapping.write_text(text, encoding="utf-8")
    assert shell.run(source, "-m", mapping, provider="rapyd").counts == {"created": 1}
    assert shell.simulator.customers("rapyd")[0].body["email"] == "ann@example.com"


def test_suggested_mapping_is_printed_or_written_and_says_what_is_left_over(shell: Shell) -> None:
    rows = [{**row, "Rep": "Kim"} for row in people(1, 2)]
    source = shell.write("c.csv", rows)
    mapping = shell.folder / "mapping.toml"
    assert shell.importer("map", source, "-p", "hitpay", "-o", mapping, bare=True).exit_code == 0
    assert '# not used: "Rep"' in mapping.read_text(encoding="utf-8")
    assert shell.run(source, "-m", mapping).counts == {"created": 2}
    printed = shell.importer("map", source, "-p", "hitpay", bare=True)
    assert printed.out == mapping.read_text(encoding="utf-8")


def test_runs_are_listed_newest_first_and_one_by_its_id(shell: Shell) -> None:
    source = shell.write("c.csv", people(1, 2))
    first, second = shell.run(source, "--limit", 1).json["run"], shell.run(source).json["run"]
    listed = shell.importer("runs", bare=True)
    assert listed.exit_code == 0
    lines = listed.out.splitlines()
    assert [line.split()[0] for line in lines] == [second, first]
    assert "exit 1" in lines[1]
    assert "1 created, 1 not_sent" in lines[1]
    one = shell.importer("runs", first, "--json", bare=True)
    assert json.loads(one.out)["id"] == first


def test_counts_of_a_run_are_numbers_in_json(shell: Shell) -> None:
    run = shell.run(shell.write("c.csv", people(1, 2))).json["run"]
    told = shell.importer("runs", run, "--json", bare=True).json
    assert told["counts"]["created"] == 2


def test_settle_looks_up_what_is_unknown_and_sends_nothing(shell: Shell) -> None:
    source = shell.write("c.csv", people(1, 2))
    first, lost = (person("hitpay", number)["Email"] for number in (1, 2))
    # the first arrives, the answer of the second is lost, and then the key is taken away
    own = {first: ForCustomer(Fault.SLOW), lost: ForCustomer(Fault.CUT_AFTER)}
    faults = Faults(by_email=own, probabilities={Fault.REFUSED: 1}, slow_seconds=0)
    shell.simulator.set_faults(faults, provider="hitpay")
    ended = shell.run(source, "--settle-after", 0)
    assert (ended.exit_code, ended.counts) == (3, {"created": 1, "unknown": 1})
    shell.simulator.set_faults(Faults(), provider="hitpay")
    url = shell.simulator.base_url("hitpay")
    settled = shell.importer("settle", source, "-p", "hitpay", "--base-url", url, "--json")
    assert (settled.exit_code, settled.counts) == (0, {"exists": 2})
    assert shell.simulator.counts("hitpay").creates == 2
