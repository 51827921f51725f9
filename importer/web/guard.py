"""Who may ask what: the address that is asked for, the session, forged forms, and what browsers may do."""

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from importer.errors import ImporterError, SettingsError
from importer.web.access import read_users
from importer.web.desk import BUSY
from importer.web.failing import log_failure
from importer.web.folders import Import
from importer.web.keys import DESK, FOLDERS, SESSIONS, SETTINGS
from importer.web.rendering import SESSION, render
from importer.web.sessions import Session

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OPEN = ("/static/", "/open", "/login")
"""Paths that need no session."""

STREAMED = ("/imports",)
"""Paths whose forms carry a file, and are checked for forgery as they are read."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "importer",
}

HEADER = "X-CSRF-Token"

ENDED = (
    "Your session has ended. Log in again in another tab, then come back here and repeat this step: nothing "
    "was done by it, and what was kept before is still there."
)

STRANGE_NAME = "The proxy says a name that is not written in UTF-8, so nobody is let in: tell its operator."

NO_USERS = "Nobody can log in just now: tell whoever runs this server, whose log says why. Nothing was done."

_log = logging.getLogger(__name__)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Tell the browser what it may do with an answer."""
    response.headers.update(HEADERS)
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def tell_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong is told on a page, or as JSON to a script."""
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        told = error.text if error.text and not error.text.startswith(f"{error.status}:") else error.reason
        return told_page(request, error.status, told)
    except ImporterError as error:
        return told_page(request, 400, str(error))
    except Exception as error:  # noqa: BLE001  told without its text, which may quote a cell
        if isinstance(error, ConnectionError) and has_left(request):
            return web.Response()  # which nobody gets
        log_failure(_log, f"{request.method} {request.match_info.handler.__name__}", error)
        return told_page(request, 500, "Something unforeseen went wrong. Nothing was sent by this step.")


def has_left(request: web.Request) -> bool:
    """Whether whoever asked waits for no answer any more."""
    return request.transport is None or request.transport.is_closing()


def told_page(
    request: web.Request, status: int, message: str, *, fields: Sequence[tuple[str, object]] = ()
) -> web.Response:
    """A message, as a page or as JSON; with the `fields` of a form that can be sent once more."""
    if wants_json(request):
        return web.json_response({"error": message}, status=status)
    context = {"message": message, "status": status, "fields": fields}
    return render(request, "error.html", context, status=status)


def wants_json(request: web.Request) -> bool:
    """Whether a script asks, and not a person."""
    return request.headers.get("Accept", "").startswith("application/json")


@web.middleware
async def require_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse names that are not ours: a foreign name that points here is an attack (DNS rebinding)."""
    name, _ = _asked_for(request)
    if name not in request.app[SETTINGS].hosts:
        raise web.HTTPMisdirectedRequest(text="The page is not served under this name.")
    return await handler(request)


def _asked_for(request: web.Request) -> tuple[str, int | None]:
    """The name and the port that the browser has asked for; no name where what it sends is none."""
    try:
        asked = urlsplit(f"//{request.host}")
        return asked.hostname or "", asked.port
    except ValueError:
        return "", None


