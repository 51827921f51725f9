"""The second step: which column feeds which field."""

import asyncio
from pathlib import Path
from types import MappingProxyType

from aiohttp import web

from importer import mapping as mappings
from importer.accounts import find_provider
from importer.errors import MappingError, SetupError
from importer.jobs import Job
from importer.mapping import FieldMapping, Sample
from importer.opening import open_mapping
from importer.source import Source
from importer.web.columns import ORDERS, TAKES, Form, as_given, form_fields, has_phones, read_form
from importer.web.folders import Import, Stage
from importer.web.guard import idle_import_of, import_of
from importer.web.keys import DESK, FOLDERS
from importer.web.rendering import render

routes = web.RouteTableDef()

NO_FORM: Form = MappingProxyType({})


@routes.get("/imports/{import_id}/columns")
async def show(request: web.Request) -> web.StreamResponse:
    """The fields with the suggested columns."""
    one = import_of(request)
    try:
        context = await asyncio.to_thread(_context, one, request.app[DESK].job(one))
    except SetupError as error:
        context = {"one": one, "problem": str(error), "fields": ()}
    return render(request, "columns.html", context)


def _context(one: Import, job: Job, form: Form = NO_FORM, problem: str = "") -> dict[str, object]:
    """What the form shows: what is proposed or kept, and instead of it what a person has just chosen."""
    source, provider, proposal, sample = open_mapping(job, keep_carried=True)
    fields = form_fields(source, provider, proposal, sample)
    return {
        "one": one,
        "problem": problem,
        "source": source,
        "provider": provider,
        "fields": [as_given(each, form) for each in fields] if form else fields,
        "unused": proposal.mapping.unused(source.columns),
        "default_country": form.get("default_country", proposal.mapping.default_country),
        "asks_country": has_phones(provider),
        "orders": ORDERS,
        "takes": TAKES,
    }


@routes.post("/imports/{import_id}/columns")
async def choose(request: web.Request) -> web.StreamResponse:
    """Keep what was chosen, and check."""
    one, desk, folders = idle_import_of(request), request.app[DESK], request.app[FOLDERS]
    form = {name: str(value) for name, value in (await request.post()).items()}
    require_version(one, form)
    try:
        await asyncio.to_thread(_keep, desk.job(one), folders.place(one), form)
    except MappingError as error:
        context = await asyncio.to_thread(_context, one, desk.job(one), form, str(error))
        return render(request, "columns.html", context, status=400)
    desk.check(folders.keep(one, stage=Stage.CHECK))
    raise web.HTTPSeeOther(f"/imports/{one.id}/check")


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


def _keep(job: Job, folder: Path, form: Form) -> None:
    source, provider, _, sample = open_mapping(job, keep_carried=True)
    mapping = read_form(form, source, provider, sample)
    path = folder / "mapping.toml"
    draft = folder / "mapping.tmp"
    draft.write_text(_with_looks(mapping, source, sample), encoding="utf-8")
    draft.replace(path)


def _with_looks(mapping: FieldMapping, source: Source, sample: Sample) -> str:
    provider = find_provider(mapping.provider)
    return mappings.to_toml(mapping, source.columns, provider)
