"""Uploads are not kept for ever."""

import asyncio
import logging
import time
from datetime import timedelta

from importer.web.desk import Desk
from importer.web.folders import Folders

EVERY = 600.0
"""Seconds."""

_log = logging.getLogger(__name__)


async def sweep_for_ever(folders: Folders, desk: Desk, kept_for: timedelta) -> None:
    """Delete what is old, now and every few minutes."""
    while True:
        sweep(folders, desk, kept_for, now=time.time())
        await asyncio.sleep(EVERY)


def sweep(folders: Folders, desk: Desk, kept_for: timedelta, *, now: float) -> None:
    """Delete imports that were last used `kept_for` before `now` (Unix time), but none that is at work."""
    for one in folders.all():
        if one.used + kept_for.total_seconds() < now and not desk.is_busy(one):
            desk.forget(one)
            folders.remove(one)
            _log.info("Deleted the import %s: nobody used it for %s days", one.id, kept_for.days)
