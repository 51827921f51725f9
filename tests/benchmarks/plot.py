"""Time and memory over the number of rows, drawn so that growth can be seen."""

import re
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.cases import Line


def draw(lines: Sequence[Line], path: Path) -> None:
    """A picture with two panels: seconds and MB over rows, for check and run, csv and xlsx."""
    from matplotlib.figure import Figure

    series: dict[str, list[tuple[int, float, float]]] = {}
    for line in lines:
        found = re.fullmatch(r"memory, (.+), ([\d,]+) rows", line.what)
        if found and line.figure is not None:
            point = (int(found[2].replace(",", "")), float(line.beside.split()[0]), line.figure.median)
            series.setdefault(found[1], []).append(point)
    picture = Figure(figsize=(10, 4), layout="constrained")
    for panel, (place, title) in zip(picture.subplots(1, 2), ((1, "seconds"), (2, "peak MB")), strict=True):
        for name, points in series.items():
            panel.plot([point[0] for point in points], [point[place] for point in points], "o-", label=name)
        panel.set(xscale="log", yscale="log" if place == 1 else "linear", xlabel="rows", ylabel=title)
        panel.grid(visible=True, alpha=0.3)
        panel.legend()
    picture.savefig(path, dpi=120)
