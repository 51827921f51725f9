"""importer map: the suggested mapping as a file to look over and keep; on a terminal, asks what is open."""

import json
import shlex
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

import typer

from importer.cli.options import AsJson, Verbose, takes_source
from importer.jobs import Job

if TYPE_CHECKING:
    from importer.mapping import Proposal, Question


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("map")(takes_source(map_columns))


def map_columns(job: Job, as_json: AsJson = False, verbose: Verbose = False) -> int:
    """Write which column feeds which field as TOML: to -o FILE, or to standard output.

    What only a person can say is a question: asked on a terminal with -o, else a comment in the file.
    """
    from importer import mapping
    from importer.mapping.telling import as_data
    from importer.opening import open_mapping

    source, provider, proposal, sample = open_mapping(job)
    if job.output is not None and sys.stdin.isatty() and sys.stderr.isatty():
        proposal = _answered(proposal)
    found = proposal.mapping
    strange = mapping.not_understood(found, source.columns, provider, sample)
    text = mapping.to_toml(found, source.columns, provider, proposal=proposal, strange=strange)
    out = sys.stderr if as_json else sys.stdout
    if job.output is None:
        out.write(text)
    else:
        mapping.save(job.output, text)
        _tell(out, job, proposal)
    if as_json:
        sys.stdout.write(json.dumps(as_data(proposal, source.columns)) + "\n")
    return 0


def _tell(out: TextIO, job: Job, proposal: "Proposal") -> None:
    from importer.choosing import read_options

    out.write(f"Mapping: {job.output}\n")
    if proposal.questions:
        number = len(proposal.questions)
        out.write(f"It has {'a question' if number == 1 else f'{number} questions'} in it: answer there.\n")
    command = ["importer", "run", str(job.source), *read_options(job), "-m", str(job.output)]
    out.write(f"Use it with: {shlex.join(command)}\n")


def _answered(proposal: "Proposal") -> "Proposal":
    """The proposal after asking; what was left open stays a question."""
    mapping, open_questions = proposal.mapping, []
    for question in proposal.questions:
        number = _ask(question)
        if number:
            mapping = question.options[number - 1].chosen(mapping)
        else:
            open_questions.append(question)
    return replace(proposal, mapping=mapping, questions=tuple(open_questions))


def _ask(question: "Question") -> int:
    """The number of the answer, 0 to leave it open."""
    lines = [f"  {number}  {option.words}" for number, option in enumerate(question.options, 1)]
    typer.echo("\n".join([f"\n{question.words}. {question.hint}".rstrip(), *lines]), err=True)
    if not lines:
        return 0
    many = f"1-{len(lines)}" if len(lines) > 1 else "1"
    while True:
        typed = typer.prompt(f"{many}, or Enter to leave it open", default="", show_default=False, err=True)
        if not typed.strip():
            return 0
        if typed.strip().isdecimal() and 1 <= int(typed) <= len(lines):
            return int(typed)
        typer.echo(f"There is no {typed!r}.", err=True)
