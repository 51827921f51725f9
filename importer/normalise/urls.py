"""Web addresses that a provider will fetch from; we never do."""

import re
from urllib.parse import SplitResult, urlsplit

from importer.normalise.characters import verbatim
from importer.normalise.unfit import Unfit

_not_in_an_address = re.compile(r'[\s<>"\\^`{|}]')
_label = re.compile(r"(?!-)[^\W_](?:[\w-]{0,61}[^\W_])?|(?!-)[\w-]{1,63}(?<!-)")


def url(value: str) -> str | Unfit:
    """The address as written, `https://` in lower case. Never fetched; messages do not quote it.

    The host needs a dot in it and may be in any script (it stays as given); a user name or password in
    the address is refused, since whoever sees the sheet or the customer would see it too.
    """
    given = verbatim(value)
    if isinstance(given, Unfit):
        return given
    if given[:8].lower() != "https://":
        return _unfit("Must begin with https://, like https://example.com/front.jpg.")
    if _not_in_an_address.search(given):
        return _unfit("Contains a space or another character that a web address cannot have. Copy it again.")
    try:
        parts = urlsplit(given)
        port_fits = parts.port != 0
    except ValueError:
        return _unfit("Is not a web address: the part after https:// cannot be read. Copy it again.")
    if parts.username is not None or parts.password is not None:
        return _unfit("Contains a user name or password. Use an address that works without.")
    if not port_fits or not _names_a_host(parts):
        return _unfit("Is not a web address: after https:// comes no host like example.com. Copy it again.")
    return "https://" + given[8:]


def _names_a_host(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    labels = host.removesuffix(".").split(".")
    return len(labels) > 1 and len(host) <= 253 and all(_label.fullmatch(label) for label in labels)


def _unfit(message: str) -> Unfit:
    return Unfit("invalid_url", message)
