"""The page as an application of aiohttp."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from importer.web import guard
from importer.web.access import Links
from importer.web.desk import Desk
from importer.web.ended import Ended
from importer.web.folders import Folders
from importer.web.guessing import Guesses
from importer.web.heads import Heads
from importer.web.keys import DESK, FOLDERS, GUESSES, HEADS, LINKS, ROOM, SESSIONS, SETTINGS
from importer.web.room import Room
from importer.web.routes import assets, checking, entering, finishing, matching, mending, sending, starting
from importer.web.sessions import Sessions, kept_key
from importer.web.settings import ServeSettings
from importer.web.sweeping import sweep_for_ever
from importer.web.telling import FILTERS

HERE = Path(__file__).parent
FORM = 4 << 20
"""Bytes of a form without a file; one has a line for each word of a sheet that was not understood."""


def build(settings: ServeSettings, *, announce: Callable[[str], None]) -> web.Application:
    """The page. `announce` is told the token of each one-time link."""
    folders = Folders(settings.folder)
    folders.drop_incoming()
    app = web.Application(
        middlewares=[guard.require_host, guard.tell_errors, guard.require_session, guard.require_token],
        client_max_size=FORM,
    )
    app[SETTINGS], app[FOLDERS] = settings, folders
    ended = Ended(settings.folder / "ended", settings.session)
    app[SESSIONS] = Sessions(kept_key(settings.folder / "key"), settings.session, ended)
    app[DESK], app[HEADS] = Desk(settings, folders), Heads()
    app[ROOM] = Room(folders, settings.quota)
    app[LINKS], app[GUESSES] = Links(announce), Guesses()
    app.on_response_prepare.append(guard.add_headers)
    for module in (assets, entering, starting, matching, checking, mending, sending, finishing):
        app.router.add_routes(module.routes)
    app.cleanup_ctx.append(_sweeping)
    app.on_shutdown.append(_end_work)
    _set_up_templates(app)
    return app


def _set_up_templates(app: web.Application) -> None:
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)


async def _sweeping(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(sweep_for_ever(app[FOLDERS], app[DESK], app[SETTINGS].kept_for))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _end_work(app: web.Application) -> None:
    await app[DESK].stop_all()
