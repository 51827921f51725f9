"""A night goes with no more than what the manifest grants: as the first process of a file system that is
read-only but for its mounts, as a user that no file knows, with links for its job and its keys.

It is done with namespaces instead of a cluster. Keys belong to the user here and not to root with a group:
tests/test_permissions.py has real files of that kind.
"""

import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from importer.simulator import Settings, Simulator, running_simulator
from tests.cli_support import PATIENCE, Ended, until
from tests.deploying.guide import BIN, ROOT, needs
from tests.deploying.test_kubernetes import CONTAINER, JOBS, MOUNTS, POD, VARIABLES, VOLUMES
from tests.support import people_csv

OWN_NAMESPACES = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child"]
PROGRAM = {Path(sys.prefix), Path(sys.base_prefix), ROOT}


@dataclass(frozen=True)
class Pod:
    """Folders for the mounts of the Pod, filled as the kubelet does."""

    folder: Path
    simulator: Simulator

    def fill(self) -> "Pod":
        """A job for the stand-in of the provider, its keys, and room."""
        job = f'base_url = "{self.simulator.base_url("hitpay")}"\nrate = ["50/s"]\n{JOBS["nightly.toml"]}'
        self.mount("jobs", {"nightly.toml": job.replace("[inbox]\n", "[inbox]\nquiet_for = 0.0\n")}, 0o644)
        key = self.simulator.environment()["HITPAY_API_KEY"]
        urls = "json://127.0.0.1:9/"  # nobody listens there
        mode = VOLUMES["keys"]["secret"]["defaultMode"]
        self.mount("keys", {"HITPAY_API_KEY": key, "IMPORTER_NOTIFY_URLS": urls}, mode)
        for name in ("state", "data/inbox", "tmp", "root"):
            (self.folder / name).mkdir(parents=True)
        return self

    def mount(self, name: str, files: dict[str, str], mode: int) -> None:
        """Files as links to links, in a folder that all may write to: it is only mounted read-only."""
        real = self.folder / name / "..2026_11_21"
        real.mkdir(parents=True)
        (self.folder / name / "..data").symlink_to(real.name)
        for each, text in files.items():
            (real / each).write_text(text, encoding="utf-8")
            (real / each).chmod(mode)
            (self.folder / name / each).symlink_to(f"..data/{each}")
        (self.folder / name).chmod(0o777)

    def script(self) -> str:
        """What makes the root of the Pod and starts the container in it."""
        lines = [
            "set -e",
            "PATH=$PATH:/usr/sbin:/sbin",
            f"cd {shlex.quote(str(self.folder / 'root'))}",
            "mount -t tmpfs none $PWD",
            "cd $PWD",
        ]
        lines += ["mkdir proc dev etc old", "mount -t proc none proc", "mount --rbind /dev dev"]
        lines += ["for each in usr bin sbin lib lib64; do", "if [ -L /$each ]; then cp -P /$each $each"]
        lines += ["elif [ -d /$each ]; then mkdir $each; mount --rbind /$each $each; fi; done"]
        for name, mount in MOUNTS.items():
            lines += self.bound(self.folder / name, mount["mountPath"], writable=not mount.get("readOnly"))
        for path in sorted(PROGRAM):
            lines += self.bound(path, str(path), writable=False)
        lines += ["mount -o remount,bind,ro $PWD", "pivot_root . old", "cd /", "umount -l old"]
        return "\n".join([*lines, f"exec {shlex.join(self.command())}"])

    def bound(self, path: Path, place: str, *, writable: bool) -> Iterator[str]:
        """A folder mounted."""
        target = shlex.quote(place.lstrip("/"))
        yield f"mkdir -p {target}"
        yield f"mount --rbind {shlex.quote(str(path))} {target}"
        if not writable:
            yield f"mount -o remount,bind,ro {target}"

    def command(self) -> list[str]:
        """The container's command as its user, with its variables."""
        user = POD["securityContext"]["runAsUser"]
        variables = {"PATH": f"{BIN}:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **VARIABLES}
        given = [f"{name}={value}" for name, value in variables.items()]
        become = ["unshare", "--user", f"--map-user={user}", f"--map-group={user}"]
        return [*become, "env", "-i", *given, "importer", *CONTAINER["args"]]

    def start(self) -> subprocess.Popen[str]:
        """The night under way."""
        return subprocess.Popen(
            [*OWN_NAMESPACES, "/bin/sh", "-c", self.script()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def created(self) -> int:
        """How many customers there are at the provider."""
        return len(self.simulator.customers("hitpay"))


def ended(process: subprocess.Popen[str]) -> Ended:
    """How it ended."""
    out, err = process.communicate(timeout=PATIENCE)
    return Ended(process.returncode, out, err)


@pytest.fixture
def pod(tmp_path: Path) -> Iterator[Pod]:
    """A Pod that can be started."""
    needs("unshare")
    tried = subprocess.run(
        [*OWN_NAMESPACES, "sh", "-c", "mount -t tmpfs none /mnt && unshare --user --map-user=10001 true"],
        capture_output=True,
        check=False,
    )
    if tried.returncode:
        pytest.skip("needs namespaces of its own, which this machine does not grant")
    with running_simulator(Settings(limits=False)) as simulator:
        yield Pod(tmp_path, simulator).fill()


def test_night_goes_with_what_the_manifest_grants(pod: Pod) -> None:
    people_csv(pod.folder / "data/inbox/customers.csv", "hitpay", range(3))
    night = ended(pod.start())
    assert night.exit_code == 0, night.err
    assert "3 created" in night.out
    assert (pod.folder / "data/done/customers.results.csv").is_file()
    assert (pod.folder / "state/ledger.sqlite3").is_file()


def test_first_process_of_a_container_drains_when_it_is_told_to_stop(pod: Pod) -> None:
    people_csv(pod.folder / "data/inbox/customers.csv", "hitpay", range(500))
    process = pod.start()
    until(lambda: pod.created > 2 or process.poll() is not None)
    assert process.returncode is None, ended(process)
    (first,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    subprocess.run(["kill", f"-{signal.SIGTERM.value}", first], check=True)
    night = ended(process)
    assert night.exit_code == 143, night.err
    assert f"{pod.created} created, {500 - pod.created} not_sent" in night.out
