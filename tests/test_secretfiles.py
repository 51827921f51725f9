"""Where secrets are read from, and from which files they are not."""

import logging
import os
from pathlib import Path

import pytest

from importer.errors import SettingsError
from importer.secretfiles import Exposed, read_secret
from importer.simulator import Settings, running_simulator
from tests.cli_support import Shell

NAME = "HITPAY_API_KEY"

posix = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


def secret_file(folder: Path, value: str = "of the file", mode: int = 0o600, name: str = "key") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"{value}\n", encoding="utf-8")
    path.chmod(mode)
    return path


def test_variable_comes_before_the_file_and_the_file_before_systemds_credentials(tmp_path: Path) -> None:
    secret_file(tmp_path / "credentials", "of systemd", 0o400, NAME)
    variables = {
        NAME: "of the variable",
        f"{NAME}_FILE": str(secret_file(tmp_path)),
        "CREDENTIALS_DIRECTORY": str(tmp_path / "credentials"),
    }
    for wanted in ("of the variable", "of the file", "of systemd"):
        assert read_secret(NAME, variables) == wanted
        variables.pop(next(iter(variables)))
    assert read_secret(NAME, variables) == ""


def test_credential_of_another_name_is_not_taken(tmp_path: Path) -> None:
    secret_file(tmp_path, "v", 0o400, f"ACME_{NAME}")
    assert read_secret(NAME, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == ""


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666])
def test_file_that_others_may_read_is_refused_with_what_to_type(tmp_path: Path, mode: int) -> None:
    path = secret_file(tmp_path, "v4711", mode)
    with pytest.raises(SettingsError, match=f"chmod 600 {path}") as caught:
        read_secret(NAME, {f"{NAME}_FILE": str(path)})
    assert f"{NAME}_FILE" in str(caught.value)
    assert "4711" not in str(caught.value)


@posix
def test_mode_of_the_file_counts_and_not_that_of_a_link_to_it(tmp_path: Path) -> None:
    """Kubernetes mounts each secret as a link into a folder that it replaces."""
    secret_file(tmp_path / "..2026", "v", 0o400)
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "key").symlink_to("..data/key")
    assert read_secret(NAME, {f"{NAME}_FILE": str(tmp_path / "key")}) == "v"
    (tmp_path / "..2026" / "key").chmod(0o644)
    with pytest.raises(SettingsError, match="everybody"):
        read_secret(NAME, {f"{NAME}_FILE": str(tmp_path / "key")})


@posix
def test_file_that_others_may_read_is_taken_and_told_of_once_where_that_is_asked_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = secret_file(tmp_path, "v4711", 0o644)
    with caplog.at_level(logging.WARNING, "importer"):
        for _ in range(2):
            assert read_secret(NAME, {f"{NAME}_FILE": str(path)}, exposed=Exposed.TELL) == "v4711"
    (record,) = caplog.records
    assert f"chmod 600 {path}" in record.getMessage()
    assert "4711" not in caplog.text


def test_credential_that_is_there_and_empty_is_not_passed_over(tmp_path: Path) -> None:
    secret_file(tmp_path, "", 0o400, NAME)
    with pytest.raises(SettingsError, match="CREDENTIALS_DIRECTORY is empty"):
        read_secret(NAME, {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(SettingsError, match="too large"):
        read_secret(NAME, {f"{NAME}_FILE": "/dev/zero"})


@posix
def test_plain_run_takes_a_file_that_others_may_read_and_warns(tmp_path: Path) -> None:
    """`NAME_FILE` works with the mode that files have by default."""
    with running_simulator(Settings(limits=False)) as simulator:
        runs_with_a_file_that_others_may_read(Shell(tmp_path, simulator))


def runs_with_a_file_that_others_may_read(shell: Shell) -> None:
    path = secret_file(shell.folder, shell.simulator.environment()[NAME], 0o644)
    sheet = shell.write("a.csv", [{"Name": "Ann", "Email": "ann@example.com", "Phone": "+65 8123 4567"}])
    ended = shell.run(sheet, **{NAME: "", f"{NAME}_FILE": str(path)})
    assert ended.exit_code == 0
    assert ended.counts == {"created": 1}
    assert ended.err.count(f"chmod 600 {path}") == 1
