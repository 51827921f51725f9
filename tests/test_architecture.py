"""The house as designed: imports point one way, and the simulator stays an outside witness."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "importer"

LAYERS = (
    ("errors", "rows", "sheetformat"),
    ("providers",),
    ("normalise", "causes", "retry", "progress", "stopping", "handwork", "notation", "permissions"),
    ("accounts", "mapping", "secretfiles", "source", "results", "ledger", "damage"),
    ("schemafaults", "values"),
    ("corrections", "describing", "pacing", "template", "validation", "jobs"),
    ("choosing", "comparison", "jobfile"),
    ("opening",),
    (
        "checking",
        "client",
        "findings",
        "packed",
        "paging",
        "probing",
        "quoting",
        "remembered",
        "staging",
        "standing",
    ),
    ("marking", "planning"),
    ("rechecking", "reporting", "sending"),
    ("connecting", "settling"),
    ("rewriting",),
    ("pipeline", "refreshing"),
    ("night", "telling"),
    ("demo",),
    ("cli", "web"),
)
"""From the ground up. A module imports from its own layer and those before it."""


def modules() -> Iterator[Path]:
    return (path for path in PACKAGE.rglob("*.py"))


def part_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> Iterator[str]:
    """The modules of ours that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "importer":
            yield from (
                [f"importer.{alias.name}" for alias in node.names]
                if node.module == "importer"
                else [node.module]
            )
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "importer")


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def level(part: str) -> int:
    return next(number for number, parts in enumerate(LAYERS) if part in parts)


@pytest.mark.parametrize("path", sorted(modules()), ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    part = part_of(name_of(path))
    if part in ("__init__", "__main__", "simulator"):
        return
    for imported in imports(path):
        other = part_of(imported)
        if other == "simulator":
            assert part in ("cli", "demo")
        elif other:
            assert level(other) <= level(part), f"{name_of(path)} imports {imported}"


def test_simulator_is_an_outside_witness() -> None:
    for path in (PACKAGE / "simulator").rglob("*.py"):
        assert all(name.startswith("importer.simulator") for name in imports(path)), path.name


def test_providers_know_only_rows_and_errors() -> None:
    for path in (PACKAGE / "providers").rglob("*.py"):
        for name in imports(path):
            assert part_of(name) in ("providers", "rows", "errors"), f"{path.name} imports {name}"


def test_only_the_client_speaks_http_to_a_provider() -> None:
    for path in modules():
        speaks = "ClientSession" in path.read_text(encoding="utf-8")
        assert not speaks or path == PACKAGE / "client.py", path


def test_nothing_else_stands_at_the_top() -> None:
    top = {path.name for path in PACKAGE.parent.iterdir() if not path.name.startswith(".")}
    allowed = {"pyproject.toml", "README.md", "LICENSE", "importer", "tests", "sample_data"}
    assert top - {"importer-demo", "dist"} <= allowed
