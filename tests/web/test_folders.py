"""Imports on disk: whoever keeps something loses nothing that somebody else kept."""

import json
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest

from importer.errors import SettingsError
from importer.rows import Environment
from importer.web.folders import Folders, Import, Stage, new_id
from importer.web.sweeping import sweep
from tests.support import Bench, people_csv
from tests.web.page import DESK, FOLDERS, Page


def made(folders: Folders) -> Import:
    """An import without a sheet."""
    new = Import(
        id=new_id(),
        owner="ann",
        name="c.csv",
        file="sheet.csv",
        provider="hitpay",
        environment=Environment.SANDBOX,
        account="default",
        created=1.0,
        used=1.0,
    )
    return folders.adopt(folders.incoming(), new)


def test_import_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "page")
    one = made(folders)
    kept = folders.keep(one, stage=Stage.DONE, ended={"counts": {"created": 1}}, read={"sheet": "\ud800"})
    assert Folders(tmp_path / "page").find(one.id) == kept
    assert kept.version == one.version + 1
    assert kept.used > one.used


def test_two_that_keep_something_at_once_lose_nothing(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "page")
    one = made(folders)
    folders.keep(one, stage=Stage.SENDING)
    kept = folders.keep(one, repair=True)
    assert (kept.stage, kept.repair, kept.version) == (Stage.SENDING, True, 2)


def test_what_is_kept_of_a_deleted_import_does_not_bring_it_back(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "page")
    one = made(folders)
    folders.remove(one)
    with pytest.raises(SettingsError, match="deleted meanwhile"):
        folders.keep(one, stage=Stage.CHECK)
    assert list((tmp_path / "page").iterdir()) == []


@pytest.mark.parametrize("strange", ["", "..", "../page", "A" * 15, "A" * 17, "AAAAAAAAAAAAAAA/", "key"])
def test_only_ids_of_ours_name_an_import(tmp_path: Path, strange: str) -> None:
    folders = Folders(tmp_path / "page")
    made(folders)
    assert folders.find(strange) is None


def test_damaged_import_is_none_and_others_are_listed(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "page")
    good, bad = made(folders), made(folders)
    (folders.place(bad) / "import.json").write_text('{"id": 1}', encoding="utf-8")
    assert folders.all() == [good]


def test_upload_that_never_arrived_whole_is_dropped_at_the_next_start(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "page")
    left, good = folders.incoming(), made(folders)
    folders.drop_incoming()
    assert not left.exists()
    assert folders.find(good.id) == good


@pytest.mark.parametrize("step", ["results", "results.csv"])
async def test_import_that_is_looked_at_or_downloaded_is_in_use(bench: Bench, page: Page, step: str) -> None:
    """It is not deleted because nothing was changed in it; and its pages stay as new as they were."""
    folders = page.app[FOLDERS]
    one = await page.upload(people_csv(bench.folder / "c.csv", "hitpay", range(2)))
    await page.checked(one)
    await page.sent(one)
    found = folders.find(one)
    assert found is not None
    week = timedelta(days=7)
    (folders.place(found) / "import.json").write_text(json.dumps(asdict(replace(found, used=1.0))))
    await page.get(f"/imports/{one}/{step}")
    now = folders.find(one)
    assert now is not None
    assert now == replace(found, used=now.used)
    sweep(folders, page.app[DESK], week, now=found.used + week.total_seconds() - 1)
    assert folders.find(one) is not None
    sweep(folders, page.app[DESK], week, now=now.used + week.total_seconds() + 1)
    assert folders.find(one) is None
