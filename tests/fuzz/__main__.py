"""Read damaged files until time is up: ``python -m tests.fuzz --seconds 900``.

Each case follows from the seed and its number alone, so that what was found can be found again. A case is
read in a worker that may have so much memory and time; whatever is no `SourceError` is written to a folder.
"""

# ruff: noqa: T201  a program for the terminal

import argparse
import faulthandler
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bounded import peak
from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import seeds

ADDRESSES = 3 << 30
"""Bytes that a worker may reserve."""

LONGEST = 20
"""Seconds that a case may take."""


class TooSlowError(BaseException):
    """A case took longer than `LONGEST`."""


def case(seed: int, number: int, files: dict[str, bytes]) -> tuple[str, bytes]:
    """The name and content of a case."""
    chance = random.Random(f"{seed}/{number}")
    name = chance.choice(sorted(files))
    suffix = name if chance.random() < 0.9 else chance.choice(sorted(files))
    return f"case{Path(suffix).suffixes[0]}{''.join(Path(suffix).suffixes[1:])}", mutated(
        files[name], chance, [content for other, content in files.items() if other != name]
    )


def read(path: Path) -> str:
    """ "read" or "refused"; an AssertionError where what is read makes no sense."""
    from importer.errors import SourceError
    from importer.source import open_source

    try:
        source = open_source(path)
        before = source.header_row
        for row in source.rows():
            assert row.number > before, "rows out of order"
            assert len(row.cells) == len(source.columns), "ragged rows"
            assert all(type(cell) is str and len(cell) <= 1_000_000 for cell in row.cells), "no text"
            "".join(row.cells).encode()
            before = row.number
        assert all(source.notes)
    except SourceError as error:
        message = str(error)
    else:
        return "read"
    assert "\n" not in message, "a message of several lines"
    assert len(message) < 1500, "a long message"
    return "refused"


def work(seed: int, first: int, count: int, folder: Path) -> None:
    """Read these cases. What is under way stands in the folder, should this process end over it."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    faulthandler.enable()
    signal.signal(signal.SIGALRM, _too_slow)
    files = seeds()
    tally = {"read": 0, "refused": 0}
    for number in range(first, first + count):
        name, content = case(seed, number, files)
        path = folder / name
        path.write_bytes(content)
        (folder / "under-way").write_text(f"{number} {name}")
        signal.alarm(LONGEST)
        try:
            outcome = read(path)
            tally[outcome] += 1
        except BaseException as error:  # noqa: BLE001  panics are no exceptions
            print(
                json.dumps({"case": number, "name": name, "error": f"{type(error).__name__}: {error}"[:500]})
            )
        finally:
            signal.alarm(0)
        path.unlink()
    print(json.dumps({"tally": tally, "peak": peak()}), flush=True)


def _too_slow(*_: object) -> None:
    raise TooSlowError


def run(seed: int, first: int, count: int) -> tuple[dict[str, int], list[dict[str, object]], int]:
    """Read these cases in a worker: how many were read and refused, what was found, its peak in megabytes."""
    found: list[dict[str, object]] = []
    tally: dict[str, int] = {}
    most = 0
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.fuzz", "--worker", str(seed), str(first), str(count), folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            told = json.loads(line)
            if "tally" in told:
                tally, most = told["tally"], told["peak"]
            else:
                found.append(told)
        if done.returncode:
            number, name = (Path(folder) / "under-way").read_text().split(" ", 1)
            found.append(
                {
                    "case": int(number),
                    "name": name,
                    "error": f"ended with {done.returncode}: {done.stderr[-500:]}",
                }
            )
        elif done.stderr:
            found.append({"case": first, "name": "", "error": f"said: {done.stderr[-500:]}"})
    return tally, found, most


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"), help="folder for what was found")
    told = parser.parse_args()
    if told.worker:
        seed, first, count, folder = told.worker
        work(int(seed), int(first), int(count), Path(folder))
        return
    end = time.monotonic() + told.seconds
    first, total = told.first, 0
    while time.monotonic() < end:
        tally, found, most = run(told.seed, first, told.batch)
        total += told.batch
        print(f"{first}..{first + told.batch}: {tally}, {most} MB, {len(found)} found", flush=True)
        for each in found:
            name, content = case(told.seed, int(str(each["case"])), seeds())
            told.keep.mkdir(exist_ok=True)
            (told.keep / f"{told.seed}-{each['case']}-{name}").write_bytes(content)
            print("   ", each, flush=True)
        first += told.batch
    print(f"{total} cases")


if __name__ == "__main__":
    main()
