"""The manifest is held to the schema of Kubernetes, and to what the guide says of it.

What is not here is a cluster: that a Pod is admitted and its volumes are bound, nobody tries.
"""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from importer.jobfile import read_job_file
from importer.night.report import ALARM_EXIT_CODES
from tests.deploying.guide import example

DOCUMENTS: list[dict[str, Any]] = list(yaml.safe_load_all(example("importer.yaml")))
JOBS = DOCUMENTS[0]["data"]
CRONJOB = DOCUMENTS[-1]["spec"]
JOB = CRONJOB["jobTemplate"]["spec"]
POD = JOB["template"]["spec"]
(CONTAINER,) = POD["containers"]
VARIABLES = {each["name"]: each["value"] for each in CONTAINER["env"]}
MOUNTS = {each["name"]: each for each in CONTAINER["volumeMounts"]}
VOLUMES = {each["name"]: each for each in POD["volumes"]}


@pytest.mark.parametrize("version", ["1.31", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: str(each["metadata"]["name"]))
def test_kubernetes_knows_each_field(document: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(document, version, strict=True)


def test_schema_would_find_a_field_that_is_none() -> None:
    wrong = {**DOCUMENTS[-1], "spec": {**CRONJOB, "concurencyPolicy": "Forbid"}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.31", strict=True)


def test_two_nights_are_kept_apart_and_none_begins_late() -> None:
    assert CRONJOB["concurrencyPolicy"] == "Forbid"
    minute, hour = map(int, CRONJOB["schedule"].split()[:2])
    latest = datetime(2026, 1, 1, hour, minute) + timedelta(seconds=CRONJOB["startingDeadlineSeconds"])  # noqa: DTZ001  a time of day
    assert f"{latest:%H:%M}" < stop_by()
    assert CRONJOB["timeZone"] == VARIABLES["TZ"]


def stop_by() -> str:
    found = re.search(r'stop_by = "([\d:]+)"', JOBS["nightly.toml"])
    assert found is not None
    return found[1]


def test_only_what_is_nobodys_fault_is_tried_again() -> None:
    """An exit code that the program chose ends the job; a signal counts, a node that is drained does not."""
    assert POD["restartPolicy"] == "Never"  # else the policy below is refused
    ignored, failed = JOB["podFailurePolicy"]["rules"]
    assert (ignored["action"], ignored["onPodConditions"]) == (
        "Ignore",
        [{"type": "DisruptionTarget", "status": "True"}],
    )
    codes = failed["onExitCodes"]
    assert (failed["action"], codes["operator"]) == ("FailJob", "In")
    assert codes["values"] == [1, 2, 3, *ALARM_EXIT_CODES.values()]
    assert codes["containerName"] == CONTAINER["name"]


def test_pod_keeps_to_the_restricted_standard() -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, checked by hand."""
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(POD)
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["runAsUser"] > 0
    assert POD["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    own = CONTAINER["securityContext"]
    assert own["allowPrivilegeEscalation"] is False
    assert own["capabilities"] == {"drop": ["ALL"]}
    kinds = {key for volume in POD["volumes"] for key in volume if key != "name"}
    assert kinds <= {"configMap", "secret", "persistentVolumeClaim", "emptyDir"}
    assert POD["automountServiceAccountToken"] is False


def test_image_is_the_one_that_the_guide_builds() -> None:
    assert CONTAINER["image"] in example("container.sh").split()
    assert f"USER {POD['securityContext']['runAsUser']}:" in example("Containerfile")


def test_claims_and_maps_are_there() -> None:
    named = {each["kind"] + "/" + each["metadata"]["name"] for each in DOCUMENTS}
    assert f"ConfigMap/{VOLUMES['jobs']['configMap']['name']}" in named
    for name in ("state", "data"):
        claim = VOLUMES[name]["persistentVolumeClaim"]["claimName"]
        assert f"PersistentVolumeClaim/{claim}" in named
    assert set(MOUNTS) == set(VOLUMES)


def test_rows_wait_on_a_disk() -> None:
    assert MOUNTS["tmp"]["mountPath"] == "/tmp"
    assert "medium" not in VOLUMES["tmp"]["emptyDir"], "in memory they would count against its limit"


def test_ledger_is_for_one_pod_alone() -> None:
    (claim,) = (each for each in DOCUMENTS if each["metadata"]["name"] == "importer-state")
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]


def test_time_to_stop_is_that_of_the_service() -> None:
    assert f"TimeoutStopSec={POD['terminationGracePeriodSeconds'] // 60}min" in example(
        "importer-nightly.service"
    )


def test_keys_are_readable_for_root_and_the_group_alone() -> None:
    assert VOLUMES["keys"]["secret"]["defaultMode"] == 0o400
    assert POD["securityContext"]["fsGroup"] == POD["securityContext"]["runAsGroup"]


def test_job_is_one_that_can_run(tmp_path: Path) -> None:
    path = tmp_path / "nightly.toml"
    path.write_text(JOBS[path.name], encoding="utf-8")
    assert CONTAINER["args"] == ["run", "--job", f"{MOUNTS['jobs']['mountPath']}/{path.name}"]
    job = read_job_file(path, variables={"HITPAY_API_KEY": "k", "IMPORTER_NOTIFY_URLS": "json://localhost"})
    assert job.inbox is not None
    assert {str(place.parent) for place in (job.inbox.folder, job.inbox.done, job.inbox.attention)} == {
        MOUNTS["data"]["mountPath"]
    }
    assert job.ledger.startswith(f"sqlite:///{MOUNTS['state']['mountPath']}/")
