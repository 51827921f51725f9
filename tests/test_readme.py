"""The README tells the truth: its table, its example and its commands are held to the program."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from importer.causes import CAUSES
from importer.cli import main
from importer.describing import readme_table
from importer.jobfile import Alarms, read_job_file
from importer.jobs import Job
from importer.mapping import Take, from_settings
from importer.night.report import ALARM_EXIT_CODES
from importer.planning import check
from importer.providers import PROVIDERS
from importer.rows import Environment, Status

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block_after(mark: str) -> str:
    """The fenced block that follows a comment in the README."""
    found = re.search(rf"<!-- {mark} -->\n```\w*\n(.*?)```", README, re.DOTALL)
    assert found is not None, mark
    return found[1]


def steady(output: str) -> str:
    """Output without what differs from run to run: durations."""
    return re.sub(r"in [\d.]+ s", "in 1.0 s", output).strip()


def test_providers_table_is_made_from_the_registry() -> None:
    table = readme_table(PROVIDERS.values())
    assert table in README, f"put this into the README:\n\n{table}"


def test_every_status_is_explained() -> None:
    for status in Status:
        assert f"| `{status}` |" in README


def test_example_shows_what_the_demo_prints(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "importer", "demo"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True)
    assert steady(block_after("demo output")) == steady(done.stdout)
    assert (tmp_path / "importer-demo" / "customers.results.xlsx").stat().st_size > 5000


def test_library_example_works_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The code block is run as it is, with its sheet in the current folder and HitPay's stand-in."""
    from importer.simulator import Settings, running_simulator
    from tests.support import people_csv

    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    monkeypatch.chdir(tmp_path)
    people_csv(tmp_path / "customers.csv", "hitpay", range(2))
    with running_simulator(Settings(limits=False)) as simulator:
        for name, value in simulator.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("HITPAY_BASE_URL", simulator.base_url("hitpay"))
        exec(compile(code[1].replace("customers.xlsx", "customers.csv"), "README.md", "exec"), {})
    assert "0 customers.results.csv" in capsys.readouterr().out


def test_alarms_table_has_the_exit_codes_and_what_they_do_by_default() -> None:
    table = README.partition("<!-- alarms table -->")[2].partition("\n\n")[0]
    told = re.findall(r"^\| `(\w+)` \| (\d+) \| .* \| (\w+) \|$", table, re.MULTILINE)
    alarms = [(kind, str(code), str(getattr(Alarms(), kind))) for kind, code in ALARM_EXIT_CODES.items()]
    assert told == alarms


KUNDER = """\
Kund,E-post,Mobil,Telefon,Bor i,Typ,Säljare
Märta Åkesson,marta@example.com,070-174 06 05,08-465 004 01,Sverige,Privat,Kim
Björn Nilsson,bjorn@example.com,070-174 06 06,08-465 004 02,Norge,Företag,Kim
Ingrid Öberg,ingrid@example.com,070-174 06 07,08-465 004 03,Sverige,Förening,Ana
"""


def test_mapping_shown_is_what_the_command_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kunder.csv").write_text(KUNDER, encoding="utf-8")
    for heading in KUNDER.splitlines()[0].split(","):
        assert f"`{heading}`" in README
    assert main(["map", "kunder.csv", "-p", "yativo"]) == 0
    assert capsys.readouterr().out == block_after("map output")


def test_mapping_example_says_what_the_readme_says_it_does() -> None:
    kept = from_settings(tomllib.loads(block_after("mapping example")), PROVIDERS["hitpay"])
    assert kept.columns["name"] == ("First name", "Surname")
    assert kept.takes == {"remark": Take.BEFORE_THE_COMMA}
    assert kept.values == {"gender": {"Männlich": "male", "k. A.": ""}}
    assert (kept.dates, kept.default_country) == ({"birth_date": "dmy"}, "SG")
    assert kept.constants == {"address.country": "Singapore"}


def test_options_in_the_readme_exist() -> None:
    """In an example, with the command that they are typed with."""
    helps = {
        name: subprocess.run(
            [sys.executable, "-m", "importer", name, "--help"], capture_output=True, text=True, check=True
        ).stdout
        for name in ("run", "check", "template", "serve")
    }
    for option in set(re.findall(r"`(--[a-z-]+)", README)):
        assert any(option in told for told in helps.values()), option
    for name, rest in re.findall(r"^importer (run|check|template|serve) ([^#\n]*)", README, re.MULTILINE):
        for option in re.findall(r"(?<=\s)--?[a-z-]+", f" {rest}"):
            assert re.search(rf"{option}[ ,\n]", helps[name]), f"importer {name} {option}"


def test_damaged_sheet_gets_the_report_that_is_shown(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text(block_after("damaged sheet"), encoding="utf-8")
    command = [sys.executable, "-m", "importer", "check", "customers.csv", "-p", "hitpay"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert block_after("damage told") in told.stdout


def test_codes_of_damage_are_codes() -> None:
    table = README.partition("## Damaged cells")[2].partition("For the sheet")[0]
    codes = re.findall(
        r"`([a-z]+(?:_[a-z]+)*)`", "".join(re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE))
    )
    assert len(codes) == 10
    assert set(codes) <= set(CAUSES)


def test_job_file_shown_is_one_that_can_run(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text('provider = "hitpay"\n', encoding="utf-8")
    (tmp_path / "nightly.toml").write_text(block_after("job file"), encoding="utf-8")
    variables = {"HITPAY_API_KEY": "k", "IMPORTER_NOTIFY_URLS": "json://localhost"}
    file = read_job_file(tmp_path / "nightly.toml", variables=variables)
    assert (file.environment, file.alarms.smaller_than) == (Environment.LIVE, "70%")


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git, to make a clean copy")
def test_first_command_works_in_a_clean_copy(tmp_path: Path) -> None:
    """The command as a newcomer types it: a new virtual environment, the demo, its results."""
    copy = tmp_path / "copy"
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, files.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    python = Path(sys.executable).resolve()
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "python3").symlink_to(python)
    environment = {
        "PATH": f"{bin_folder}:/usr/bin:/bin",
        "HOME": os.environ.get("HOME", str(tmp_path)),
        **{
            name: value
            for name, value in os.environ.items()
            if name.startswith(("PIP_", "SSL_", "REQUESTS_"))
        },
    }
    done = subprocess.run(
        ["bash", "-c", block_after("demo command")],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "importer-demo/customers.results.xlsx" in done.stdout
    assert (copy / "importer-demo" / "customers.results.xlsx").is_file()


def test_demo_sheet_has_good_and_bad_rows(tmp_path: Path) -> None:
    from importer import demo

    demo.write_sheet(tmp_path / "customers.xlsx")
    with check(
        Job(source=tmp_path / "customers.xlsx", provider=demo.PROVIDER, ledger=f"sqlite:///{tmp_path / 'l'}"),
        variables={},
    ) as plan:
        assert plan.ready > 10
        assert plan.counts[Status.INVALID] >= 4
        assert plan.counts[Status.DUPLICATE] == 1
