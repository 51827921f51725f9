"""The fifth step: what came of it, to look at and to take away."""

import urllib.parse
from pathlib import PurePath

from aiohttp import web

from importer.providers import PROVIDERS
from importer.settling import Assumption
from importer.web.folders import Import
from importer.web.guard import idle_import_of, import_of
from importer.web.keys import DESK, FOLDERS
from importer.web.rendering import render

routes = web.RouteTableDef()

DIGITS = 9
"""Of the number of a row."""

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}

OF_BEFORE = (
    "The results file is from before more was sent, so it is not handed out. Go on with the import, or wait "
    "until it ends: then there is a new one."
)


@routes.get("/imports/{import_id}/results")
async def show(request: web.Request) -> web.StreamResponse:
    """Counts, causes, downloads, and what a person has to find out."""
    one, desk, folders = import_of(request), request.app[DESK], request.app[FOLDERS]
    if not one.ended:
        raise web.HTTPSeeOther(f"/imports/{one.id}")
    files = [suffix for suffix in TYPES if (folders.place(one) / f"results.{suffix}").exists()]
    context = {
        "one": one,
        "ended": one.ended,
        "files": files,
        "refused": desk.take_refusal(one),
        "task": desk.task(one),
        "finds_out": PROVIDERS[one.provider].look_up is not None,
        "said": "" if desk.is_busy(one) else desk.take_said(one),
        "goes_on": one.left and not desk.is_moved(one),
    }
    return render(request, "results.html", context)


@routes.get("/imports/{import_id}/results.{suffix}")
async def download(request: web.Request) -> web.StreamResponse:
    """The results file."""
    one, suffix = import_of(request), request.match_info["suffix"]
    path = request.app[FOLDERS].place(one) / f"results.{suffix}"
    if suffix in TYPES and not one.ended and path.exists():
        raise web.HTTPNotFound(text=OF_BEFORE)
    if suffix not in TYPES or not path.exists():
        raise web.HTTPNotFound(text="There is no such file.")
    name = f"{PurePath(one.name).stem.removesuffix('.results')}.results.{suffix}"
    told = f"attachment; filename=results.{suffix}; filename*=UTF-8''{urllib.parse.quote(name, safe='')}"
    return web.FileResponse(path, headers={"Content-Disposition": told, "Content-Type": TYPES[suffix]})


@routes.post("/imports/{import_id}/settle")
async def settle(request: web.Request) -> web.StreamResponse:
    """Record what a person found out about an unknown row."""
    one, desk, form = import_of(request), request.app[DESK], await request.post()
    row, customer_id = str(form.get("row", "")), str(form.get("customer_id", "")).strip()
    found = form.get("found") == "yes"
    if not row.isascii() or not row.isdigit() or len(row) > DIGITS:
        raise web.HTTPBadRequest(text="This form is not whole: reload the page. Nothing was recorded.")
    if found and not customer_id:
        raise web.HTTPBadRequest(text="Give the id of the customer that you found. Nothing was recorded.")
    attempt = str(form.get("attempt", ""))
    assumption = Assumption(frozenset({int(row)}), customer_id if found else "", attempt)
    if desk.has_recorded(one, assumption):
        raise web.HTTPSeeOther(f"/imports/{one.id}/results")  # pressed twice
    one = idle_import_of(request)
    if attempt not in _attempts(one, int(row)):
        raise web.HTTPConflict(
            text=f"Row {row} is not as it was shown: it was sent once more, or settled, meanwhile. Nothing "
            "was recorded. Reload the results, look again at the provider, and say what you found."
        )
    desk.record(one, assumption)
    raise web.HTTPSeeOther(f"/imports/{one.id}/results")


def _attempts(one: Import, row: int) -> list[str]:
    """The attempt whose outcome a person is asked for, none where the row is not unknown."""
    unknown = one.ended.get("unknown")
    listed = unknown if isinstance(unknown, list) else []
    return [each["attempt"] for each in listed if each["row"] == row and each.get("attempt")]
