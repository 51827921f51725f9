"""What a job would do, without its secrets: as facts, and as the lines of a screen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from importer.jobfile.forms import is_address
from importer.jobfile.model import JobFile
from importer.jobfile.placeholders import fill
from importer.jobfile.sections import Inbox, Reaction
from importer.night.picking import matching, takeable


def facts(file: JobFile, now: datetime, variables: Mapping[str, str]) -> dict[str, Any]:
    """What the job would do in the night of `now`; `variables` are the job's."""
    account = file.opened_account(variables)
    limits = file.rate or tuple(map(str, account.provider.limits[account.environment]))
    alarms = {name: str(getattr(file.alarms, name)) for name in _alarms(file)}
    return {
        "job": file.name,
        "clock": now.astimezone().isoformat(timespec="minutes"),
        "source": tonight(file, now),
        "provider": account.provider.name,
        "environment": str(account.environment),
        "account": account.label,
        "base_url": account.base_url,
        "mapping": str(file.mapping or ""),
        "output": fill(str(file.output or ""), now),
        "rate": list(limits),
        "stop_by": file.stop_by or "",
        "limit": file.limit,
        "max_errors": file.max_errors or "",
        "alarms": alarms,
        "smaller_than": file.alarms.smaller_than,
        "max_invalid": list(file.alarms.max_invalid),
        "notify": {
            "on": list(map(str, file.notify.on)),
            "to": schemes(variables.get(file.notify.urls_from, "")),
        },
        "log": {"file": str(file.log.file or ""), "format": str(file.log.format)},
        "metrics": str(file.metrics.file or ""),
    }


def tonight(file: JobFile, now: datetime, *, reach: bool = False) -> dict[str, Any]:
    """Where files come from in the night of `now`, and how many are there; None where nobody looked.

    Raises:
        SetupError: With `reach`: what an address needs is not installed, or it cannot be reached.
    """
    if file.inbox is not None:
        place = file.inbox.folder / file.inbox.pattern
        return {"inbox": str(place), "found": _in_inbox(file.inbox) if file.inbox.folder.is_dir() else None}
    place_of_file = fill(file.source or "", now)
    if not is_address(place_of_file):
        return {"file": place_of_file, "found": len(matching(place_of_file, output=file.output))}
    from importer.night.remote import Remote, shown

    return {"file": shown(place_of_file), "found": len(Remote(place_of_file).paths()) if reach else None}


def _in_inbox(inbox: Inbox) -> int:
    marker = inbox.ready_marker
    found = (path for path in inbox.folder.glob(inbox.pattern) if takeable(path.name) and path.is_file())
    return sum(not (marker and path.name.endswith(marker)) for path in found)


def schemes(urls: str) -> list[str]:
    """Of each address only what stands in front of ://, since the rest holds secrets."""
    return [url.partition("://")[0] for url in urls.split() if "://" in url]


def _alarms(file: JobFile) -> list[str]:
    fields = type(file.alarms).model_fields
    return [name for name in fields if isinstance(getattr(file.alarms, name), Reaction)]


def lines(told: Mapping[str, Any]) -> list[str]:
    """The facts as lines for a person."""
    shown = {
        "job": told["job"],
        "clock": f"{datetime.fromisoformat(told['clock']):%Y-%m-%d %H:%M, %Z}",
        "source": _source(told["source"]),
        "provider": f"{told['provider']}, {told['environment']}, account {told['account']}",
        "address": told["base_url"],
        "mapping": told["mapping"] or "by the headings, anew every night",
        "results": told["output"] or "beside the source",
        "limits": ", ".join(_limits(told)),
        "alarms": "; ".join(_reactions(told)),
        "notifies": _notifies(told["notify"]),
        "log": f"{told['log']['file'] or 'standard error'}, as {told['log']['format']}",
        "metrics": told["metrics"] or "none",
    }
    return [f"  {name:<12}{text}" for name, text in shown.items()]


def _source(told: Mapping[str, Any]) -> str:
    """Tonight's."""
    if "inbox" in told:
        found = "there is no such folder" if told["found"] is None else f"{told['found']} there now"
        return f"inbox {told['inbox']} ({found})"
    if told["found"] is None:
        return f"{told['file']}"
    return f"{told['file']} ({told['found'] or 'not'} there now)"


def _limits(told: Mapping[str, Any]) -> list[str]:
    parts = [" and ".join(told["rate"])]
    parts += [f"stops by {told['stop_by']}"] if told["stop_by"] else []
    parts += [f"at most {told['limit']:,} rows a night"] if told["limit"] is not None else []
    parts += [f"stops after {told['max_errors']} errors"] if told["max_errors"] else []
    return parts


def _reactions(told: Mapping[str, Any]) -> list[str]:
    notes = {
        "smaller": f"smaller (below {told['smaller_than']})",
        "invalid": f"invalid (above {' or '.join(told['max_invalid'])})",
    }
    named = {name: notes.get(name, name) for name in told["alarms"]}
    parts = []
    for reaction in Reaction:
        names = [named[name] for name, wanted in told["alarms"].items() if wanted == reaction]
        parts += [f"{reaction}: {', '.join(names)}"] if names else []
    return parts


def _notifies(told: Mapping[str, Any]) -> str:
    if not told["to"] or not told["on"]:
        return "nobody"
    return f"of {', '.join(told['on'])}: {', '.join(f'{scheme}://…' for scheme in told['to'])}"
