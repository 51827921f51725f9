"""importer map: the suggested mapping as a file to look over and keep."""

import json
import sys

import typer

from importer.cli.options import AsJson, Verbose, takes_source
from importer.jobs import Job


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("map")(takes_source(map_columns))


def map_columns(job: Job, as_json: AsJson = False, verbose: Verbose = False) -> int:
    """Write which column feeds which field as TOML: to -o FILE, or to standard output."""
    from importer import mapping
    from importer.opening import open_mapping

    source, provider, found = open_mapping(job)
    text = mapping.to_toml(found, source.columns, provider)
    out = sys.stderr if as_json else sys.stdout
    if job.output is None:
        out.write(text)
    else:
        mapping.save(job.output, text)
        out.write(f"Mapping: {job.output}\nUse it with: importer run {job.source} -m {job.output}\n")
    if as_json:
        told = {
            "provider": provider.name,
            **mapping.to_settings(found),
            "not_used": found.unused(source.columns),
        }
        sys.stdout.write(json.dumps(told) + "\n")
    return 0
