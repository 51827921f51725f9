"""What every code in `import_code` means, who mends it, and how. (pure)

One table for everybody who explains a result: the Summary sheet, the page, the command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from importer.rows import Status

PERSON_MUST_SETTLE = "person_must_settle"

AS_FOR_A_PERSON = "As for the rows that a person must settle."
"""What to do about other causes of the same rows."""
"""Code of a row whose answer was lost, at a provider that cannot be asked."""


class Mender(StrEnum):
    """Who has to act, in the words the Summary sheet uses."""

    OWNER = "the sheet's owner"
    IT = "IT"
    RERUN = "nobody: run again"
    PERSON = "a person must decide"
    NOBODY = "nobody: nothing to do"


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for a row to stand where it stands. `meaning` and `how` are whole sentences."""

    code: str
    meaning: str
    who: Mender
    how: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a status means for its row, and what a later run does with it."""

    meaning: str
    later: str


STANDINGS: Mapping[Status, Standing] = MappingProxyType(
    {
        Status.CREATED: Standing("The provider made the customer and returned its id.", "Never sends it."),
        Status.EXISTS: Standing("The provider, or our ledger, already has this customer.", "Never sends it."),
        Status.DUPLICATE: Standing("The same customer as an earlier row of this sheet.", "Does not send it."),
        Status.INVALID: Standing("A cell is wrong or missing. Nothing was sent.", "Sends it once corrected."),
        Status.REJECTED: Standing("The provider refused the data of this row.", "Sends it once corrected."),
        Status.FAILED: Standing("It could not be delivered; certainly no customer was made.", "Sends it."),
        Status.UNKNOWN: Standing(
            "The answer was lost: the customer may or may not have been made.",
            "Finds out first; sends it only if it was not made.",
        ),
        Status.NOT_SENT: Standing("The run stopped before its turn.", "Sends it."),
    }
)
"""Every status after a run."""

CHECKED: Mapping[Status, Standing] = MappingProxyType(
    {
        **STANDINGS,
        Status.NOT_SENT: Standing("Ready: nothing is wrong with the row.", "Sends it."),
    }
)
"""Every status after a check, which sends nothing."""

_CAUSES = (
    Cause(
        "missing_value",
        "A cell that the provider needs is empty.",
        Mender.OWNER,
        "Fill in the marked cell.",
    ),
    Cause(
        "invalid_email",
        "The email address cannot be right.",
        Mender.OWNER,
        "Correct it, like name@example.com. One address in a cell.",
    ),
    Cause(
        "unknown_country",
        "The country is not one we know.",
        Mender.OWNER,
        "Write its English name or its two-letter code, like Singapore or SG.",
    ),
    Cause(
        "ambiguous_country",
        "The country's name fits more than one country.",
        Mender.OWNER,
        "Write its full name or its two-letter code, like SG.",
    ),
    Cause(
        "invalid_phone",
        "The phone number is none, or too long or short for its country.",
        Mender.OWNER,
        "Correct it; write it with + and the country's calling code, like +65 6123 4567.",
    ),
    Cause(
        "phone_as_quantity",
        "A spreadsheet program took the phone number for a quantity and damaged it.",
        Mender.OWNER,
        "Type it anew with + and the country's calling code, in a cell formatted as text.",
    ),
    Cause(
        "phone_needs_country",
        "The phone number does not say which country it is of.",
        Mender.OWNER,
        "Put + and the country's calling code in front, or fill in the country.",
    ),
    Cause(
        "phone_of_other_country",
        "The phone number belongs to another country than the row says.",
        Mender.OWNER,
        "Correct whichever of the two is wrong.",
    ),
    Cause(
        "invalid_date",
        "The date cannot be read, or there is no such day.",
        Mender.OWNER,
        "Write it as year-month-day, like 1990-12-31.",
    ),
    Cause(
        "ambiguous_date",
        "The date can be read in two ways: day or month first.",
        Mender.OWNER,
        "Write it as year-month-day, like 1990-12-31; or say once how the column does: importer map asks.",
    ),
    Cause(
        "two_digit_year",
        "The year has two digits, so the century is not known.",
        Mender.OWNER,
        "Write it as year-month-day, like 1990-12-31.",
    ),
    Cause(
        "date_serial",
        "The date is a bare number, as spreadsheet programs count days inside.",
        Mender.OWNER,
        "Format the cell as a date, or write it as year-month-day, like 1990-12-31.",
    ),
    Cause(
        "unknown_choice",
        "The value is not one of those the provider takes.",
        Mender.OWNER,
        "Use one of the values that the message lists.",
    ),
    Cause(
        "invalid_url",
        "The web address cannot be right.",
        Mender.OWNER,
        "Write it whole, like https://example.com/page.",
    ),
    Cause(
        "invalid_yes_no",
        "The cell is neither yes nor no.",
        Mender.OWNER,
        "Write yes or no.",
    ),
    Cause(
        "invalid_calling_code",
        "No country has this calling code.",
        Mender.OWNER,
        "Write + and the code, like +65.",
    ),
    Cause(
        "control_characters",
        "The cell holds characters that cannot be seen and that no provider takes.",
        Mender.OWNER,
        "Type the cell anew; they came along with a copy and paste.",
    ),
    Cause(
        "invisible_characters",
        "The cell holds characters that cannot be seen.",
        Mender.OWNER,
        "Type the cell anew; they came along with a copy and paste.",
    ),
    Cause(
        "lost_characters",
        "A letter was lost when the file was saved; a question mark in a box stands in its place.",
        Mender.OWNER,
        "Type the cell anew.",
    ),
    Cause(
        "mojibake",
        "A program read the letters in the wrong encoding, like ZoÃ« for Zoë.",
        Mender.OWNER,
        "Type the cell anew; or send what the message proposes, with --repair.",
    ),
    Cause(
        "scientific_notation",
        "A spreadsheet program took a number for a quantity and shortened it, like 2.35E+12.",
        Mender.OWNER,
        "Type it anew from the original, in a cell formatted as text.",
    ),
    Cause(
        "rounded_number",
        "A spreadsheet program keeps 15 digits of a number, and has put zeros for the rest.",
        Mender.OWNER,
        "Type it anew from the original, in a cell formatted as text.",
    ),
    Cause(
        "number_as_decimal",
        "A program took a number for a quantity and gave it decimals, like 12345.0.",
        Mender.OWNER,
        "Take them off, in a cell formatted as text; or send it without them, with --repair.",
    ),
    Cause(
        "lost_zeros",
        "The number is too short: a spreadsheet program has probably dropped the zeros in front.",
        Mender.OWNER,
        "Write them, in a cell formatted as text; or send what the message proposes, with --repair.",
    ),
    Cause(
        "formula_error",
        "The cell holds the error of a formula, or ####, and no value.",
        Mender.OWNER,
        "Type the value, or empty the cell.",
    ),
    Cause(
        "wrong_column",
        "The cell looks like something that belongs into another column.",
        Mender.OWNER,
        "Compare it with the heading; cells may have moved sideways.",
    ),
    Cause(
        "formula_not_calculated",
        "The cell holds a formula, and no program has calculated it.",
        Mender.OWNER,
        "Open the workbook in your spreadsheet program and save it; or type the value.",
    ),
    Cause(
        "too_long",
        "The text is longer than the provider takes.",
        Mender.OWNER,
        "Shorten it to the length that the message names.",
    ),
    Cause(
        "incomplete_group",
        "Some parts are given and others that belong to them are missing, as in an address without a city.",
        Mender.OWNER,
        "Fill in the missing parts, or empty them all.",
    ),
    Cause(
        "invalid_value",
        "The provider cannot take this value.",
        Mender.OWNER,
        "Correct it as the message says.",
    ),
    Cause(
        "duplicate_row",
        "An earlier row of this sheet is the same customer; only that one counts.",
        Mender.NOBODY,
        "If these are two people, correct what is the same in both; the message names the other row.",
    ),
    Cause(
        PERSON_MUST_SETTLE,
        "The answer was lost, and this provider offers no way to look the customer up.",
        Mender.PERSON,
        "Look in the provider's dashboard, then record it with importer settle --assume and --rows.",
    ),
    Cause(
        "unknown_elsewhere",
        "The results file says that the answer was lost, but this ledger does not know the row as it stands.",
        Mender.PERSON,
        "Undo the change of its identifying cells, or name the ledger of that run with --ledger.",
    ),
    Cause(
        "assumed_created",
        "A person found the customer at the provider and recorded its id.",
        Mender.NOBODY,
        "It is not sent again.",
    ),
    Cause(
        "assumed_not_created",
        "A person found that the provider does not have the customer.",
        Mender.RERUN,
        "The next run sends it.",
    ),
    Cause(
        "settled_only",
        "The row is ready; importer settle sends nothing new.",
        Mender.RERUN,
        "The command importer run sends it.",
    ),
    Cause(
        "already_created",
        "An earlier run has this customer already; our record says so.",
        Mender.NOBODY,
        "It was not sent again.",
    ),
    Cause(
        "already_exists",
        "The provider has this customer already.",
        Mender.NOBODY,
        "Nothing, unless the provider's customer should have other data: change it there.",
    ),
    Cause(
        "found_by_look_up",
        "It was looked up, and the provider has this customer.",
        Mender.NOBODY,
        "Nothing. It was not sent again.",
    ),
    Cause(
        "rejected_field",
        "The provider refused the value of one field.",
        Mender.OWNER,
        "Correct the cell that the message names.",
    ),
    Cause(
        "rejected",
        "The provider refused the row.",
        Mender.OWNER,
        "Correct what the message says. If it says nothing of use, ask IT.",
    ),
    Cause(
        "throttled",
        "The provider took no more requests: too many in a short time.",
        Mender.RERUN,
        "Run again later. If it keeps on, ask IT for a lower --rate.",
    ),
    Cause(
        "not_connected",
        "The provider could not be reached. No customer was made.",
        Mender.RERUN,
        "Run again. If it keeps on, ask IT to look at network and provider address.",
    ),
    Cause(
        "connect_timeout",
        "The provider did not pick up in time. No customer was made.",
        Mender.RERUN,
        "Run again. If it keeps on, ask IT to look at the network.",
    ),
    Cause(
        "login_unreachable",
        "The provider's login did not answer. No customer was made.",
        Mender.RERUN,
        "Run again. If it keeps on, ask IT to look at the network.",
    ),
    Cause(
        "connection_lost",
        "The connection broke after the row was sent; its answer is lost.",
        Mender.RERUN,
        "Run again: it finds out first whether the customer was made.",
    ),
    Cause(
        "timed_out",
        "The provider did not answer in time.",
        Mender.RERUN,
        "Run again: it finds out first whether the customer was made.",
    ),
    Cause(
        "interrupted",
        "A run ended, by a crash or a power cut, while it was sending this row.",
        Mender.RERUN,
        "Run again: it finds out first whether the customer was made.",
    ),
    Cause(
        "look_up_refused",
        "The provider would not say whether it has the customer.",
        Mender.RERUN,
        "Run again. If it keeps on, tell IT: the key may lack the permission to read customers.",
    ),
    Cause(
        "not_found",
        "It was looked up, and the provider does not have this customer.",
        Mender.RERUN,
        "Run again; it is sent then.",
    ),
    Cause(
        "server_error",
        "The provider had a fault of its own while it had the row.",
        Mender.RERUN,
        "Run again later: it finds out first whether the customer was made.",
    ),
    Cause(
        "unreadable_reply",
        "The provider's answer came in pieces or could not be read.",
        Mender.RERUN,
        "Run again: it finds out first whether the customer was made. If it keeps on, tell IT.",
    ),
    Cause(
        "no_id",
        "The provider said yes but returned no customer id.",
        Mender.RERUN,
        "Run again: it finds out first whether the customer was made. If it keeps on, tell IT.",
    ),
    Cause(
        "redirected",
        "The provider's address sent us elsewhere; we do not follow with customers' data.",
        Mender.IT,
        "Correct the provider's address (--base-url), then run again.",
    ),
    Cause(
        "unclear_reply",
        "The provider's answer says neither yes nor no.",
        Mender.PERSON,
        "Look the customer up at the provider, then type importer settle with what you found.",
    ),
    Cause(
        "refused",
        "The provider refused the account: key, signature or permission.",
        Mender.IT,
        "Put the key or the permission right, then run again.",
    ),
    Cause(
        "stopped",
        "The run stopped before this row's turn.",
        Mender.RERUN,
        "Run again; the top of this sheet says why it stopped.",
    ),
    Cause(
        "limit_reached",
        "The run was asked to send only so many rows (--limit).",
        Mender.RERUN,
        "Run again without --limit, or with a higher one.",
    ),
    Cause(
        "being_sent_elsewhere",
        "Another run was sending the same customer at that moment.",
        Mender.RERUN,
        "Run again when the other run is over.",
    ),
    Cause(
        "waits_for_unknown",
        "Another customer with the same value, of which the provider keeps one, has an unknown outcome.",
        Mender.RERUN,
        "Settle the unknown row that the message names, then run again.",
    ),
    Cause(
        "payment_required",
        "The provider wants its account paid or topped up first.",
        Mender.IT,
        "Settle it with the provider, then run again.",
    ),
)

CAUSES: Mapping[str, Cause] = MappingProxyType({cause.code: cause for cause in _CAUSES})
"""Every code of our own, by code."""

_BY_STATUS = {
    Status.CREATED: ("The customer was made.", Mender.NOBODY, "Nothing."),
    Status.EXISTS: ("The customer was there already.", Mender.NOBODY, "Nothing."),
    Status.DUPLICATE: ("The same customer as an earlier row.", Mender.NOBODY, "Nothing."),
    Status.INVALID: (
        "A cell is not what the provider takes.",
        Mender.OWNER,
        "Correct it as the message says.",
    ),
    Status.REJECTED: (
        "The provider refused the row, in words of its own.",
        Mender.OWNER,
        "Correct what the message says. If it says nothing of use, ask IT.",
    ),
    Status.FAILED: ("The row could not be delivered. No customer was made.", Mender.RERUN, "Run again."),
    Status.UNKNOWN: (
        "It is not known whether the customer was made.",
        Mender.RERUN,
        "Run again: it finds out first whether the customer was made.",
    ),
    Status.NOT_SENT: ("The row was not sent.", Mender.RERUN, "Run again."),
}


def cause_of(code: str, status: Status) -> Cause:
    """What `code` means on a row of this `status`: ours from the table, a provider's own by the status."""
    known = CAUSES.get(code)
    return known if known is not None else Cause(code, *_BY_STATUS[status])


def left_to_a_person(cause: Cause) -> Cause:
    """The cause of rows that a person must settle: running again does nothing for them."""
    if cause.who is not Mender.RERUN:
        return cause
    return replace(cause, who=Mender.PERSON, how=AS_FOR_A_PERSON)


def split_codes(joined: str) -> tuple[str, ...]:
    """The codes in a cell of `import_code`, each once, in order: several are joined with ``;``."""
    return tuple(dict.fromkeys(code for part in joined.split(";") if (code := part.strip())))
