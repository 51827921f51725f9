"""The one line of a night."""

import pytest

from importer.night.report import NightReport
from importer.telling.summary import summary_line
from tests.telling.nights import DEGRADED, GOOD, NO_FILE, STOPPED, night, summary


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (GOOD, "nightly: ok, 120 created, 3 exists in 12 s, exit 0 (results: c.results.csv)"),
        (DEGRADED, "nightly: degraded, 5 created, 2 invalid in 12 s, exit 1 (results: c.results.csv)"),
        (NO_FILE, "nightly: failed, alarm no_file in 12 s, exit 10"),
        (night(2, error="It is no spreadsheet."), "nightly: failed, 1 file failed in 12 s, exit 2"),
        (
            STOPPED,
            "nightly: failed, 5 created, 1 failed, 1,200 not_sent in 12 s, exit 3 (results: c.results.csv)",
        ),
    ],
)
def test_line_says_state_counts_time_exit_code_and_results(report: NightReport, line: str) -> None:
    assert summary_line(report) == line


def test_files_of_a_night_are_added_up_and_a_few_of_them_named() -> None:
    files = [summary(output=f"done/{name}.results.csv", created=1_000) for name in "abcde"]
    assert summary_line(night(0, *files)) == (
        "nightly: ok, 5,000 created in 12 s, exit 0 "
        "(results: a.results.csv, b.results.csv, c.results.csv and 2 more)"
    )


def test_line_is_one_line_whatever_files_are_called() -> None:
    assert summary_line(night(0, summary(output="a\nb.csv"))).count("\n") == 0
