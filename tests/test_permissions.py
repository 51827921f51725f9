"""Who else may read or write a file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from importer.permissions import who_may_read, who_may_write

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")

ROOT, US, ANOTHER = 0, 1000, 1001


def status(mode: int, owner: int) -> os.stat_result:
    return os.stat_result((0o100000 | mode, 1, 1, 1, owner, 1, 10, 0, 0, 0))


@pytest.mark.parametrize(
    ("mode", "owner", "who"),
    [
        (0o600, US, ""),
        (0o400, US, ""),
        (0o640, US, "its group"),
        (0o644, US, "everybody"),
        (0o604, US, "everybody"),
        (0o602, US, "everybody"),
        (0o400, ROOT, ""),
        (0o440, ROOT, ""),  # systemd's access list, or Kubernetes' fsGroup
        (0o444, ROOT, "everybody"),
        (0o600, ANOTHER, "another user, whom it belongs to,"),
        (0o440, ANOTHER, "another user, whom it belongs to,"),
    ],
)
def test_mode_and_owner_say_who_may_read(
    monkeypatch: pytest.MonkeyPatch, mode: int, owner: int, who: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: US)
    assert who_may_read(status(mode, owner)) == who


def test_group_of_a_file_of_our_own_is_somebody_else_for_root_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: ROOT)
    assert who_may_read(status(0o440, ROOT)) == "its group"


def file_in(folder: Path, mode: int = 0o644) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "nightly.toml"
    path.write_text("", encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("mode", "who"),
    [(0o644, ""), (0o400, ""), (0o664, "its group may write it"), (0o646, "everybody may write it")],
)
def test_mode_says_who_may_write(tmp_path: Path, mode: int, who: str) -> None:
    assert who_may_write(file_in(tmp_path, mode)) == who


@pytest.mark.parametrize(("mode", "safe"), [(0o755, True), (0o1777, True), (0o777, False), (0o775, True)])
def test_folder_in_which_anybody_may_replace_a_file_is_no_safe_place(
    tmp_path: Path, mode: int, *, safe: bool
) -> None:
    path = file_in(tmp_path / "jobs")
    path.parent.chmod(mode)
    told = who_may_write(path)
    assert (told == "") is safe
    assert safe or str(path.parent) in told


def test_link_and_the_file_behind_it_must_both_be_safe(tmp_path: Path) -> None:
    behind = file_in(tmp_path / "open")
    link = tmp_path / "nightly.toml"
    link.symlink_to(behind)
    assert who_may_write(link) == ""
    behind.parent.chmod(0o777)
    assert str(behind.parent) in who_may_write(link)


def test_link_in_an_open_folder_is_no_safe_place(tmp_path: Path) -> None:
    behind = file_in(tmp_path / "closed")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    link = tmp_path / "open" / "nightly.toml"
    link.symlink_to(behind)
    assert str(link.parent) in who_may_write(link)


def test_link_on_the_way_in_an_open_folder_is_no_safe_place(tmp_path: Path) -> None:
    behind = file_in(tmp_path / "closed")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "open" / "link").symlink_to(behind)
    (tmp_path / "nightly.toml").symlink_to("open/link")
    assert str(tmp_path / "open") in who_may_write(tmp_path / "nightly.toml")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_file_of_another_user_is_theirs_to_write(tmp_path: Path) -> None:
    path = file_in(tmp_path)
    os.chown(path, 65534, 65534)
    assert who_may_write(path) == "another user, whom it belongs to, may write it"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root makes files of other users")
@pytest.mark.parametrize(
    ("mode", "owner", "group", "who"),
    [
        (0o440, 0, 65534, ""),  # as Kubernetes mounts a secret with fsGroup
        (0o444, 0, 0, "everybody"),  # as it mounts one without
        (0o400, 65534, 65534, ""),
        (0o440, 65534, 65534, "its group"),
        (0o440, 1234, 65534, "another user, whom it belongs to,"),
    ],
)
def test_service_that_is_not_root_is_told_the_same_of_a_real_file(
    tmp_path: Path, mode: int, owner: int, group: int, who: str
) -> None:
    path = file_in(tmp_path, mode)
    os.chown(path, owner, group)
    code = (
        "import os; from importer.permissions import who_may_read; "
        "os.setgroups([]); os.setgid(65534); os.setuid(65534); print(who_may_read(os.fstat(0)))"
    )
    with path.open("rb") as file:
        told = subprocess.run(
            [sys.executable, "-c", code],
            stdin=file,
            capture_output=True,
            cwd=Path(__file__).parent.parent,
            text=True,
            check=True,
        )
    assert told.stdout.strip() == who
