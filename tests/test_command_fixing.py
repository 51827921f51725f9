"""The commands by which a sheet is filled in, checked and corrected, as a person types them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    assert "add -o FILE, for example" in capsys.readouterr().err
