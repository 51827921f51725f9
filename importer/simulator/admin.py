"""The simulator's own endpoints, under ``/_simulator/``; they need no credentials.

====  =========================  ============================================================================
GET   ``/_simulator/``           the counts of every provider (`Witness.state`)
GET   ``/_simulator/customers``  the customers of ``?provider=``, oldest first: id, body received, time
GET   ``/_simulator/requests``   the latest requests of ``?provider=``, oldest first, without their bodies
PUT   ``/_simulator/faults``     set `Faults`, as JSON, for ``?provider=`` or, without one, for all
POST  ``/_simulator/reset``      forget everything, and go back to the faults of the start
====  =========================  ============================================================================
"""

from typing import Any

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from importer.simulator.exchange import dumps
from importer.simulator.faults import Faults
from importer.simulator.journal import RequestRecord
from importer.simulator.settings import ALL, NAMES
from importer.simulator.witness import Witness

_FAULTS = TypeAdapter(Faults)


def add_routes(app: web.Application, witness: Witness) -> None:
    """Serve the endpoints above for `witness`."""

    async def state(_: web.Request) -> web.Response:
        return _json(witness.state())

    async def customers(request: web.Request) -> web.Response:
        found = witness.customers(_provider(request))
        return _json([{"id": one.id, "body": one.body, "created_at": one.created_at} for one in found])

    async def requests(request: web.Request) -> web.Response:
        return _json([_rendered(record) for record in witness.requests(_provider(request))])

    async def set_faults(request: web.Request) -> web.Response:
        faults = _read_faults(await request.read())
        witness.set_faults(faults, provider=_provider(request, default=ALL))
        return _json(_FAULTS.dump_python(faults, mode="json"))

    async def reset(_: web.Request) -> web.Response:
        witness.reset()
        return _json(witness.state())

    app.router.add_get("/_simulator/", state)
    app.router.add_get("/_simulator/customers", customers)
    app.router.add_get("/_simulator/requests", requests)
    app.router.add_put("/_simulator/faults", set_faults)
    app.router.add_post("/_simulator/reset", reset)


def _provider(request: web.Request, *, default: str | None = None) -> str:
    name = request.query.get("provider", default)
    if name is None or name not in (*NAMES, default):
        raise web.HTTPBadRequest(text=f"?provider= is one of {', '.join(NAMES)}")
    return name


def _read_faults(body: bytes) -> Faults:
    try:
        return _FAULTS.validate_json(body)
    except ValidationError as error:
        raise web.HTTPBadRequest(text=str(error)) from None


def _rendered(record: RequestRecord) -> dict[str, Any]:
    return {
        "call": record.call,
        "method": record.method,
        "path": record.path,
        "headers": dict(record.headers),
        "arrived": record.arrived,
        "status": record.status,
        "fault": record.fault,
        "rate_limited": record.rate_limited,
        "customer_id": record.customer_id,
    }


def _json(document: object) -> web.Response:
    return web.Response(body=dumps(document), content_type="application/json")
