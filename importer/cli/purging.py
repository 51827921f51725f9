"""importer runs purge."""

import typer


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
