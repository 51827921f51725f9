"""The third step: the plan, and the rows at fault."""

from aiohttp import web

from importer.web.guard import idle_import_of, import_of
from importer.web.keys import DESK
from importer.web.rendering import render

routes = web.RouteTableDef()


@routes.get("/imports/{import_id}/check")
async def show(request: web.Request) -> web.StreamResponse:
    """The plan; while there is none, how far the check is."""
    one, desk = import_of(request), request.app[DESK]
    task, held = desk.task(one), desk.held(one)
    if held is None and not desk.is_busy(one) and (task is None or not task.error):
        task = desk.check(one)
    context = {"one": one, "task": task, "held": held, "plan": held.plan if held else None}
    return render(request, "check.html", context)


@routes.post("/imports/{import_id}/check")
async def again(request: web.Request) -> web.StreamResponse:
    """Check once more."""
    one = idle_import_of(request)
    request.app[DESK].check(one)
    raise web.HTTPSeeOther(f"/imports/{one.id}/check")
