"""The first page: a file to upload, what was uploaded before, and templates to fill in."""

import asyncio
import errno
import shutil
import tempfile
import time
from pathlib import Path

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from importer.accounts import DEFAULT, find_provider, known_labels, open_account
from importer.errors import SettingsError
from importer.providers import PROVIDERS
from importer.rows import Environment
from importer.source import open_source
from importer.template import write_template
from importer.web.folders import Import, new_id
from importer.web.guard import check_token, idle_import_of, import_of, may_see, user_of, wants_json
from importer.web.keys import DESK, FOLDERS, ROOM, SETTINGS
from importer.web.rendering import render
from importer.web.steps import step_of
from importer.web.uploads import ACCEPTED, MOST_FIELDS, Upload, read_field, receive, too_large

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

NO_FORM = "This is not our form. Nothing was kept."

FIELDS = ("csrf", "provider", "environment", "account")

routes = web.RouteTableDef()


@routes.get("/")
async def start(request: web.Request) -> web.StreamResponse:
    """The upload and the recent imports."""
    settings = request.app[SETTINGS]
    imports = [one for one in request.app[FOLDERS].all() if may_see(request, one)]
    context = {
        "providers": PROVIDERS.values(),
        "accounts": {name: known_labels(each, settings.variables) for name, each in PROVIDERS.items()},
        "environments": list(Environment),
        "recent": [(one, step_of(one, request.app[DESK])) for one in imports],
        "accepted": ",".join(ACCEPTED),
        "largest": settings.largest,
        "kept_days": settings.kept_for.days,
        "taken": request.app[ROOM].taken(user_of(request)),
        "quota": settings.quota,
    }
    return render(request, "start.html", context)


@routes.post("/imports")
async def upload(request: web.Request) -> web.StreamResponse:
    """Take a file, and choices that come before it in the form."""
    folders = request.app[FOLDERS]
    if not request.content_type.startswith("multipart/form-data"):
        raise web.HTTPUnsupportedMediaType(text="The form carries no file. Nothing was kept.")
    folder = folders.incoming()
    try:
        fields, arrived = await _read_whole(request, folder)
        if arrived is None:
            raise SettingsError("No file was chosen. Choose a spreadsheet and send the form again.")
        if not fields.get("provider"):
            said = await asyncio.to_thread(_as_the_file_says, folder / arrived.file)
            _require_same(fields.get("environment", ""), said.get("environment", ""))
            fields |= said
        new = folders.adopt(folder, _new_import(fields, arrived, user_of(request)))
    except BaseException as error:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise SettingsError("The server has no room for this file. Nothing was kept; tell IT.") from error
        raise
    if wants_json(request):
        return web.json_response({"go": f"/imports/{new.id}/columns"})
    raise web.HTTPSeeOther(f"/imports/{new.id}/columns")


async def _read_whole(request: web.Request, folder: Path) -> tuple[dict[str, str], Upload | None]:
    """The same as `_read_form`, where the body is none that a browser sends as well."""
    try:
        return await _read_form(request, folder)
    except (ValueError, LookupError, RuntimeError, HttpProcessingError):  # as aiohttp has it
        raise web.HTTPBadRequest(text=NO_FORM) from None


async def _read_form(request: web.Request, folder: Path) -> tuple[dict[str, str], Upload | None]:
    """The fields, then the file. A form without our token, or with fields after the file, is refused."""
    largest = request.app[SETTINGS].largest
    fields: dict[str, str] = {}
    arrived: Upload | None = None
    reader = await request.multipart()
    for _ in range(MOST_FIELDS):
        part = await reader.next()
        if part is None:
            break
        if not isinstance(part, BodyPartReader) or arrived is not None:
            raise web.HTTPBadRequest(text=NO_FORM)
        if part.name == "file":
            check_token(request, fields.get("csrf"))
            if request.content_length is not None and request.content_length > largest + 10_000:
                raise too_large("The file", largest)
            if part.filename:
                with request.app[ROOM].take(user_of(request), request.content_length or largest):
                    arrived = await receive(part, folder, largest=largest)
        elif part.name in FIELDS:
            fields[part.name] = await read_field(part)
    check_token(request, fields.get("csrf"))
    return fields, arrived


def _as_the_file_says(path: Path) -> dict[str, str]:
    """Whose customers they are by a results file, report or template.

    Raises:
        SourceError: The file cannot be read.
        SettingsError: It says nothing.
    """
    carried = open_source(path).settings or {}
    if not carried.get("provider"):
        raise SettingsError("The file does not say whose customers these are: choose the provider.")
    return {name: str(carried[name]) for name in ("provider", "environment", "account") if carried.get(name)}


def _require_same(chosen: str, said: str) -> None:
    """Nobody gets into the live environment, or out of it, without having chosen that.

    Raises:
        SettingsError: The file says another environment than was chosen.
    """
    if said and chosen in list(Environment) and said != chosen:
        raise SettingsError(
            f"This file is of the {said} environment, and {chosen} is chosen, so nothing was kept. To go on "
            f"with it, choose {said} and upload it again. To import its rows into {chosen}, choose the "
            "provider as well."
        )


def _new_import(fields: dict[str, str], arrived: Upload, owner: str) -> Import:
    provider = find_provider(fields["provider"])
    environment = fields.get("environment", "")
    if environment not in list(Environment):
        raise SettingsError("Choose sandbox or live.")
    account = open_account(provider, label=fields.get("account", "").strip() or DEFAULT, variables={})
    now = time.time()
    return Import(
        id=new_id(),
        owner=owner,
        name=arrived.name,
        file=arrived.file,
        provider=provider.name,
        environment=Environment(environment),
        account=account.label,
        created=now,
        used=now,
    )


@routes.get("/imports/{import_id}")
async def go_to(request: web.Request) -> web.StreamResponse:
    """The step that an import is at."""
    one = import_of(request)
    raise web.HTTPSeeOther(f"/imports/{one.id}/{step_of(one, request.app[DESK]).page}")


@routes.get("/imports")
async def start_again(request: web.Request) -> web.StreamResponse:
    """Where a form was sent to is an address that may be reloaded: there is the page with that form."""
    raise web.HTTPSeeOther("/")


@routes.get("/imports/{import_id}/{sent:replace|repair|settle|reading|go-on|stop|pause|resume|delete}")
async def go_back(request: web.Request) -> web.StreamResponse:
    """The same, for what is sent about an import."""
    one, page = import_of(request), FORMS_OF.get(request.match_info["sent"], "")
    raise web.HTTPSeeOther(f"/imports/{one.id}/{page}".rstrip("/"))


FORMS_OF = {"replace": "check", "repair": "check", "settle": "results", "reading": "columns"}
"""The pages with forms that are sent to an address of their own; the others are on whichever is next."""


@routes.post("/imports/{import_id}/delete")
async def delete(request: web.Request) -> web.StreamResponse:
    """Delete an upload and what was made from it."""
    one = idle_import_of(request)
    request.app[DESK].forget(one)
    left = request.app[FOLDERS].take_away(one)  # before anybody else has a turn, who might begin to send it
    if left is not None:
        await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
    raise web.HTTPSeeOther("/")


@routes.get("/templates/{provider}.xlsx")
async def template(request: web.Request) -> web.StreamResponse:
    """A spreadsheet to fill in."""
    name = request.match_info["provider"]
    if name not in PROVIDERS:
        raise web.HTTPNotFound(text="There is no such provider.")
    content = await asyncio.to_thread(_template, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}.template.xlsx"'}
    return web.Response(body=content, content_type=XLSX, headers=headers)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _template(name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path, PROVIDERS[name])
        return path.read_bytes()
