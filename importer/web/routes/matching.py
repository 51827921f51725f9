"""The second step: which column feeds which field."""

import asyncio
import dataclasses
from pathlib import Path

from aiohttp import web

from importer import mapping as mappings
from importer.errors import MappingError, SettingsError, SetupError
from importer.jobs import Job
from importer.mapping import Proposal, Sample
from importer.opening import open_mapping
from importer.providers.base import Provider
from importer.source import Source
from importer.web.columns import (
    ORDERS,
    SAME_HEADING,
    TAKES,
    Form,
    form_fields,
    has_phones,
    read_choices,
    read_form,
    repeated,
)
from importer.web.folders import Import, Stage
from importer.web.guard import idle_import_of, import_of, user_of
from importer.web.keys import DESK, FOLDERS, HEADS, SETTINGS
from importer.web.rendering import render
from importer.web.shelf import Shelf, shelf_of

routes = web.RouteTableDef()


@routes.get("/imports/{import_id}/columns")
async def show(request: web.Request) -> web.StreamResponse:
    """The fields with the suggested columns, or with those of a kept mapping."""
    one, shelf = import_of(request), _shelf(request)
    job = request.app[DESK].job(one)
    kept = shelf.find(request.query.get("kept", ""))
    if kept is not None:
        job = dataclasses.replace(job, mapping=kept)
    return await _page(request, one, job)


async def _page(
    request: web.Request, one: Import, job: Job, problem: str = "", *, form: Form | None = None
) -> web.Response:
    """The form; where there was a problem, as it was filled."""
    try:
        source = await asyncio.to_thread(request.app[HEADS].source, one, job)
        context = await asyncio.to_thread(_context, job, source, form)
    except SetupError as error:
        context, problem = {"fields": ()}, problem or str(error)
    context |= {
        "one": one,
        "problem": problem or context.get("doubt", ""),
        "kept": _shelf(request).all(one.provider),
        "chosen": request.query.get("kept", ""),
    }
    return render(request, "columns.html", context, status=400 if form is not None else 200)


def _context(job: Job, source: Source, form: Form | None) -> dict[str, object]:
    _, provider, proposal, sample = open_mapping(job, keep_carried=True, source=source)
    doubt = _doubt(job, source, provider, sample)
    if form is not None:
        proposal = Proposal(read_choices(form, source, provider))
    return {
        "source": source,
        "provider": provider,
        "doubt": doubt,
        "fields": form_fields(source, provider, proposal, sample),
        "repeated": repeated(source.columns),
        "same_heading": SAME_HEADING,
        "unused": proposal.mapping.unused(source.columns),
        "default_country": proposal.mapping.default_country,
        "asks_country": has_phones(provider),
        "orders": ORDERS,
        "takes": TAKES,
    }


def _doubt(job: Job, source: Source, provider: Provider, sample: Sample) -> str:
    """Why a mapping that was kept does not fit this sheet, "" where it does."""
    if job.mapping is None:
        return ""
    kept = mappings.load(job.mapping, provider)
    try:
        mappings.require_columns(kept, source.columns, provider, sample)
        mappings.require_looks(kept, source.columns, provider, sample, mend="choose the right columns below.")
    except MappingError as error:
        return str(error)
    return ""


def _shelf(request: web.Request) -> Shelf:
    shared = request.app[SETTINGS].shared
    return shelf_of(request.app[FOLDERS].root, "" if shared else user_of(request))


@routes.post("/imports/{import_id}/columns")
async def choose(request: web.Request) -> web.StreamResponse:
    """Keep what was chosen, and check."""
    one, desk, folders = idle_import_of(request), request.app[DESK], request.app[FOLDERS]
    form = {name: str(value) for name, value in (await request.post()).items()}
    require_version(one, form)
    try:
        source = await asyncio.to_thread(request.app[HEADS].source, one, desk.job(one))
        chosen = await asyncio.to_thread(_chosen, desk.job(one), source, _shelf(request), form)
    except MappingError as error:
        return await _page(request, one, desk.job(one), str(error), form=form)
    require_version(idle_import_of(request), form)  # that took a while
    _write(folders.place(one), chosen)
    desk.check(folders.keep(one, stage=Stage.CHECK))
    raise web.HTTPSeeOther(f"/imports/{one.id}/check")


def _chosen(job: Job, source: Source, shelf: Shelf, form: Form) -> str:
    """The mapping that was chosen, put on the shelf where it has a name."""
    _, provider, _, sample = open_mapping(job, keep_carried=True, source=source)
    mapping = read_form(form, source, provider, sample)
    if name := form.get("keep_as", "").strip():
        looks = mappings.looks_of(mapping.columns, source.columns, provider, sample)
        shelf.keep(
            name, mappings.to_toml(dataclasses.replace(mapping, looks=looks), source.columns, provider)
        )
    # without what the columns held: the sheet stays the same, and corrections are to change its cells
    return mappings.to_toml(mapping, source.columns, provider)


def _write(folder: Path, mapping: str) -> None:
    draft = folder / "mapping.tmp"
    draft.write_text(mapping, encoding="utf-8", errors="replace")
    draft.replace(folder / "mapping.toml")


@routes.post("/imports/{import_id}/kept/{kept}/remove")
async def remove_kept(request: web.Request) -> web.StreamResponse:
    """Take choices from the shelf; imports have their own copy of what they used."""
    one = import_of(request)
    _shelf(request).remove(request.match_info["kept"])
    raise web.HTTPSeeOther(f"/imports/{one.id}/columns")


@routes.post("/imports/{import_id}/reading")
async def read_so(request: web.Request) -> web.StreamResponse:
    """Read the file in another way. Corrections were of other cells, so they are dropped."""
    one, desk, folders = idle_import_of(request), request.app[DESK], request.app[FOLDERS]
    form = {name: str(value) for name, value in (await request.post()).items()}
    require_version(one, form)
    read = {name: form[name].strip() for name in READ if form.get(name, "").strip()}
    row = read.get("header_row", "1")
    if not (row.isascii() and row.isdigit() and len(row) <= DIGITS and int(row) > 0):
        raise SettingsError("The row with the headings is a number, like 3. Nothing was changed.")
    if any(len(value) > LONGEST for value in read.values()):
        raise SettingsError(
            f"No sheet, encoding or delimiter has more than {LONGEST} characters. Nothing was changed."
        )
    desk.forget(one)
    for path in (desk.corrections(one), folders.place(one) / "mapping.toml"):
        path.unlink(missing_ok=True)
    folders.keep(one, read=read, stage=Stage.COLUMNS)
    raise web.HTTPSeeOther(f"/imports/{one.id}/columns")


READ = ("sheet", "header_row", "encoding", "delimiter")

DIGITS, LONGEST = 7, 200
"""Of the number of a row, and characters of anything else that says how a file is read."""


def require_version(one: Import, form: Form) -> None:
    """Refuse a form that was made before something else was kept.

    Raises:
        HTTPConflict: It was.
    """
    if form.get("version") != str(one.version):
        raise web.HTTPConflict(
            text="This import was changed meanwhile, in another tab or by somebody else. What was kept there "
            "still holds, and nothing of this form was. Reload the page to see it."
        )
