"""importer template: an Excel file to fill in for a provider."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from importer.cli.options import AsJson, Verbose
from importer.errors import SettingsError


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("template")(template)


def template(
    provider: Annotated[
        str | None,
        typer.Option(
            "--provider",
            "-p",
            envvar="IMPORTER_PROVIDER",
            help="Whose customers are to be filled in.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            envvar="IMPORTER_OUTPUT",
            help="The file to write, .xlsx; NAME.template.xlsx by default.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> int:
    """Write an Excel file to fill in: a column for each field, drop-downs, notes, an example."""
    from importer import template as templates
    from importer.accounts import find_provider
    from importer.results.atomic import shown

    if not provider:
        raise SettingsError(
            "Which provider is the template for? Give it with -p, for example -p hitpay. "
            "See them all with: importer providers"
        )
    found = find_provider(provider)
    path = output or templates.default_output(found)
    templates.write_template(path, found)
    out = sys.stderr if as_json else sys.stdout
    out.write(f"Template: {path}\nFill it in, save it, then type: importer check {shown(path)}\n")
    if as_json:
        told = {
            "provider": found.name,
            "output": str(path),
            "template": templates.version_tag(found),
            "columns": [leaf.column.title for leaf in found.leaves],
            "required": [leaf.column.title for leaf in found.leaves if leaf.required],
        }
        sys.stdout.write(json.dumps(told) + "\n")
    return 0
