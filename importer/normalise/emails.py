"""E-mail addresses, as the email-validator library reads them."""

import re
from functools import lru_cache

from importer.normalise.characters import text
from importer.normalise.unfit import Unfit, shown

# A plain ASCII address, for which the library would only lower the case of the domain: a dot-atom, then
# labels without "--" (which may be Punycode). Its other rules are the two sets below, and a length.
_plain_mailbox = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_plain_domain = re.compile(r"(?:(?!-)(?:[a-zA-Z0-9]|-(?!-)){1,63}(?<!-)\.)+([a-zA-Z]{2,63})", re.ASCII)
_LONGEST = 254  # bytes, RFC 5321 4.5.3.1.3
_SPECIAL_ENDINGS = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test"})
_CASELESS_MAILBOXES = frozenset(  # RFC 2142
    {
        "info",
        "marketing",
        "sales",
        "support",
        "abuse",
        "noc",
        "security",
        "postmaster",
        "hostmaster",
        "usenet",
    }
    | {"news", "webmaster", "www", "uucp", "ftp"}
)
_several = re.compile(r"@.*[;,\s].*@")


def email(value: str) -> str | Unfit:
    """The address, its domain in lower case, otherwise as written.

    `mailto:` in front and angle brackets around the address are taken off; a name beside it is refused,
    and so is a second address. Whether the domain exists is not looked up. The domains reserved for
    examples (`example.com`) pass, those that can receive no mail (`.test`, `.local`) do not.
    """
    if plain := _plain(value):
        return plain
    given = text(value)
    if isinstance(given, Unfit):
        return given
    address = _bare(given)
    return _plain(address) or _by_library(address, given)


def _plain(address: str) -> str:
    """A plain address as the library writes it; "" for any other."""
    local, _, domain = address.partition("@")
    if (
        len(address) <= _LONGEST
        and _plain_mailbox.fullmatch(local)
        and local.lower() not in _CASELESS_MAILBOXES
        and (lower := _lower_domain(domain))
    ):
        return f"{local}@{lower}"
    return ""


@lru_cache(maxsize=4096)  # most customers are with few companies
def _lower_domain(domain: str) -> str:
    """A domain in lower case, if it is a plain one; else ""."""
    plain = _plain_domain.fullmatch(domain)
    return domain.lower() if plain and plain[1].lower() not in _SPECIAL_ENDINGS else ""


def _bare(given: str) -> str:
    if given[:7].lower() == "mailto:":
        given = given[7:].lstrip()
    if given.startswith("<") and given.endswith(">"):
        given = given[1:-1].strip()
    return given


def _by_library(address: str, given: str) -> str | Unfit:
    if not address or len(address) > 2 * _LONGEST:
        return _unfit(given, "is not an e-mail address. Write one like ann@example.com.")
    if _several.search(address):
        return _unfit(given, "holds more than one e-mail address. Keep one.")
    if address.endswith(">"):
        return _unfit(given, "holds more than an e-mail address. Keep what is between < and >.")
    from email_validator import EmailNotValidError, validate_email  # slow to import, and seldom needed

    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as error:
        return _unfit(given, f"is not an e-mail address. {str(error)[:160].rstrip('.')}.")


def _unfit(given: str, trouble: str) -> Unfit:
    return Unfit("invalid_email", f"{shown(given)} {trouble}")
