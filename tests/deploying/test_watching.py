"""The rules for Prometheus are read and tried by its own tool, the rotation of the log by logrotate."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from importer.night.report import State
from importer.rows import Status
from importer.telling.metrics import METRICS
from tests.cli_support import PATIENCE
from tests.deploying.guide import Machine, example, needs, output_of

RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(example("importer-rules.yml"))["groups"] for rule in group["rules"]
]


def test_rules_name_metrics_that_the_program_writes() -> None:
    named = {name for rule in RULES for name in re.findall(r"\b(?:importer|kube)_\w+", f"{rule['expr']} ")}
    assert {name for name in named if name.startswith("importer_")} <= set(METRICS)
    assert "importer_last_success_timestamp_seconds" in named


def test_rules_look_for_values_that_there_are() -> None:
    told = [pair for rule in RULES for pair in re.findall(r'(\w+)="(\w+)"', rule["expr"])]
    assert {("state", "failed"), ("state", "degraded"), ("status", "unknown")} == set(told)
    assert {value for name, value in told if name == "state"} <= set(State)
    assert {value for name, value in told if name == "status"} <= set(Status)


def test_prometheus_finds_nothing_wrong_with_the_rules(tmp_path: Path) -> None:
    file = tmp_path / "importer-rules.yml"
    file.write_text(example(file.name), encoding="utf-8")
    assert f"SUCCESS: {len(RULES)} rules found" in output_of(needs("promtool"), "check", "rules", file)


def test_alarm_is_raised_26_hours_after_the_last_success(tmp_path: Path) -> None:
    """By Prometheus' own clock: at 25 hours there is none, at 27 there is."""
    (tmp_path / "importer-rules.yml").write_text(example("importer-rules.yml"), encoding="utf-8")
    labels = {"exported_job": "nightly", "provider": "hitpay"}
    (rule,) = (each for each in RULES if each["alert"] == "ImportOverdue")
    summary = rule["annotations"]["summary"].replace("{{ $labels.exported_job }}", "nightly")
    alarm = {"exp_labels": labels, "exp_annotations": {"summary": summary}}
    series = ",".join(f'{name}="{value}"' for name, value in labels.items())
    test = {
        "rule_files": ["importer-rules.yml"],
        "tests": [
            {
                "interval": "10m",
                "input_series": [
                    {"series": f"importer_last_success_timestamp_seconds{{{series}}}", "values": "0x200"}
                ],
                "alert_rule_test": [
                    {"eval_time": "25h", "alertname": "ImportOverdue", "exp_alerts": []},
                    {"eval_time": "27h", "alertname": "ImportOverdue", "exp_alerts": [alarm]},
                ],
            }
        ],
    }
    (tmp_path / "test.yml").write_text(json.dumps(test), encoding="utf-8")
    assert "SUCCESS" in output_of(needs("promtool"), "test", "rules", tmp_path / "test.yml")


def test_metrics_of_a_night_are_what_prometheus_takes(machine: Machine) -> None:
    machine.deliver("customers.csv", range(2))
    machine.night()
    file = machine.place("/var/lib/importer-metrics/nightly.prom")
    assert file.stat().st_mode & 0o004, "the exporter is another user"
    text = file.read_text(encoding="utf-8")
    assert set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)) == set(METRICS)
    told = subprocess.run(
        [needs("promtool"), "check", "metrics"], input=text, capture_output=True, text=True, timeout=PATIENCE
    )
    assert told.returncode == 0, told.stderr


def test_log_goes_on_when_it_was_rotated(machine: Machine) -> None:
    """The rotation is forced; our own user stands in for that of the guide."""
    program = needs("logrotate")
    if os.geteuid() != 0:
        pytest.skip("only root rotates for another user")
    file = machine.folder / "importer.logrotate"
    text = machine.moved(example(file.name)).replace("su importer importer", "su root root")
    file.write_text(text, encoding="utf-8")
    for number in range(2):
        machine.deliver(f"{number}.csv", range(number, number + 1))
        machine.night()
        assert output_of(program, "--force", "--state", machine.folder / "rotated", file) == ""
    logs = machine.place("/var/log/importer")
    # the younger one is compressed a rotation later; the current one is made by the next line
    assert sorted(path.name for path in logs.iterdir()) == ["nightly.log.1", "nightly.log.2.gz"]
    assert (logs / "nightly.log.1").read_text(encoding="utf-8").count("night_ended") == 1
