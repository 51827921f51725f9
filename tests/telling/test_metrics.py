"""The metrics file, as Prometheus' own parser reads it."""

import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from importer.errors import ResultsError
from importer.night.report import NightReport
from importer.telling.metrics import METRICS, last_success, write_metrics
from tests.telling.nights import DEGRADED, GOOD, NO_FILE, STOPPED

GUIDE = (Path(__file__).parents[2] / "importer" / "telling" / "TELLING.md").read_text(encoding="utf-8")
LABELS = {"provider": "hitpay", "environment": "live"}
WHOLE = {"job": "nightly", **LABELS}

Samples = Mapping[tuple[str, str], float]
"""By name and by the label of its own ("" for none)."""


def written(path: Path, report: NightReport, now: float = 1000.0, failed: int = 0) -> Samples:
    write_metrics(report, path, labels=LABELS, now=now, notifications_failed=failed)
    found = {}
    for family in text_string_to_metric_families(path.read_bytes().decode()):
        assert family.type == "gauge"
        assert family.documentation == METRICS[family.name]
        for sample in family.samples:
            assert sample.labels.items() >= WHOLE.items()
            own = {name: value for name, value in sample.labels.items() if name not in WHOLE}
            found[sample.name, "".join(own.values())] = sample.value
    return found


def test_night_is_read_back_by_prometheus(tmp_path: Path) -> None:
    found = written(tmp_path / "importer.prom", GOOD)
    assert {name for name, _ in found} == set(METRICS)
    assert found["importer_last_run_timestamp_seconds", ""] == 1000
    assert found["importer_rows", "created"] == 120
    assert found["importer_rows", "invalid"] == 0
    assert found["importer_run_duration_seconds", ""] == 12.4
    assert (found["importer_state", "ok"], found["importer_state", "failed"]) == (1, 0)
    assert (found["importer_exit_code", ""], found["importer_notifications_failed", ""]) == (0, 0)


def test_last_success_outlives_nights_that_failed(tmp_path: Path) -> None:
    path = tmp_path / "importer.prom"
    times = [
        written(path, report, now)["importer_last_success_timestamp_seconds", ""]
        for now, report in enumerate([STOPPED, GOOD, STOPPED, NO_FILE, DEGRADED, STOPPED], 1)
    ]
    assert times == [0, 2, 2, 2, 5, 5]


def test_success_of_another_job_is_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "importer.prom"
    written(path, GOOD)
    assert last_success(path, WHOLE) == 1000
    assert last_success(path, WHOLE | {"job": "other"}) == 0


@pytest.mark.parametrize("left", [b"", b"\xff\xfe", b"importer_last_success_timestamp_seconds{ x\n", None])
def test_file_that_tells_no_success_is_none(tmp_path: Path, left: bytes | None) -> None:
    path = tmp_path / "importer.prom"
    if left is not None:
        path.write_bytes(left)
    assert written(path, STOPPED)["importer_last_success_timestamp_seconds", ""] == 0


def test_alarm_and_notifications_that_failed_are_counted(tmp_path: Path) -> None:
    found = written(tmp_path / "importer.prom", NO_FILE, failed=2)
    assert (found["importer_alarm", "no_file"], found["importer_alarm", "empty"]) == (1, 0)
    assert (found["importer_exit_code", ""], found["importer_notifications_failed", ""]) == (10, 2)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_exporter_may_read_it_whatever_our_umask_is(tmp_path: Path) -> None:
    path = tmp_path / "importer.prom"
    before = os.umask(0o077)
    try:
        for _ in range(2):
            written(path, GOOD)
            assert stat.S_IMODE(path.stat().st_mode) == 0o644
    finally:
        os.umask(before)
    assert [each.name for each in tmp_path.iterdir()] == ["importer.prom"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_label_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    path = tmp_path_factory.mktemp("metrics") / "importer.prom"
    write_metrics(replace(GOOD, job=name), path, labels=LABELS, now=5.0)
    families = list(text_string_to_metric_families(path.read_bytes().decode()))
    assert {sample.labels["job"] for family in families for sample in family.samples} == {name}
    assert last_success(path, {"job": name, **LABELS}) == 5


def test_folder_that_is_not_there_leaves_an_error(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="there is no folder"):
        write_metrics(GOOD, tmp_path / "nowhere" / "importer.prom", labels=LABELS, now=1.0)


def test_guide_lists_every_metric() -> None:
    for name, meaning in METRICS.items():
        assert f"| `{name}` | {meaning} |\n" in GUIDE
