"""Text as people write it, in the form that a provider asks for.

Every function is pure and takes a cell's text. Trouble that is to be expected comes back as `Unfit`,
never as an exception. What comes back otherwise is stable: normalising it again changes nothing.
"""

from importer.normalise.characters import INVISIBLE, heading, identity_text, text, verbatim, visible
from importer.normalise.countries import country, country_code, country_names
from importer.normalise.dates import Order, date
from importer.normalise.emails import email
from importer.normalise.phones import PhoneNumber, calling_code, phone, same_country
from importer.normalise.unfit import Unfit
from importer.normalise.urls import url
from importer.normalise.words import choice, yes_no

__all__ = [
    "INVISIBLE",
    "Order",
    "PhoneNumber",
    "Unfit",
    "calling_code",
    "choice",
    "country",
    "country_code",
    "country_names",
    "date",
    "email",
    "heading",
    "identity_text",
    "phone",
    "same_country",
    "text",
    "url",
    "verbatim",
    "visible",
    "yes_no",
]
