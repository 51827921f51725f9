"""The commands by which a sheet is filled in, checked and corrected, as a person types them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from importer.cli import main
from importer.source import open_source
from tests.cli_support import results_of
from tests.support import person, write_csv


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# -- importer template


def test_template_is_written_and_the_next_command_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["template", "-p", "HitPay"]) == 0
    told = capsys.readouterr()
    assert "Template: hitpay.template.xlsx\n" in told.out
    assert "importer check hitpay.template.xlsx" in told.out
    assert [path.name for path in tmp_path.iterdir()] == ["hitpay.template.xlsx"]


def test_template_in_json_says_what_has_to_be_filled_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", "--provider", "rapyd", "--output", "x.xlsx", "--json"]) == 0
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert (document["provider"], document["output"]) == ("rapyd", "x.xlsx")
    assert document["required"] == ["Name"]
    assert document["columns"][:3] == ["Name", "E-mail", "Phone"]
    assert document["template"] == "rapyd 2026-11-20 / 1"
    assert "Template: x.xlsx" in told.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Which provider is the template for? Give it with -p"),
        (["-p", "nobody"], "There is no provider 'nobody'"),
        (["-p", "hitpay", "-o", "there.xlsx"], "there.xlsx exists and may be filled in"),
        (["-p", "hitpay", "-o", "t.ods"], "t.ods does not end in .xlsx"),
        (["-p", "hitpay", "-o", "gone/t.xlsx"], "there is no folder gone"),
    ],
)
def test_template_that_cannot_be_written_exits_2_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    (tmp_path / "there.xlsx").write_bytes(b"mine")
    assert main(["template", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["there.xlsx"]
    assert (tmp_path / "there.xlsx").read_bytes() == b"mine"


def test_template_takes_its_options_from_variables_as_other_commands_do(tmp_path: Path) -> None:
    variables = {"IMPORTER_PROVIDER": "yativo", "IMPORTER_OUTPUT": "y.xlsx"}
    command = [sys.executable, "-m", "importer", "template"]
    subprocess.run(command, env=os.environ | variables, check=True, capture_output=True, timeout=120)
    with pytest.raises(Exception, match="Customers"):
        open_source(tmp_path / "y.xlsx")


# -- importer check --faults-first


def test_faults_first_puts_the_rows_to_correct_on_top_of_the_report(tmp_path: Path) -> None:
    write_csv(Path("c.csv"), [person("hitpay", 1), {**person("hitpay", 2), "Email": "x"}])
    assert main(["check", "c.csv", "-p", "hitpay", "-o", "r.csv", "--faults-first"]) == 1
    assert [line["import_row"] for line in results_of(Path("r.csv"))] == ["3", "2"]


def test_faults_first_without_a_report_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "c.csv", "-p", "hitpay", "--faults-first"]) == 2
    assert "add -o FILE, like" in capsys.readouterr().err


# -- importer check --all-providers

MIXED = [person("hitpay", 1), {**person("hitpay", 2), "Email": "x"}]


def test_all_providers_are_set_beside_each_other_without_naming_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    write_csv(Path("c.csv"), MIXED)
    assert main(["check", "c.csv", "--all-providers"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("c.csv → all providers\n")
    (juicyway,) = (line for line in told.splitlines() if line.startswith(" juicyway"))
    assert juicyway.split(maxsplit=4)[1:4] == ["0", "1", "1"]
    (hitpay,) = (line for line in told.splitlines() if line.startswith(" hitpay"))
    assert hitpay.split() == ["hitpay", "1", "0", "1", "invalid_email", "1"]
    assert "First name, Last name, Type, Address" in told
    assert "Almost: the row lacks nothing but the columns." in told
    assert "1 of 2 rows would be taken as they are by at least one provider, 1 by none" in told
    assert max(map(len, told.splitlines())) <= 100
    assert [path.name for path in tmp_path.iterdir()] == ["c.csv"], "no ledger, no report"


def test_all_providers_exits_0_when_every_row_would_be_taken_by_one_or_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_csv(Path("c.csv"), MIXED[:1])
    assert main(["check", "c.csv", "--all-providers", "--json"]) == 0
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert (document["rows"], document["taken"], document["exit_code"]) == (1, 1, 0)
    assert list(document["providers"]) == ["krezypay", "yativo", "juicyway", "rapyd", "hitpay"]
    assert document["providers"]["yativo"]["missing"] == ["customer_country"]
    assert document["providers"]["yativo"]["lack_only_columns"] == 1
    assert "yativo" in told.err


def test_all_providers_beside_the_plan_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(Path("c.csv"), MIXED)
    assert main(["check", "c.csv", "-p", "hitpay", "--all-providers", "-o", "r.xlsx", "--json"]) == 1
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert document["counts"]["invalid"] == 1
    assert document["providers"]["rapyd"]["ready"] == 1
    assert "1 ready to be sent" in told.err
    assert "required, but no column" in told.err
    assert load_workbook("r.xlsx").sheetnames == ["Results", "Providers", "Summary", "import_settings"]


def test_all_providers_in_a_report_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(Path("c.csv"), MIXED)
    assert main(["check", "c.csv", "--all-providers", "-o", "r.xlsx"]) == 1
    assert "Report: r.xlsx" in capsys.readouterr().out
    assert load_workbook("r.xlsx").sheetnames == ["Providers"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "r.csv"], "r.csv cannot hold the sheet with all providers. Add -o r.xlsx."),
        (["-p", "hitpay", "-o", "r.csv"], "r.csv cannot hold the sheet with all providers. Add -o r.xlsx."),
        (["-o", "gone/r.xlsx"], "there is no folder gone"),
        (["-o", "c.csv"], "c.csv cannot hold the sheet"),
        (["-m", "m.toml"], "A mapping (-m) is for one provider"),
        (["--set", "nickname=A"], "No provider has a field 'nickname'"),
        (
            ["--faults-first", "-o", "r.xlsx"],
            "sorts the copy of the sheet for one provider: add -p",
        ),
    ],
)
def test_what_all_providers_cannot_do_exits_2_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    write_csv(Path("c.csv"), MIXED)
    assert main(["check", "c.csv", "--all-providers", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.glob("r.*"))
