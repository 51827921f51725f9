"""The fourth step: confirm, and watch."""

import asyncio
import json
import time
from collections.abc import Mapping

from aiohttp import web

from importer.accounts import read_credentials, require_address
from importer.errors import SettingsError
from importer.planning import Plan
from importer.web.events import snapshot
from importer.web.folders import Stage
from importer.web.guard import has_left, idle_import_of, import_of, still_in
from importer.web.held import Held
from importer.web.keys import DESK, SETTINGS
from importer.web.overview import Overview
from importer.web.rendering import render
from importer.web.routes.matching import require_version
from importer.web.work import Kind

TICK = 0.5
"""Seconds between looks at how far the work is."""

LONGEST = 300.0
"""Seconds after which who watches has to ask again: a proxy may not let them in any more."""

NOTHING_LEFT = "Nothing of this import waits to be gone on with: look at its numbers, and confirm them."

routes = web.RouteTableDef()


@routes.get("/imports/{import_id}/send")
async def show(request: web.Request) -> web.StreamResponse:
    """What is under way; else the numbers to confirm, those of a check of the whole sheet."""
    one, desk = import_of(request), request.app[DESK]
    task, held = desk.task(one), desk.held(one)
    if task is not None and task.kind is Kind.SENDING and (task.running or task.error):
        return render(request, "sending.html", {"one": one, "task": task, "now": snapshot(task)})
    if one.stage is Stage.SENDING and held is None and not desk.is_busy(one):
        return render(request, "interrupted.html", {"one": one, "moved": desk.is_moved(one)})
    if held is None or held.edited:
        if desk.needs_check(one) or (held is not None and not desk.is_busy(one)):
            task = desk.check(one)
        return render(request, "checking.html", {"one": one, "task": task, "then": "send"})
    variables = request.app[SETTINGS].variables

    def look(held: Held) -> tuple[Overview, str]:
        return held.overview(), _missing(held.plan, variables)

    view, missing = await desk.use(one, look)
    return render(request, "confirm.html", {"one": one, "plan": view, "missing": missing})


def _missing(plan: Plan, variables: Mapping[str, str] | None) -> str:
    """Why it cannot be sent, "" where it can."""
    if plan.idle:
        return ""
    try:
        require_address(plan.opened.account)
        read_credentials(plan.opened.account, variables)
    except SettingsError as error:
        return str(error)
    return ""


@routes.post("/imports/{import_id}/send")
async def send(request: web.Request) -> web.StreamResponse:
    """Carry out the plan that was confirmed."""
    one, desk = import_of(request), request.app[DESK]
    form = {name: str(value) for name, value in (await request.post()).items()}
    here = web.HTTPSeeOther(f"/imports/{one.id}/send")
    if desk.is_sending(one):
        raise here  # pressed twice
    require_version(one, form)
    if one.is_live and form.get("typed", "").strip().casefold() != "live":
        raise SettingsError("This is the live environment: type the word live to confirm. Nothing was sent.")
    variables = request.app[SETTINGS].variables
    try:
        if missing := await desk.use(one, lambda held: _missing(held.plan, variables)):
            raise SettingsError(missing)
        desk.send(one, form.get("run", ""))
    except SettingsError:
        if not desk.is_sending(one):  # pressed twice, and the other was faster
            raise
    raise here


@routes.post("/imports/{import_id}/go-on")
async def go_on(request: web.Request) -> web.StreamResponse:
    """Carry on what was interrupted or stopped: what was confirmed holds, as nothing was changed since."""
    one, desk = import_of(request), request.app[DESK]
    if not desk.is_sending(one):  # pressed twice
        if idle_import_of(request).stage is not Stage.SENDING and not one.left:
            raise SettingsError(NOTHING_LEFT)
        desk.go_on(one)
    raise web.HTTPSeeOther(f"/imports/{one.id}/send")


@routes.post("/imports/{import_id}/{what:stop|pause|resume}")
async def steer(request: web.Request) -> web.StreamResponse:
    """Hold what is being sent, go on, or stop: no new row is taken, those under way are finished."""
    one = import_of(request)
    task = request.app[DESK].task(one)
    if task is not None and task.running and task.kind is Kind.SENDING:
        match request.match_info["what"]:
            case "stop":
                task.request_stop()
            case "pause":
                task.hold()
            case _:
                task.go_on()
    raise web.HTTPSeeOther(f"/imports/{one.id}/send")


@routes.get("/imports/{import_id}/events")
async def events(request: web.Request) -> web.StreamResponse:
    """How far the work on an import is, as server-sent events; the last one is `ended`.

    Or `again`, to whom it is to be asked for once more; whoever is let in no longer just hears no more.
    """
    one, desk = import_of(request), request.app[DESK]
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    seen, until = -1, time.monotonic() + LONGEST
    while (task := desk.task(one)) is not None:
        if not still_in(request):
            return response
        if task.changes != seen:
            seen = task.changes
            await response.write(f"data: {json.dumps(snapshot(task))}\n\n".encode())
        if has_left(request):
            return response
        if not task.running:
            break
        if time.monotonic() > until:
            await response.write(b"event: again\ndata: {}\n\n")
            return response
        await asyncio.sleep(TICK)
    await response.write(b"event: ended\ndata: {}\n\n")
    return response
