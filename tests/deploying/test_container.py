"""The container file is read by a linter and a parser; what it copies is built. No image is made here."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser

from importer import __version__
from tests.cli_support import PATIENCE
from tests.deploying.guide import BIN, ROOT, example, needs, output_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def container() -> DockerfileParser:
    """The container file, parsed."""
    return DockerfileParser(fileobj=BytesIO(example("Containerfile").encode()))


def last(instruction: str) -> str:
    """The value of the instruction that counts."""
    return str([each["value"] for each in container().structure if each["instruction"] == instruction][-1])


def copied() -> list[str]:
    """What is copied from the project."""
    lines = [each["value"].split() for each in container().structure if each["instruction"] == "COPY"]
    return [word for line in lines if not line[0].startswith("--from") for word in line[:-1]]


def test_linter_finds_nothing_wrong_with_the_container_file(tmp_path: Path) -> None:
    file = tmp_path / "Containerfile"
    file.write_text(example("Containerfile"), encoding="utf-8")
    linter = shutil.which("hadolint", path=str(BIN)) or needs("hadolint")
    assert output_of(linter, "--failure-threshold", "style", file) == ""


def test_images_it_starts_from_are_named_by_their_version() -> None:
    for image in container().parent_images:
        assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", image), image


def test_program_itself_gets_the_signal_to_stop() -> None:
    """The exec form: no shell stands between."""
    assert json.loads(last("ENTRYPOINT")) == ["importer"]
    assert json.loads(last("CMD")) == ["run", "--job", "/etc/importer/nightly.toml"]


def test_user_is_a_number_and_not_root() -> None:
    """Kubernetes cannot tell of a name whether it is root."""
    user, group = last("USER").split(":")
    assert (user.isdecimal(), group.isdecimal(), int(user) > 0) == (True, True, True)


def test_ledger_cannot_land_on_a_volume_without_a_name() -> None:
    assert "VOLUME" not in {each["instruction"] for each in container().structure}
    assert "--read-only" in example("container.sh")
    assert ":/state" in example("container.sh")


def test_no_secret_is_built_in() -> None:
    assert not [name for name in container().envs if re.search("KEY|TOKEN|SECRET|URLS|LEDGER", name)]
    assert "ARG" not in {each["instruction"] for each in container().structure}


def test_labels_say_what_it_is() -> None:
    labels = container().labels
    assert labels["org.opencontainers.image.title"] == PROJECT["name"]
    assert labels["org.opencontainers.image.licenses"] == PROJECT["license"]
    assert labels["org.opencontainers.image.version"] == PROJECT["version"] == __version__
    assert f"importer:{__version__}" in example("container.sh")


def sent_to_the_builder(name: str) -> bool:
    """Whether a name at the top is let through: of the lines that match, the last one counts."""
    sent = True
    for line in example(".dockerignore").split():
        if fnmatchcase(name, line.removeprefix("!").removeprefix("**/")):
            sent = line.startswith("!")
    return sent


def test_builder_gets_what_is_copied_and_nothing_else() -> None:
    sent = {path.name for path in ROOT.iterdir() if sent_to_the_builder(path.name)}
    assert sent == set(copied())
    assert not any(map(sent_to_the_builder, (".env", ".git", "customers.csv", "ledger.sqlite3")))


def test_what_is_copied_is_enough_to_build_the_program(tmp_path: Path) -> None:
    for name in copied():
        source, target = ROOT / name, tmp_path / "src" / name
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(tmp_path), "./src"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.glob("importer-*.whl"))


def test_extras_that_are_installed_exist() -> None:
    (extras,) = re.findall(r'"\.\[([\w,]+)\]"', example("Containerfile"))
    assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"])


def test_command_gives_the_container_what_the_guide_says() -> None:
    words = shlex.split(example("container.sh").replace("\\\n", " "))
    mounts = [words[place + 1].split(":") for place, word in enumerate(words) if word == "--volume"]
    assert {mount[1] for mount in mounts if mount[2:] != ["ro"]} == {"/state", "/data"}
    for name, value in (words[place + 1].split("=") for place, word in enumerate(words) if word == "--env"):
        assert name == "TZ" or (name.endswith("_FILE") and value.startswith("/run/keys/"))


def test_command_line_is_understood_by_a_shell() -> None:
    sh = shutil.which("sh")
    if sh is None:
        pytest.skip("needs a shell")
    subprocess.run([sh, "-n", "-c", example("container.sh")], check=True, timeout=PATIENCE)
