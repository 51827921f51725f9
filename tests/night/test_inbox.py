"""An inbox: each file is taken once, and lies with its results where a person looks for it."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread

import pytest

from importer.jobfile import Inbox
from importer.night.inbox import Claim, InboxFolder
from importer.night.interruption import Interruption
from importer.night.taking import Fate
from importer.night.waiting import Clock
from tests.cli_support import statuses
from tests.night.support import Nightly, alarms, emails, way_out
from tests.support import person

LONG_AGO = 1_700_000_000.0


def settings(folder: Path, **changes: object) -> Inbox:
    for name in ("inbox", "done", "attention"):
        (folder / name).mkdir(exist_ok=True)
    places = {name: folder / name for name in ("done", "attention")}
    return Inbox.model_validate({"folder": folder / "inbox", "quiet_for": 0.0, **places, **changes})


def opened(folder: Path, clock: Clock | None = None, **changes: object) -> InboxFolder:
    inbox = InboxFolder(settings(folder, **changes), clock or Clock())
    inbox.prepare()
    return inbox


def claims(inbox: InboxFolder) -> list[Claim]:
    return list(inbox.claims(Interruption()))


def seen(path: Path) -> list[str]:
    return sorted(each.name for each in path.iterdir() if not each.name.startswith("."))


# -- what becomes of a file


def test_file_that_went_well_lies_in_done_with_its_results(nightly: Nightly) -> None:
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(2))
    nightly.people("inbox/b.csv", range(2, 4))
    ended = nightly.night()
    assert ended.exit_code == 0, ended.err
    assert nightly.files("done") == ["a.csv", "a.results.csv", "b.csv", "b.results.csv"]
    assert nightly.files("inbox") == nightly.files("attention") == []
    assert sorted(nightly.emails) == sorted(emails(range(4)))
    outputs = [Path(file["output"]) for file in ended.json["files"]]
    assert outputs == [nightly.folder / "done" / name for name in ("a.results.csv", "b.results.csv")]
    assert list((nightly.folder / "inbox" / ".processing").iterdir()) == []


def test_log_names_no_place_where_the_results_no_longer_are(nightly: Nightly) -> None:
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(3))
    ended = nightly.night()
    (line,) = (line for line in ended.err.splitlines() if " run_ended " in line)
    assert "output=" not in line
    assert ended.json["output"] == str(nightly.folder / "done" / "a.results.csv")


def test_file_that_did_not_lies_in_attention_with_its_results(nightly: Nightly) -> None:
    nightly.write(inbox=True)
    nightly.rows("inbox/a.csv", [*(person("hitpay", n) for n in range(9)), {"Name": "X", "Email": "no"}])
    (nightly.folder / "inbox" / "b.pdf").write_bytes(b"%PDF-1.4")
    ended = nightly.night()
    assert ended.exit_code == 1
    assert [file["exit_code"] for file in ended.json["files"]] == [1, 2]
    assert nightly.files("attention") == ["a.csv", "a.results.csv", "b.pdf"]
    assert nightly.files("inbox") == nightly.files("done") == []


def test_corrected_results_put_into_the_inbox_are_gone_on_with(nightly: Nightly) -> None:
    nightly.write(inbox=True)
    nightly.rows(
        "inbox/a.csv", [*(person("hitpay", n) for n in range(9)), person("hitpay", 9) | {"Email": "?"}]
    )
    assert nightly.night().exit_code == 1
    results = nightly.folder / "attention" / "a.results.csv"
    corrected = results.read_text(encoding="utf-8-sig").replace("?", emails([9])[0])
    (nightly.folder / "inbox" / "a.results.csv").write_text(corrected, encoding="utf-8-sig")
    ended = nightly.night()
    assert ended.exit_code == 0, ended.err
    assert nightly.files("done") == ["a.results.csv"]
    assert sorted(nightly.emails) == sorted(emails(range(10)))


def test_foreign_sheet_that_is_called_like_results_is_imported_and_blocks_nobody(nightly: Nightly) -> None:
    nightly.write(inbox=True)
    nightly.people("inbox/z.results.csv", range(3))
    ended = nightly.night()
    assert ended.exit_code == 0, ended.err
    assert nightly.files("done") == ["z.results.csv", "z.results.results.csv"]
    assert sorted(nightly.emails) == sorted(emails(range(3)))


def test_file_that_an_alarm_stopped_lies_in_attention_and_the_command_shown_goes_on(nightly: Nightly) -> None:
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(10))
    nightly.night()
    nightly.people("inbox/b.csv", range(10, 12))
    ended = nightly.night()
    assert (ended.exit_code, alarms(ended)) == (12, {"smaller": True})
    assert statuses(nightly.folder / "attention" / "b.results.csv") == ["not_sent"] * 2
    assert nightly.importer(*way_out(ended)).exit_code == 0
    assert sorted(nightly.emails) == sorted(emails(range(12)))


def test_nothing_in_done_is_ever_overwritten(nightly: Nightly) -> None:
    nightly.sections["alarms"] = {"same_file": "off"}
    nightly.write(inbox=True)
    contents = set()
    for night in range(4):
        path = nightly.people("inbox/a.csv", range(night, night + 3))
        contents.add(path.read_bytes())
        assert nightly.night().exit_code == 0
    done = nightly.folder / "done"
    kept = [name for name in nightly.files("done") if ".results." not in name]
    assert {(done / name).read_bytes() for name in kept} == contents
    for name in kept:
        assert (done / name.replace(".csv", ".results.csv")).exists(), "the two go by one name"


def test_inbox_without_a_file_is_an_alarm(nightly: Nightly) -> None:
    nightly.write(inbox=True)
    ended = nightly.night()
    assert (ended.exit_code, alarms(ended)) == (10, {"no_file": True})


@pytest.mark.parametrize("folder", ["done", "attention", "inbox"])
def test_folder_that_cannot_be_written_to_is_told_before_a_file_is_taken(
    nightly: Nightly, folder: str
) -> None:
    """As root every folder can be written to, so it is a file that is in the way."""
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(2))
    place = nightly.folder / (folder if folder != "inbox" else "inbox/.processing")
    place.write_text("in the way")
    ended = nightly.night()
    assert ended.exit_code == 2
    assert f"{place} cannot be written to" in ended.err
    assert nightly.files("inbox") == ["a.csv"]
    assert nightly.emails == []


def test_inbox_that_is_missing_is_not_made(nightly: Nightly) -> None:
    """It is more likely on a disk that is not mounted."""
    nightly.write(inbox=True)
    (nightly.folder / "inbox").rmdir()
    ended = nightly.night()
    assert ended.exit_code == 2
    assert "There is no inbox" in ended.err


# -- what is taken


def test_what_is_still_being_written_is_never_taken(tmp_path: Path) -> None:
    inbox = opened(tmp_path)
    names = (
        ".hidden.csv",
        "~$a.xlsx",
        ".~lock.a.ods#",
        "a.csv.part",
        "a.csv.filepart",
        "b.tmp",
        "c.crdownload",
    )
    for name in names:
        (tmp_path / "inbox" / name).write_text("x")
    (tmp_path / "inbox" / "folder.csv").mkdir()
    (tmp_path / "inbox" / "link.csv").symlink_to("/etc/passwd")
    assert claims(inbox) == []


class Watched:
    """A clock of which nobody waits; `during` happens while somebody would."""

    def __init__(self, now: float) -> None:
        self.time = now
        self.waits: list[float] = []
        self.during: Callable[[], object] = lambda: None

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.time, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds
        self.during()


def test_young_file_is_waited_for_until_it_is_quiet(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    path = tmp_path / "inbox" / "a.csv"
    path.write_text("x")
    changed = path.stat().st_ctime
    watched = Watched(changed + 10)
    inbox = opened(tmp_path, watched.clock, quiet_for=30.0)
    assert [claim.name for claim in claims(inbox)] == ["a.csv"]
    assert watched.waits == pytest.approx([20])


def test_old_file_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    path = tmp_path / "inbox" / "a.csv"
    path.write_text("x")
    watched = Watched(path.stat().st_ctime + 31)
    assert len(claims(opened(tmp_path, watched.clock, quiet_for=30.0))) == 1
    assert watched.waits == []


def test_file_that_grows_is_left_and_one_whose_time_lies_in_the_future_is_not(tmp_path: Path) -> None:
    """The clock of a server that files are kept on may be ahead; and who uploads may set any time."""
    (tmp_path / "inbox").mkdir()
    for name in ("grows.csv", "future.csv"):
        (tmp_path / "inbox" / name).write_text("x")
    os.utime(tmp_path / "inbox" / "future.csv", (9e9, 9e9))
    watched = Watched((tmp_path / "inbox" / "grows.csv").stat().st_ctime - 1000)
    watched.during = lambda: (tmp_path / "inbox" / "grows.csv").write_text("xx")
    inbox = opened(tmp_path, watched.clock, quiet_for=30.0)
    assert [claim.name for claim in claims(inbox)] == ["future.csv"]
    assert inbox.left == ["grows.csv"]


def test_time_that_an_upload_has_set_does_not_make_it_old(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    path = tmp_path / "inbox" / "a.csv"
    path.write_text("x")
    os.utime(path, (LONG_AGO, LONG_AGO))
    watched = Watched(path.stat().st_ctime)
    watched.during = lambda: path.write_text("xxx")
    assert claims(opened(tmp_path, watched.clock, quiet_for=30.0)) == []


def test_file_with_a_marker_is_taken_once_that_is_there_and_the_marker_goes_with_it(tmp_path: Path) -> None:
    watched = Watched(0.0)
    inbox = opened(tmp_path, watched.clock, quiet_for=30.0, ready_marker=".ready")
    (tmp_path / "inbox" / "a.csv").write_text("x")
    assert claims(inbox) == []
    assert inbox.left == ["a.csv"]
    (tmp_path / "inbox" / "a.csv.ready").touch()
    (tmp_path / "inbox" / "b.csv.ready").touch()
    (claim,) = claims(inbox)
    claim.put_away(Fate.DONE, None)
    assert seen(tmp_path / "inbox") == ["b.csv.ready"], "the next upload of that name would count as whole"
    assert seen(tmp_path / "done") == ["a.csv"]
    assert watched.waits == []


# -- one of several gets it, and what is left behind is gone on with


def test_of_several_that_take_files_at_once_each_file_is_taken_by_one(tmp_path: Path) -> None:
    inboxes = [opened(tmp_path) for _ in range(4)]
    for number in range(60):
        (tmp_path / "inbox" / f"{number:02}.csv").write_text("x")
    got: list[list[str]] = [[] for _ in inboxes]
    together = Barrier(len(inboxes))

    def take(inbox: InboxFolder, names: list[str]) -> None:
        together.wait()
        for claim in inbox.claims(Interruption()):
            names.append(claim.name)
            claim.put_away(Fate.DONE, None)

    threads = [Thread(target=take, args=each) for each in zip(inboxes, got, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(name for names in got for name in names) == [f"{number:02}.csv" for number in range(60)]
    assert len(seen(tmp_path / "done")) == 60
    assert list((tmp_path / "inbox" / ".processing").iterdir()) == []


def test_file_that_stopped_early_is_the_first_of_the_next_night_and_not_of_this_one(tmp_path: Path) -> None:
    inbox = opened(tmp_path)
    for name in ("z.csv", "b.csv"):
        (tmp_path / "inbox" / name).write_text("x")
    found = inbox.claims(Interruption())
    first, held = next(found), next(found)
    assert (first.name, held.name) == ("b.csv", "z.csv")
    assert claims(opened(tmp_path)) == [], "its owner lives"
    first.put_away(Fate.DONE, None)
    held.put_away(Fate.AGAIN, None)
    (tmp_path / "inbox" / "a.csv").write_text("x")
    assert [claim.name for claim in opened(tmp_path).claims(Interruption())] == ["z.csv", "a.csv"]


@pytest.mark.parametrize("marker", ["", ".ready"])
def test_claim_that_was_cut_short_is_undone(tmp_path: Path, marker: str) -> None:
    inbox = opened(tmp_path, ready_marker=marker)
    (tmp_path / "inbox" / "a.csv").write_text("x")
    cut_short = tmp_path / "inbox" / ".processing" / "20260101-000000-abcdef"
    cut_short.mkdir()
    (cut_short / ".source").write_text("a.csv")
    if marker:
        (cut_short / ".a.csv.ready").touch()
    assert [claim.name for claim in claims(inbox)] == ["a.csv"]
    assert not cut_short.exists()


def test_file_in_processing_without_a_note_is_never_removed(tmp_path: Path) -> None:
    inbox = opened(tmp_path)
    strange = tmp_path / "inbox" / ".processing" / "20260101-000000-abcdef"
    strange.mkdir()
    (strange / "a.csv").write_text("somebody's customers")
    assert claims(inbox) == []
    assert (strange / "a.csv").read_text() == "somebody's customers"


def test_run_of_a_night_is_listed_by_its_job_and_its_results_can_be_written_again(nightly: Nightly) -> None:
    """From where the file lies now."""
    nightly.write(inbox=True)
    nightly.people("inbox/a.csv", range(3))
    run = nightly.night().json["run"]
    results = nightly.folder / "done" / "a.results.csv"
    (listed,) = nightly.importer("runs", "--json").json["runs"]
    assert (listed["id"], listed["job"]) == (run, "nightly")
    assert (listed["source"], listed["output"]) == (str(results.with_name("a.csv")), str(results))
    written = results.read_bytes()
    results.unlink()
    again = nightly.importer("runs", run, "-o", results)
    assert again.exit_code == 0, again.err
    assert results.read_bytes() == written
