"""Where the parts of the page find each other."""

from aiohttp import web

from importer.web.access import Links
from importer.web.desk import Desk
from importer.web.folders import Folders
from importer.web.guessing import Guesses
from importer.web.heads import Heads
from importer.web.room import Room
from importer.web.sessions import Sessions
from importer.web.settings import ServeSettings

SETTINGS = web.AppKey("settings", ServeSettings)
SESSIONS = web.AppKey("sessions", Sessions)
FOLDERS = web.AppKey("folders", Folders)
DESK = web.AppKey("desk", Desk)
GUESSES = web.AppKey("guesses", Guesses)
HEADS = web.AppKey("heads", Heads)
ROOM = web.AppKey("room", Room)
LINKS = web.AppKey("links", Links)
