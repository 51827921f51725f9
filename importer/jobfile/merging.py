"""Options of the command line over the keys of a job file. (pure but for the working folder)"""

from collections.abc import Mapping
from pathlib import Path

from importer.jobfile.forms import flat, is_address, ledger_in

_PATHS = ("source", "mapping", "output")


def merged(document: Mapping[str, object], given: Mapping[str, object]) -> dict[str, object]:
    """The file's keys with the options given beside it, which win.

    Paths among these start at the working folder, constants join those of the file, and a source takes the
    place of an inbox.
    """
    found = {**document, **given}
    for key in _PATHS:
        if key in given and not is_address(str(given[key])):
            found[key] = str(Path.cwd() / str(given[key]))
    if "ledger" in given:
        found["ledger"] = ledger_in(Path.cwd(), str(given["ledger"]))
    constants, more = document.get("set"), given.get("set")
    if isinstance(constants, Mapping) and isinstance(more, Mapping):
        found["set"] = dict([*flat(constants), *flat(more)])
    if "source" in given:
        found.pop("inbox", None)
    return found
