"""Correct cells where they stand: one, or many of a column."""

from aiohttp import web

from importer.corrections import Correction, Replacement
from importer.errors import SettingsError
from importer.web.correcting import FEW, Preview, StaleError, correct, preview, replace_all
from importer.web.grid import line_of
from importer.web.guard import idle_import_of
from importer.web.held import Held
from importer.web.keys import DESK
from importer.web.rendering import render
from importer.web.routes.checking import checked
from importer.web.routes.matching import require_version

routes = web.RouteTableDef()


@routes.post("/imports/{import_id}/cells")
async def correct_cell(request: web.Request) -> web.StreamResponse:
    """Correct a cell. The answer is JSON: the row as it is shown now, and how all rows stand."""
    one, desk, form = idle_import_of(request), request.app[DESK], await request.post()
    number, column = _number(form.get("row")), _number(form.get("column"))
    correction = Correction(number, column, str(form.get("text", "")))
    every_column = form.get("columns") == "all"

    def do(held: Held) -> dict[str, object]:
        row, result = correct(held.plan, desk.corrections(one), correction, was=str(form.get("was", "")))
        held.corrected()
        line = line_of(held.plan, row, result, every_column=every_column)
        return {"line": line, "ready": held.plan.ready, "counts": held.plan.counts}

    try:
        done = await desk.use(one, do)
    except StaleError as error:
        return web.json_response({"error": str(error), "now": error.now}, status=409)
    kept = desk.edited(one)
    counts = {str(status): count for status, count in done["counts"].items()}  # type: ignore[attr-defined]
    html = render(request, "gridrow.html", {"one": kept, "line": done["line"]}).text
    return web.json_response({"row": html, "ready": done["ready"], "counts": counts, "version": kept.version})


@routes.post("/imports/{import_id}/replace")
async def find_and_replace(request: web.Request) -> web.StreamResponse:
    """Show what would be replaced in a column; once that was seen, replace it."""
    one, desk = idle_import_of(request), request.app[DESK]
    form = {name: str(value) for name, value in (await request.post()).items()}
    require_version(one, form)
    column = _number(form.get("column"))
    wanted = Replacement(form.get("find", ""), form.get("put", ""), whole=form.get("whole") != "no")
    if form.get("sure") != "yes":
        found: Preview = await desk.use(one, lambda held: preview(held.plan, column, wanted))
        return await checked(request, one, preview=found, form=form)
    cells = await desk.use(one, lambda held: replace_all(held.plan, desk.corrections(one), column, wanted))
    kept = desk.edited(one)
    desk.say(kept, f"Replaced in {cells:,} {'cell' if cells == 1 else 'cells'}, and checked.")
    if cells > FEW:
        desk.check(kept)
    raise web.HTTPSeeOther(f"/imports/{one.id}/check")


def _number(value: object) -> int:
    """A number out of a form.

    Raises:
        SettingsError: It is none.
    """
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 9:
        raise SettingsError("This form is not whole: reload the page. Nothing was changed.")
    return int(value)
