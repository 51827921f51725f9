"""The fourth step: confirm, and watch."""

import asyncio
import json
from collections.abc import Mapping

from aiohttp import web

from importer.accounts import read_credentials, require_address
from importer.errors import SettingsError
from importer.planning import Plan
from importer.web.events import snapshot
from importer.web.guard import import_of
from importer.web.keys import DESK, SETTINGS
from importer.web.rendering import render
from importer.web.work import Kind

TICK = 0.5
"""Seconds between looks at how far the work is."""

routes = web.RouteTableDef()


@routes.get("/imports/{import_id}/send")
async def show(request: web.Request) -> web.StreamResponse:
    """The numbers to confirm; what is under way; or how to go on after an interruption."""
    one, desk = import_of(request), request.app[DESK]
    task, held = desk.task(one), desk.held(one)
    if task is not None and task.kind is Kind.SENDING and (task.running or task.error):
        context = {"one": one, "task": task, "now": snapshot(task)}
        return render(request, "sending.html", context)
    if held is None:
        raise web.HTTPSeeOther(f"/imports/{one.id}/check")
    missing = _missing(held.plan, request.app[SETTINGS].variables)
    context = {"one": one, "held": held, "plan": held.plan, "missing": missing}
    return render(request, "confirm.html", context)


def _missing(plan: Plan, variables: Mapping[str, str] | None) -> str:
    """Why it cannot be sent, "" where it can."""
    try:
        require_address(plan.opened.account)
        read_credentials(plan.opened.account, variables)
    except SettingsError as error:
        return str(error)
    return ""


@routes.post("/imports/{import_id}/send")
async def send(request: web.Request) -> web.StreamResponse:
    """Carry out the plan that was confirmed."""
    one, desk, form = import_of(request), request.app[DESK], await request.post()
    here = web.HTTPSeeOther(f"/imports/{one.id}/send")
    task = desk.task(one)
    if task is not None and task.running and task.kind is Kind.SENDING:
        raise here  # pressed twice
    if one.is_live and str(form.get("typed", "")).strip().casefold() != "live":
        raise SettingsError("This is the live environment: type the word live to confirm. Nothing was sent.")
    held = desk.held(one)
    if held is not None and (problem := _missing(held.plan, request.app[SETTINGS].variables)):
        raise SettingsError(problem)
    desk.send(one, str(form.get("run", "")))
    raise here


@routes.post("/imports/{import_id}/stop")
async def stop(request: web.Request) -> web.StreamResponse:
    """Take no new row; those under way are finished."""
    one = import_of(request)
    task = request.app[DESK].task(one)
    if task is not None and task.kind is Kind.SENDING:
        task.request_stop()
    raise web.HTTPSeeOther(f"/imports/{one.id}/send")


@routes.get("/imports/{import_id}/events")
async def events(request: web.Request) -> web.StreamResponse:
    """How far the work on an import is, as server-sent events; the last one is `ended`."""
    one, desk = import_of(request), request.app[DESK]
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    seen = -1
    while (task := desk.task(one)) is not None:
        if task.changes != seen:
            seen = task.changes
            await response.write(f"data: {json.dumps(snapshot(task))}\n\n".encode())
        if not task.running:
            break
        await asyncio.sleep(TICK)
    await response.write(b"event: ended\ndata: {}\n\n")
    return response