@web.middleware
async def require_session(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who has a session, and for a proxy's users make one."""
    session = _session(request)
    if session is not None:
        request[SESSION] = session
    if session is None and not request.path.startswith(OPEN):
        if request.method == "GET" and not wants_json(request):
            raise web.HTTPSeeOther("/login")
        return await _ended(request)
    response = await handler(request)
    if session is not None and request.app[SETTINGS].user_header and not response.prepared:
        keep_session(request, response, session)
    return response


def still_in(request: web.Request) -> bool:
    """Whether whoever asked is let in to this moment: for answers that go on for long."""
    begun = request[SESSION]
    if begun.nonce in request.app[SESSIONS].ended:
        return False
    try:
        now = _session(request)
    except web.HTTPException:
        return False
    return now is not None and now.user == begun.user


async def form_of(request: web.Request) -> Mapping[str, object]:
    """The fields of a form.

    Raises:
        HTTPBadRequest: It is no form that a browser sends.
        HTTPRequestEntityTooLarge: It is larger than any of ours.
    """
    try:
        return await request.post()
    except web.HTTPRequestEntityTooLarge as error:
        error.text = "This form is larger than any of this page. Nothing was done."
        raise
    except (ValueError, LookupError):  # an encoding that there is not, or that its bytes are not of
        raise web.HTTPBadRequest(text="This is no form of this page. Nothing was done.") from None


async def _ended(request: web.Request) -> web.Response:
    """Tell that the session is over, with what was filled in: its token is good for the next session."""
    fields: list[tuple[str, object]] = []
    if _is_from_here(request) and request.content_type == "application/x-www-form-urlencoded":
        fields = list((await form_of(request)).items())
    return told_page(request, 401, ENDED, fields=fields)


def _session(request: web.Request) -> Session | None:
    settings, sessions = request.app[SETTINGS], request.app[SESSIONS]
    session = sessions.opened(request.cookies.get(cookie_name(request), ""))
    if not settings.user_header:
        by_name = settings.users is not None
        # a session of another way in, or of a user who has another password by now or none, holds no longer
        if session is None or bool(session.user) is not by_name:
            return None
        if settings.users is None:
            return session
        return session if sessions.holds(session, users_in(settings.users).get(session.user)) else None
    if request.remote not in settings.proxies:
        return None
    user, *more = request.headers.getall(settings.user_header, [""])
    user = user.strip()
    if not user or more:  # of two the browser may have sent one
        return None
    if not _is_text(user):
        raise web.HTTPBadRequest(text=STRANGE_NAME)
    return session if session is not None and session.user == user else sessions.start(user)


def _is_text(name: str) -> bool:
    """Whether a name came as UTF-8: bytes that are none arrive as halves of characters."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def users_in(path: Path) -> Mapping[str, str]:
    """The users of a file. What is the matter with it is for the log, and not for whoever comes by.

    Raises:
        HTTPServiceUnavailable: It cannot be read.
    """
    try:
        return read_users(path)
    except SettingsError as error:
        _log.error("%s", error)
        raise web.HTTPServiceUnavailable(text=NO_USERS) from None


def cookie_name(request: web.Request) -> str:
    """Cookies do not tell ports apart, so the name does."""
    _, port = _asked_for(request)
    return f"importer_{port or 'page'}"


def keep_session(request: web.Request, response: web.StreamResponse, session: Session) -> None:
    """Put a session into the browser."""
    settings, sessions = request.app[SETTINGS], request.app[SESSIONS]
    response.set_cookie(
        cookie_name(request),
        sessions.sealed(session),
        httponly=True,
        samesite="Strict",
        secure=settings.secure,
        max_age=int(settings.session.total_seconds()),
        path="/",
    )


@web.middleware
async def require_token(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take forms from our own pages only."""
    if request.method in ("GET", "HEAD"):
        return await handler(request)
    if not _is_from_here(request):
        raise web.HTTPForbidden(text="This form came from another site. Nothing was done.")
    if request.path not in STREAMED:
        if request.content_type.startswith("multipart/"):
            raise web.HTTPUnsupportedMediaType(text="No file is taken here. Nothing was done.")
        form = await form_of(request)  # whoever reads it later finds it read, and whole
        check_token(request, request.headers.get(HEADER) or form.get("csrf"))
    return await handler(request)


def _is_from_here(request: web.Request) -> bool:
    """Whether a form is one of our own pages, as far as the browser tells."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def check_token(request: web.Request, given: object) -> None:
    """Refuse a form without the token of this user."""
    session: Session | None = request.get(SESSION)
    sessions = request.app[SESSIONS]
    if session is not None:
        wanted = sessions.token(session)
    elif request.path == "/login":
        wanted = sessions.entry_token(request.cookies.get("importer_login", ""))
    else:
        raise web.HTTPUnauthorized
    if not isinstance(given, str) or not hmac.compare_digest(wanted.encode(), given.encode()):
        raise web.HTTPForbidden(
            text="This form was made for somebody else, or a long time ago: go back, reload the page, and "
            "repeat the step. Nothing was done."
        )


def user_of(request: web.Request) -> str:
    """Who asks."""
    session: Session | None = request.get(SESSION)
    if session is None:
        raise web.HTTPUnauthorized
    return session.user


def import_of(request: web.Request) -> Import:
    """The import that a path names, of this user or shared.

    Raises:
        HTTPNotFound: There is none, or it is somebody else's, which is the same to this user.
    """
    one = request.app[FOLDERS].find(request.match_info["import_id"])
    if one is None or not may_see(request, one):
        raise web.HTTPNotFound(text="There is no such import: it was deleted, or belongs to somebody else.")
    request.app[FOLDERS].look(one)
    return one


def may_see(request: web.Request, one: Import) -> bool:
    """Whether an import is this user's, or shared."""
    return request.app[SETTINGS].shared or one.owner == user_of(request)


def idle_import_of(request: web.Request) -> Import:
    """The same, when nothing is being done for it."""
    one = import_of(request)
    if request.app[DESK].is_busy(one):
        raise web.HTTPConflict(text=BUSY)
    return one
