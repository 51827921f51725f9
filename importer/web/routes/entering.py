"""Who comes in: the one-time link, the log-in form, and out again."""

import asyncio
import math
import secrets
import time

from aiohttp import web

from importer.web.access import is_password
from importer.web.guard import cookie_name, keep_session, users_in
from importer.web.keys import GUESSES, LINKS, SESSIONS, SETTINGS
from importer.web.rendering import SESSION, render

AT_ONCE = 4
"""So many passwords are tried at once; each takes 32 MB and a tenth of a second."""

_guessing = asyncio.Semaphore(AT_ONCE)

routes = web.RouteTableDef()


@routes.get("/open")
async def open_link(request: web.Request) -> web.StreamResponse:
    """Let in whoever has the link."""
    settings = request.app[SETTINGS]
    by_link = settings.users is None and not settings.user_header
    if not by_link or not request.app[LINKS].use(request.query.get("token", "")):
        return _login(request, "This link does not work any more: each works once.", status=403)
    response = render(request, "opened.html")
    keep_session(request, response, request.app[SESSIONS].start(""))
    return response


@routes.get("/login")
async def show_login(request: web.Request) -> web.StreamResponse:
    """The form, or where the link is."""
    if SESSION in request:
        raise web.HTTPSeeOther("/")
    return _login(request)


def _login(request: web.Request, problem: str = "", *, status: int = 200) -> web.Response:
    settings = request.app[SETTINGS]
    way = "password" if settings.users else "proxy" if settings.user_header else "link"
    nonce = secrets.token_urlsafe(16)
    token = request.app[SESSIONS].entry_token(nonce)
    response = render(request, "login.html", {"way": way, "problem": problem, "csrf": token}, status=status)
    response.set_cookie("importer_login", nonce, httponly=True, samesite="Strict", secure=settings.secure)
    return response


@routes.post("/login")
async def log_in(request: web.Request) -> web.StreamResponse:
    """Let in who knows the password."""
    settings, form = request.app[SETTINGS], await request.post()
    if settings.users is None:
        raise web.HTTPNotFound
    name, password = str(form.get("name", "")), str(form.get("password", ""))[:1000]
    guesses, address = request.app[GUESSES], request.remote or ""
    if wait := guesses.wait(name, address, now=time.time()):
        return _login(request, f"Too many wrong passwords: try again in {math.ceil(wait)} s.", status=429)
    users = users_in(settings.users)
    # wrong until it is known to be right: who guesses many times at once is not looked at more often
    guesses.note(name, address, right=False, now=time.time())
    async with _guessing:
        known = await asyncio.to_thread(is_password, users, name, password)
    if not known:
        return _login(request, "The name or the password is wrong.", status=403)
    guesses.note(name, address, right=True, now=time.time())
    response = web.HTTPSeeOther("/")
    keep_session(request, response, request.app[SESSIONS].start(name, kept=users[name]))
    raise response


@routes.post("/logout")
async def log_out(request: web.Request) -> web.StreamResponse:
    """End the session."""
    request.app[SESSIONS].ended.add(request[SESSION].nonce)
    response = web.HTTPSeeOther("/login")
    response.del_cookie(cookie_name(request), path="/")
    raise response
