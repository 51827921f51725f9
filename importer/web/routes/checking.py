"""The third step: the plan, and the rows at fault."""

from aiohttp import web

from importer.web.folders import Import, Stage
from importer.web.grid import FAULTS, Grid, grid_of
from importer.web.guard import idle_import_of, import_of
from importer.web.held import Held
from importer.web.keys import DESK, FOLDERS
from importer.web.overview import Overview
from importer.web.rendering import render

routes = web.RouteTableDef()


@routes.get("/imports/{import_id}/check")
async def show(request: web.Request) -> web.StreamResponse:
    """The plan with a page of its rows; while there is no plan, how far the check is."""
    one, desk = import_of(request), request.app[DESK]
    task = desk.task(one)
    if desk.held(one) is None:
        if desk.needs_check(one):
            task = desk.check(one)
        return render(request, "checking.html", {"one": one, "task": task, "then": "check"})
    return await checked(request, one)


async def checked(request: web.Request, one: Import, **more: object) -> web.Response:
    """The page of a plan."""
    query = request.query
    show, code = query.get("show", FAULTS), query.get("code", "")
    page = int(query["page"]) if query.get("page", "").isdecimal() and len(query["page"]) < 8 else 1
    every_column = query.get("columns") == "all"

    def look(held: Held) -> tuple[Overview, Grid, tuple[str, ...]]:
        grid = grid_of(held.plan, show=show, code=code, page=page, every_column=every_column)
        return held.overview(), grid, held.plan.opened.source.columns

    view, grid, columns = await request.app[DESK].use(one, look)
    context = {"one": one, "plan": view, "grid": grid, "columns": columns, "every_column": every_column}
    said = request.app[DESK].take_said(one)
    return render(request, "check.html", {**context, "said": said, "preview": None, **more})


@routes.post("/imports/{import_id}/check")
async def again(request: web.Request) -> web.StreamResponse:
    """Check once more."""
    one = idle_import_of(request)
    request.app[DESK].check(one)
    raise web.HTTPSeeOther(f"/imports/{one.id}/check")


@routes.post("/imports/{import_id}/repair")
async def repair(request: web.Request) -> web.StreamResponse:
    """Send damaged cells as what was probably meant, or as they are."""
    one, form = idle_import_of(request), await request.post()
    desk = request.app[DESK]
    desk.check(request.app[FOLDERS].keep(one, stage=Stage.CHECK, repair=form.get("repair") == "yes"))
    raise web.HTTPSeeOther(f"/imports/{one.id}/check")
