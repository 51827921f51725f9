"""`importer map`, and what `check` and `run` do with its file and with what it would ask."""

import json
import os
import pty
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from importer.cli import main
from tests.cli_support import COMMAND, PATIENCE
from tests.support import write_csv

PEOPLE = [
    {"Name": f"Ann {n}", "Mail": f"ann{n}@example.com", "Phone": "+65 8123 4567", "Mobile": "+65 8123 4568"}
    for n in range(3)
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a ledger of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMPORTER_LEDGER", f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def at_terminal(arguments: Sequence[str], typed: str) -> tuple[int, str]:
    """Exit code and what is shown when a person types that; nothing reads from the terminal before."""
    screen, keyboard = pty.openpty()
    os.write(screen, typed.encode())
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdin=keyboard, stdout=keyboard, stderr=keyboard, close_fds=True
    )
    os.close(keyboard)
    shown = b""
    while True:
        try:
            part = os.read(screen, 4096)
        except OSError:  # the end of a terminal
            break
        if not part:
            break
        shown += part
    os.close(screen)
    return process.wait(timeout=PATIENCE), shown.decode().replace("\r\n", "\n")


def test_questions_stop_a_check_and_a_run_all_at_once_with_what_to_type(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(folder / "my people.csv", [{**row, "Kunde": row.pop("Name")} for row in map(dict, PEOPLE)])
    for command in ("check", "run"):
        code, out, err = told(capsys, command, "my people.csv", "-p", "juicyway")
        assert (code, out) == (2, "")
        assert "leave 8 questions: (1) JuicyWay takes first_name and last_name apart" in err
        assert '"Kunde" split, first_name = first word, last_name = other words; or "Kunde" split' in err
        assert (
            '(2) 2 columns could be the field phone: "Phone" (holds phones) or "Mobile" (holds phones)?'
            in err
        )
        assert "--set type=individual (or business) gives every row the same." in err
        assert err.endswith(
            "importer map 'my people.csv' -p juicyway -o 'my people.mapping.toml', "
            "then the same command with -m 'my people.mapping.toml'.\n"
        )
        assert err.count("\n") == 1


def test_command_that_a_question_names_reads_the_sheet_the_same_way(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "a;b\nName\tMail\tTel\tHandy\nAnn\tann@example.com\t+6581234567\t+6581234568\n"
    (folder / "c.csv").write_text(text, encoding="utf-16")
    read = ("--header-row", "2", "--encoding", "utf-16", "--delimiter", "tab")
    _, _, err = told(capsys, "check", "c.csv", "-p", "hitpay", *read)
    assert f"importer map c.csv -p hitpay {' '.join(read)} -o c.mapping.toml" in err


def test_mapping_with_its_questions_answered_is_used(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(folder / "c.csv", PEOPLE)
    code, out, _ = told(capsys, "map", "c.csv", "-p", "hitpay", "-o", "m.toml")
    assert code == 0
    assert "It has a question in it: answer there.\nUse it with: importer run c.csv -m m.toml\n" in out
    assert told(capsys, "check", "c.csv", "-m", "m.toml")[0] == 2  # not answered yet
    text = Path("m.toml").read_text(encoding="utf-8")
    assert '# "phone_number" = "Phone"  # holds phones\n# "phone_number" = "Mobile"' in text
    Path("m.toml").write_text(
        text.replace('# "phone_number" = "Mobile"', '"phone_number" = "Mobile"'), "utf-8"
    )
    code, out, _ = told(capsys, "check", "c.csv", "-m", "m.toml")
    assert code == 0
    assert "phone_number ← Mobile\n" in out
    assert tomllib.loads(text)["looks"]["Mobile"] == "phones"  # whichever is chosen is watched


def test_plan_says_why_a_column_is_taken_where_its_heading_does_not(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"Name": "Ann", "Wohin?": f"a{n}@example.com", "Phnoe": "+65 8123 4567", "Geb.": date, "Client": "x"}
        for n, date in enumerate(("13/04/1990", "14/04/1990", "03/04/1990"))
    ]
    write_csv(folder / "c.csv", rows)
    _, out, _ = told(capsys, "check", "c.csv", "-p", "hitpay")
    assert '  name         ← Name   (rather than "Client")\n' in out
    assert "  email        ← Wohin?   (no heading says so, but it holds e-mails)\n" in out
    assert '  phone_number ← Phnoe   (spelled like "Phone", holds phones)\n' in out
    assert "  birth_date   ← Geb.   (holds dates, day first, as 2 cells can only be read so)\n" in out
    assert "1990-04-03" not in out


def test_plan_says_how_a_kept_mapping_reads_its_columns(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(folder / "c.csv", [{**row, "DOB": "03/04/1990", "Sex": "x"} for row in PEOPLE])
    mapping = (
        'default_country = "SG"\n[columns]\nname = { column = "Name", take = "first word" }\nemail = "Mail"\n'
        'phone_number = "Phone"\nbirth_date = "DOB"\ngender = "Sex"\n[dates]\nbirth_date = "mdy"\n'
        '[values.gender]\nx = "female"\n'
    )
    Path("m.toml").write_text(mapping, encoding="utf-8")
    code, out, _ = told(capsys, "check", "c.csv", "-p", "hitpay", "-m", "m.toml")
    assert code == 0
    assert "← Name   (first word)\n" in out
    assert "← Phone   (of SG where a row has no country)\n" in out
    assert "← DOB   (month first)\n" in out
    assert "← Sex   (1 word replaced)\n" in out


def test_question_that_stops_nothing_is_told_in_the_plan(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(
        folder / "c.csv", [{"Name": "A", "Email": "a@example.com", "Phone": "81234567", "DOB": "3/4/1990"}]
    )
    code, out, _ = told(capsys, "check", "c.csv", "-p", "hitpay")
    assert code == 1
    assert "← DOB   (holds dates; 1 cell may be day or month first: importer map asks which)\n" in out
    assert (
        "(1 of 1 phones have no +, and no column says their country: default_country in a mapping does)"
        in out
    )
    assert "ambiguous_date: 1 row (2)" in out


def test_words_of_a_closed_set_that_are_not_understood_are_written_down_to_be_replaced(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("Männlein", "Weiblein", "Weiblein", "female", "")
    rows = [{**PEOPLE[0], "Mail": f"{n}@example.com", "Gender": word} for n, word in enumerate(words)]
    write_csv(folder / "c.csv", [{**row, "Land": "Schlaraffenland"} for row in rows])
    _, out, _ = told(capsys, "map", "c.csv", "-p", "hitpay", "--set", "phone_number=+6581234567")
    assert '[values."gender"]\n' in out
    assert '# "Weiblein" = ""  # 2 rows\n# "Männlein" = ""  # 1 row\n\n' in out
    assert '# "Schlaraffenland" = ""  # 5 rows\n' in out
    assert '"phone_number" = "+6581234567"\n' in out


def test_letters_that_mean_two_things_are_written_down_to_be_explained(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"Nombre completo": "A", "Correo": "a@x.com", "Móvil": "+6581234567", "Sexo": s} for s in "HMM"]
    write_csv(folder / "c.csv", rows)
    assert "may be a woman (mujer) or a man" in told(capsys, "check", "c.csv", "-p", "hitpay")[2]
    told(capsys, "map", "c.csv", "-p", "hitpay", "-o", "m.toml")
    text = Path("m.toml").read_text(encoding="utf-8")
    assert '# QUESTION: beside "H", "M"' in text
    assert '# "M" = ""  # 2 rows\n# "H" = ""  # 1 row\n' in text
    told_now = text.replace('# "M" = ""', '"M" = "female"').replace('# "H" = ""', '"H" = "male"')
    Path("m.toml").write_text(told_now, encoding="utf-8")
    assert told(capsys, "check", "c.csv", "-m", "m.toml")[0] == 0
    assert '# "M"' not in told(capsys, "map", "c.csv", "-p", "hitpay", "-m", "m.toml")[1]


def test_json_has_confidences_reasons_and_questions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(folder / "c.csv", [{**row, "DOB": "03/04/1990"} for row in PEOPLE])
    code, out, err = told(capsys, "map", "c.csv", "-p", "hitpay", "--json")
    document = json.loads(out)
    assert code == 0
    assert err.startswith("# Which column")
    assert document["columns"] == {"name": ["Name"], "email": ["Mail"], "birth_date": ["DOB"]}
    assert document["suggestions"]["email"] == {
        "columns": ["Mail"],
        "confidence": 0.95,
        "reason": "holds e-mails",
    }
    phone, birth = document["questions"]
    assert (phone["field"], phone["stops"], birth["field"], birth["stops"]) == (
        "phone_number", True, "birth_date", False,
    )  # fmt: skip
    assert phone["options"][1] == {
        "answer": '"Mobile" (holds phones)',
        "columns": {"phone_number": ["Mobile"]},
    }
    assert birth["options"][0]["dates"] == {"birth_date": "dmy"}
    assert document["not_used"] == ["Phone", "Mobile"]


def test_mapping_written_anew_from_an_old_one_keeps_it_and_looks_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(folder / "c.csv", PEOPLE)
    Path("m.toml").write_text(
        '[columns]\nname = "Name"\nemail = "Mail"\nphone_number = "Mobile"\n[looks]\nMail = "phones"\n',
        "utf-8",
    )
    assert told(capsys, "check", "c.csv", "-p", "hitpay", "-m", "m.toml")[0] == 0  # holds what is wanted
    told(capsys, "map", "c.csv", "-p", "hitpay", "-m", "m.toml", "-o", "new.toml")
    document = tomllib.loads(Path("new.toml").read_text(encoding="utf-8"))
    assert document["columns"]["phone_number"] == "Mobile"
    assert document["looks"] == {"Name": "words", "Mail": "e-mails", "Mobile": "phones"}


def test_results_file_carries_all_that_a_mapping_says(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(folder / "c.csv", [{**row, "DOB": "03/04/1990", "Sex": "x"} for row in PEOPLE])
    text = (
        'provider = "hitpay"\ndefault_country = "SG"\n[columns]\n'
        'name = { column = "Name", take = "first word" }\nemail = "Mail"\nphone_number = "Phone"\n'
        'birth_date = "DOB"\ngender = "Sex"\n'
        '[dates]\nbirth_date = "mdy"\n[values.gender]\nx = "female"\n[looks]\nMail = "e-mails"\n'
    )
    Path("m.toml").write_text(text, encoding="utf-8")
    _, first, _ = told(capsys, "check", "c.csv", "-m", "m.toml", "-o", "r.csv")
    Path("m.toml").unlink()
    code, again, _ = told(capsys, "check", "r.csv")
    assert code == 0
    assert [line for line in again.splitlines() if "←" in line] == [
        line for line in first.splitlines() if "←" in line
    ]


def test_questions_are_asked_at_a_terminal_and_an_empty_answer_leaves_one_open(folder: Path) -> None:
    write_csv(folder / "c.csv", [{**row, "DOB": "03/04/1990"} for row in PEOPLE])
    arguments = ("map", "c.csv", "-p", "hitpay", "-o", "m.toml")
    code, shown = at_terminal(arguments, "7\nx\n2\n\n")
    assert code == 0
    assert '2 columns could be the field phone_number.\n  1  "Phone" (holds phones)\n  2  "Mobile"' in shown
    assert "There is no '7'." in shown
    assert "day first: 03/04/1990 is 1990-04-03" in shown
    document = tomllib.loads(Path("m.toml").read_text(encoding="utf-8"))
    assert document["columns"]["phone_number"] == "Mobile"
    assert document["dates"] == {}
    assert "It has a question in it: answer there." in shown


def test_answers_at_a_terminal_are_all_that_is_needed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {
            "Name": "Müller",
            "Vorname": "Anna",
            "Mail": "a@example.com",
            "Tel": "+6581234567",
            "Geb": "3/4/1990",
        }
    ]
    write_csv(folder / "c.csv", rows)
    assert at_terminal(("map", "c.csv", "-p", "hitpay", "-o", "m.toml"), "1\n1\n")[0] == 0
    code, out, _ = told(capsys, "check", "c.csv", "-m", "m.toml")
    assert code == 0
    assert "← Vorname + Name\n" in out
    assert "← Geb   (day first)\n" in out


def test_nothing_is_asked_without_a_file_to_write(folder: Path) -> None:
    write_csv(folder / "c.csv", PEOPLE)
    code, shown = at_terminal(("map", "c.csv", "-p", "hitpay"), "")
    assert code == 0
    assert "# QUESTION: 2 columns could be the field phone_number" in shown
    assert "Enter" not in shown


def test_nothing_is_asked_without_a_terminal(folder: Path) -> None:
    write_csv(folder / "c.csv", PEOPLE)
    done = subprocess.run(
        [sys.executable, "-m", "importer", "map", "c.csv", "-p", "hitpay", "-o", "m.toml"],
        input="2\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert '# "phone_number" = "Mobile"' in Path("m.toml").read_text(encoding="utf-8")
