"""LibreOffice, where it is installed: opens a file of ours and saves it, as a colleague would."""

import shutil
import subprocess
from pathlib import Path

import pytest


def saved_by_libreoffice(path: Path, kind: str = "xlsx") -> Path:
    """`path` opened and saved as a file of that `kind`; skips the test where there is no LibreOffice."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    folder = path.parent / "saved"
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    command: list[str | Path] = [
        program,
        profile,
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        folder,
        path,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder / f"{path.stem}.{kind}"
