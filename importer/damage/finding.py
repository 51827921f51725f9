"""What to look for in the cells of a field."""

from collections.abc import Callable
from dataclasses import replace

from importer import normalise
from importer.damage.dates import damaged_date
from importer.damage.found import Damage, Find, Regions
from importer.damage.misplaced import not_a_city, not_a_document_number, not_a_name, not_a_postcode
from importer.damage.numbers import damaged_identifier, damaged_number_in_text
from importer.damage.phones import damaged_phone
from importer.damage.postcodes import damaged_postcode
from importer.damage.texts import formula_error, is_plain, mojibake, unseen
from importer.normalise import Unfit
from importer.providers import fields
from importer.providers.fields import Kind

_Look = Callable[[str, Regions], Damage | None]


def finder(kind: Kind, *, rounded: bool = False) -> Find:
    """What finds damage in the cells of a field of this `kind`.

    `rounded`: the long numbers of its column were rounded, see `importer.damage.columns`.
    """
    look = _own(kind, rounded=rounded)
    by_letter = isinstance(kind, fields.Verbatim | fields.Url)

    def find(text: str, regions: Regions) -> Damage | None:
        if text.isascii():
            if text[0] in "#E" and (error := formula_error(text)) is not None:
                return error
            return None if look is None else look(text, regions)
        if is_plain(text):
            return (formula_error(text) if text[0] == "#" else None) or (look and look(text, regions))
        return _foreign(text, regions, look, by_letter=by_letter)

    return find


def _foreign(text: str, regions: Regions, look: _Look | None, *, by_letter: bool) -> Damage | None:
    """Text with more than ASCII, which may be misread, or hold what nobody sees."""
    damage = mojibake(text) or formula_error(text)
    if damage is not None:
        return damage
    character = unseen(text)
    seen = normalise.visible(text).strip() if character else text
    if not seen:
        return None  # an empty cell
    damage = None if look is None else look(seen, regions)
    if not character:
        return damage
    hidden = _hidden(text, seen, character, by_letter=by_letter)
    if damage is None or hidden.certain > damage.certain:
        return hidden
    # what is repaired is the text without the character; what is not has lost it in any case
    return replace(damage, message=f"{damage.message} {hidden.message}")


def _hidden(text: str, seen: str, character: str, *, by_letter: bool) -> Damage:
    refused = normalise.verbatim(text) if by_letter else ""
    if isinstance(refused, Unfit) and refused.code == "invisible_characters":
        return Damage(refused.code, refused.message, seen, certain=True)
    message = f"Contains an invisible character ({character}), which is left out."
    return Damage("invisible_characters", message)


def _own(kind: Kind, *, rounded: bool) -> _Look | None:
    """What happens to text of this kind alone; None where whatever happened is refused as it stands."""
    match kind:
        case fields.Name():
            return lambda text, _: not_a_name(text)
        case fields.City():
            return lambda text, _: not_a_city(text)
        case fields.Postcode():
            country = kind.country
            return lambda text, regions: (
                damaged_postcode(text, regions.get(country, "")) or not_a_postcode(text)
            )
        case fields.Text():
            return lambda text, _: damaged_number_in_text(text, rounded=rounded)
        case fields.Verbatim():
            return lambda text, _: damaged_identifier(text, rounded=rounded) or not_a_document_number(text)
        case fields.Phone():
            home = kind.country or ""
            return lambda text, regions: damaged_phone(text, regions.get(home, ""))
        case fields.Date():
            return lambda text, _: damaged_date(text)
        case _:
            return None
