"""The guide of the page is held to the program."""

import re
import subprocess
import sys
from pathlib import Path

from importer.web.guessing import FREE, PAUSE
from importer.web.settings import ServeSettings

GUIDE = (Path(__file__).parents[2] / "importer/web/PAGE.md").read_text(encoding="utf-8")


def test_options_in_the_guide_exist() -> None:
    command = [sys.executable, "-m", "importer", "serve", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    options = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", GUIDE))
    assert options
    for option in options:
        assert option in told, option


def test_numbers_in_the_guide_are_those_of_the_program(tmp_path: Path) -> None:
    settings = ServeSettings(folder=tmp_path)
    assert f"`--largest` ({settings.largest >> 20} MB)" in GUIDE
    assert f"`--keep` days ({settings.kept_for.days})" in GUIDE
    assert f"end after {settings.session.seconds // 3600} hours" in GUIDE
    assert (FREE, PAUSE) == (5, 60.0)
    assert "After five wrong passwords" in GUIDE
    assert "waits a minute" in GUIDE
