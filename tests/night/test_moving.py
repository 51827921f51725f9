"""Files are moved whole, to names that nobody has, on any disk."""

import errno
import os
import tempfile
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from importer.night.moving import move_all, move_new, names

DAY = date(2026, 11, 21)


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def refuses(number: int) -> object:
    """A disk that has no links."""

    def link(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return link


def moves_and_never_overwrites(folder: Path, target: Path) -> None:
    source = folder / "a.csv"
    source.write_text("new")
    move_new(source, target / "a.csv")
    assert (target / "a.csv").read_text() == "new"
    assert not source.exists()
    source.write_text("newer")
    with pytest.raises(FileExistsError):
        move_new(source, target / "a.csv")
    assert (source.read_text(), (target / "a.csv").read_text()) == ("newer", "new")
    assert [path.name for path in target.iterdir()] == ["a.csv"]


def test_file_is_moved_to_a_name_that_is_free(tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    moves_and_never_overwrites(tmp_path, tmp_path / "to")


def test_file_is_moved_to_another_disk(tmp_path: Path, other_disk: Path) -> None:
    moves_and_never_overwrites(tmp_path, other_disk)


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV])
def test_file_is_moved_where_there_are_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / "to").mkdir()
    monkeypatch.setattr(os, "link", refuses(number))
    moves_and_never_overwrites(tmp_path, tmp_path / "to")


def test_file_that_cannot_be_moved_stays_where_it_is(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("x")
    with pytest.raises(OSError):  # noqa: PT011  of whatever kind
        move_new(source, tmp_path / "missing" / "a.csv")
    assert source.read_text() == "x"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", ["a.csv", "a-2026-11-21.csv", "a-2026-11-21-2.csv"]),
        ("a.results.csv", ["a.results.csv", "a-2026-11-21.results.csv", "a-2026-11-21-2.results.csv"]),
        ("a.csv.gz", ["a.csv.gz", "a-2026-11-21.csv.gz", "a-2026-11-21-2.csv.gz"]),
        ("a.b.xlsx", ["a.b.xlsx", "a.b-2026-11-21.xlsx", "a.b-2026-11-21-2.xlsx"]),
        ("a", ["a", "a-2026-11-21", "a-2026-11-21-2"]),
    ],
)
def test_other_names_keep_the_ending(name: str, expected: list[str]) -> None:
    assert list(islice(names(name, DAY), 3)) == expected


def test_files_that_belong_together_go_by_one_name(tmp_path: Path) -> None:
    to = tmp_path / "to"
    to.mkdir()
    (to / "a.results.csv").write_text("of somebody else")
    sources = [tmp_path / "a.results.csv", tmp_path / "a.csv"]
    for source in sources:
        source.write_text("x")
    moved = move_all(sources, to, DAY)
    assert [path.name for path in moved] == ["a-2026-11-21.results.csv", "a-2026-11-21.csv"]
    assert (to / "a.results.csv").read_text() == "of somebody else"
