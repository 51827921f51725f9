"""importer providers: what is supported."""

import json
import sys
from typing import Annotated

import typer

from importer.cli.options import AsJson, Verbose


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("providers")(providers)


def providers(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="Only this one, in full.", show_default=False)
    ] = "",
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> int:
    """Show the providers: fields, accepted headings, credentials, limits, promises."""
    from importer.accounts import find_provider
    from importer.describing import describe, in_full, one_line
    from importer.providers import PROVIDERS

    if name:
        found = describe(find_provider(name))
        text = json.dumps(found) if as_json else in_full(find_provider(name))
    else:
        every = list(PROVIDERS.values())
        text = (
            json.dumps({"providers": [describe(each) for each in every]})
            if as_json
            else "\n".join(map(one_line, every))
        )
    sys.stdout.write(text + "\n")
    return 0
