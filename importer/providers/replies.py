"""Reading replies: what every provider's judge needs, once."""

import re
from collections.abc import Iterator, Mapping

from importer.errors import OutcomeUnknownError
from importer.providers.base import Reply, Verdict
from importer.rows import Status


def text(value: object) -> str:
    """A JSON value as text for a cell: "" for null, the texts of a list joined, "…" for what is nested."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join("…" if isinstance(item, list | dict) else text(item) for item in value)
    if isinstance(value, dict):
        return "…"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def mapping(value: object) -> Mapping[str, object]:
    """A JSON object, or an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def records(value: object) -> Iterator[Mapping[str, object]]:
    """The objects of a JSON list; nothing where there is none."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def identifier(value: object) -> str:
    """An id as text; "" for anything that cannot be one."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def field_faults(errors: object) -> tuple[tuple[str, str], ...]:
    """(field, words) from the two usual shapes: `{field: [words]}` and `[{"field", "message"}]`."""
    if isinstance(errors, dict):
        return tuple((str(name), text(words)) for name, words in errors.items() if words)
    return tuple((text(item.get("field")), text(item.get("message"))) for item in records(errors))


def said(reply: Reply) -> str:
    """The provider's own words in an answer of whatever shape, "" where it has none."""
    document = reply.document or {}
    places = (
        mapping(document.get("error")).get("message"),
        mapping(document.get("status")).get("message"),
        mapping(document.get("data")).get("error"),
        document.get("message"),
        document.get("error"),
    )
    return next((words for words in places if isinstance(words, str) and words), "")


def unclear(reply: Reply, *, code: str = "unclear_reply") -> Verdict:
    """The answer does not say whether the customer exists now."""
    why = {
        "no_id": "said yes but gave no customer id",
        "unreadable_reply": "gave an answer that cannot be read",
        "unclear_reply": "gave an answer that does not say whether the customer was created",
    }[code]
    words = said(reply)
    message = f"The provider {why} (HTTP {reply.status})" + (f": {words}" if words else "")
    return Verdict(Status.UNKNOWN, code=code, message=message)


def rejected(message: str, faults: tuple[tuple[str, str], ...] = (), *, code: str = "") -> Verdict:
    """The provider refused this row's data."""
    return Verdict(
        Status.REJECTED,
        code=code or ("rejected_field" if faults else "rejected"),
        message=message or ("" if faults else "The provider refused this row without saying why"),
        faults=faults,
    )


def exists(message: str = "", *, customer_id: str = "") -> Verdict:
    """The provider has this customer already."""
    return Verdict(
        Status.EXISTS,
        customer_id=customer_id,
        code="already_exists",
        message=message or "The provider already has this customer",
    )


def found(record: Mapping[str, object], customer_id: str, *columns: str) -> Verdict:
    """A look-up found the customer; `columns` of its record go into the results."""
    return Verdict(
        Status.EXISTS,
        customer_id=customer_id,
        code="found_by_look_up",
        message="Found at the provider by look-up",
        extra=given(record, *columns),
    )


_TAKEN = re.compile(r"\balready\b|\btaken\b|\bin use\b|\bexists\b", re.IGNORECASE)
_DENIED = re.compile(r"\bnot\b|n['\u2019]t\b", re.IGNORECASE)


def says_taken(words: str) -> bool:
    """Whether a refusal of an e-mail address means that a customer with it exists."""
    return _TAKEN.search(words) is not None and _DENIED.search(words) is None


def given(record: Mapping[str, object], *names: str) -> dict[str, str]:
    """Those fields of a record that hold something, as text for cells."""
    return {name: text(record[name]) for name in names if text(record.get(name))}


def new_records(listed: object, seen: set[str]) -> list[Mapping[str, object]]:
    """The customers of a page; their ids are added to `seen`.

    Raises:
        OutcomeUnknownError: The page holds only customers that were seen: the list goes round in circles.
    """
    found = list(records(listed))
    ids = {identifier(record.get("customer_id")) or identifier(record.get("id")) for record in found}
    if found and ids <= seen:
        raise OutcomeUnknownError("The list of customers repeats itself", code="unreadable_reply")
    seen |= ids
    return found


def same_email(one: object, other: object) -> bool:
    """Whether two addresses are the same in full; letter case is not told apart."""
    return isinstance(one, str) and isinstance(other, str) and one.casefold() == other.casefold() != ""
