"""The style, the scripts and the icon. They are small, and are answered from memory."""

from functools import cache
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent.parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

routes = web.RouteTableDef()


@routes.get("/static/{name}")
async def asset(request: web.Request) -> web.Response:
    """One of them."""
    content = _contents().get(request.match_info["name"])
    if content is None:
        raise web.HTTPNotFound(text="There is no such file.")
    kind = TYPES[Path(request.match_info["name"]).suffix]
    headers = {"Cache-Control": "no-cache"}
    return web.Response(text=content, content_type=kind, charset="utf-8", headers=headers)


@cache
def _contents() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir() if path.suffix in TYPES}
