"""Where a job's secrets come from, and in which order."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from importer.errors import SettingsError
from importer.jobfile import JobFile, job_variables, read_job_file

NAME = "HITPAY_API_KEY"
posix = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


def file_with(path: Path, text: str, mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def job(folder: Path, more: str = "", variables: Mapping[str, str] | None = None) -> JobFile:
    path = file_with(folder / "nightly.toml", f'source = "a.csv"\nprovider = "hitpay"\n{more}')
    return read_job_file(path, variables=variables or {NAME: "k", "ACME_HITPAY_API_KEY": "k"})


def test_environment_then_file_then_systemd_then_env_file(tmp_path: Path) -> None:
    file = job(tmp_path)
    file_with(tmp_path / ".env", f"{NAME}=of the .env\n")
    file_with(tmp_path / "credentials" / NAME, "of systemd\n", 0o400)
    variables = {
        NAME: "of the environment",
        f"{NAME}_FILE": str(file_with(tmp_path / "key", "of the file\n")),
        "CREDENTIALS_DIRECTORY": str(tmp_path / "credentials"),
    }
    for wanted in ("of the environment", "of the file", "of systemd", "of the .env"):
        assert job_variables(file, variables)[NAME] == wanted
        if variables:
            variables.pop(next(iter(variables)))


def test_account_and_messages_and_ledger_are_read_under_their_names(tmp_path: Path) -> None:
    file = job(tmp_path, 'account = "acme"\n[notify]\nurls_from = "NIGHT_URLS"\n', {
        "ACME_HITPAY_API_KEY": "k", "NIGHT_URLS": "json://localhost"
    })  # fmt: skip
    variables = {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}
    for name in ("ACME_HITPAY_API_KEY", "NIGHT_URLS", "IMPORTER_LEDGER", NAME):
        file_with(tmp_path / "credentials" / name, f"value of {name}\n", 0o400)
    found = job_variables(file, variables)
    for name in ("ACME_HITPAY_API_KEY", "NIGHT_URLS", "IMPORTER_LEDGER"):
        assert found[name] == f"value of {name}"
    assert NAME not in found


def test_env_file_sets_other_variables_where_the_environment_does_not(tmp_path: Path) -> None:
    file = job(tmp_path)
    file_with(tmp_path / ".env", "HITPAY_BASE_URL=https://beside.example.com\nOTHER=beside\n")
    found = job_variables(file, {NAME: "k", "OTHER": "of the environment"})
    assert found["OTHER"] == "of the environment"
    assert file.opened_account(found).base_url == "https://beside.example.com"


def test_file_that_an_env_file_names_is_looked_for_beside_it(tmp_path: Path) -> None:
    file = job(tmp_path)
    file_with(tmp_path / "key", "of the file")
    file_with(tmp_path / ".env", f"{NAME}_FILE=key\n")
    assert job_variables(file, {})[NAME] == "of the file"


def test_values_in_an_env_file_are_taken_as_they_are(tmp_path: Path) -> None:
    file = job(tmp_path)
    text = f"\n# a comment\nexport {NAME}='a$HOME#b'   # another\nWITHOUT_QUOTES=a=b # c\nEMPTY=\n"
    file_with(tmp_path / ".env", text)
    found = job_variables(file, {})
    assert (found[NAME], found["WITHOUT_QUOTES"], found["EMPTY"]) == ("a$HOME#b", "a=b", "")


def test_line_of_an_env_file_that_sets_nothing_is_a_fault_with_its_number(tmp_path: Path) -> None:
    file = job(tmp_path)
    file_with(tmp_path / ".env", f"A=1\n\n{NAME} k4711\n")
    with pytest.raises(SettingsError, match=r"Line 3 of .*\.env sets no variable") as caught:
        job_variables(file, {})
    assert "4711" not in str(caught.value)


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640])
def test_env_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = job(tmp_path)
    file_with(tmp_path / ".env", f"{NAME}=k4711\n", mode)
    with pytest.raises(SettingsError, match="chmod 600") as caught:
        job_variables(file, {})
    assert "4711" not in str(caught.value)


@posix
def test_every_file_that_others_may_read_is_named_at_once(tmp_path: Path) -> None:
    text = '[notify]\nurls_from = "NIGHT_URLS"\n'
    variables = {
        f"{NAME}_FILE": str(file_with(tmp_path / "key", "k", 0o644)),
        "NIGHT_URLS_FILE": str(file_with(tmp_path / "urls", "u", 0o644)),
    }
    with pytest.raises(SettingsError, match="credentials") as caught:
        job(tmp_path, text, variables)
    assert all(f"{name}_FILE" in str(caught.value) for name in (NAME, "NIGHT_URLS"))


def test_env_file_without_its_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = job(tmp_path)
    file_with(tmp_path / ".env", f"{NAME}=k\n")
    monkeypatch.setitem(sys.modules, "dotenv.parser", None)
    with pytest.raises(SettingsError, match=r"pip install 'importer\[dotenv\]'"):
        job_variables(file, {})


def test_no_env_file_is_wanted_where_none_is_named(tmp_path: Path) -> None:
    file_with(tmp_path / ".env", "OTHER=beside\n")
    file = job(tmp_path, '[credentials]\nenv_file = ""\n')
    assert "OTHER" not in job_variables(file, {NAME: "k"})


def test_secrets_are_in_no_repr(tmp_path: Path) -> None:
    file = job(tmp_path, 'ledger = "postgresql://ann:4711@db/ledger"\n[set]\nname = "Märta 4711"\n')
    assert "4711" not in repr(file)
