"""A template with what every page may ask: who looks at it, and the token of its forms."""

from collections.abc import Mapping
from types import MappingProxyType

import aiohttp_jinja2
from aiohttp import web

from importer.web.keys import SESSIONS
from importer.web.sessions import Session

NOTHING: Mapping[str, object] = MappingProxyType({})

SESSION = web.RequestKey("session", Session)
"""Whose request it is; missing where nobody was let in."""


def render(
    request: web.Request, template: str, context: Mapping[str, object] = NOTHING, *, status: int = 200
) -> web.Response:
    """A page."""
    session = request.get(SESSION)
    user = session.user if session is not None else None
    token = request.app[SESSIONS].token(session) if session is not None else ""
    known = {"user": user, "csrf": token, "path": request.path}
    text = aiohttp_jinja2.render_string(template, request, known | dict(context))
    # a sheet may hold halves of characters, which cannot be sent
    body = text.encode("utf-8", "replace")
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8")


def as_shown(text: str) -> str:
    """A text as a browser sends it back: HTML knows one kind of line break, and no null or half character."""
    whole = text.encode("utf-8", "replace").decode()
    return whole.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
