"""A provider in words and as plain data: for `importer providers`, the README and pages."""

import textwrap
from collections.abc import Iterable

from importer.accounts import credential_sets
from importer.providers.base import Provider
from importer.providers.fields import (
    CallingCode,
    Choice,
    Country,
    Date,
    Email,
    Leaf,
    Phone,
    Url,
    Verbatim,
    YesNo,
)
from importer.rows import Environment


def describe(provider: Provider) -> dict[str, object]:
    """Everything a person or a program may ask about a provider, as JSON-able data."""
    return {
        "name": provider.name,
        "title": provider.title,
        "docs": provider.docs,
        "checked": provider.checked.isoformat(),
        "call": f"POST {provider.path}",
        "base_urls": {str(name): url for name, url in provider.base_urls.items()},
        "credentials": [list(names) for names in credential_sets(provider)],
        "settings": [
            {"variable": each.variable, "default": each.default, "meaning": each.meaning}
            for each in provider.settings
        ],
        "limits": {str(name): [str(limit) for limit in limits] for name, limits in provider.limits.items()},
        "identity": [list(names) for names in provider.identity],
        "idempotency_hours": _hours(provider),
        "look_up": provider.look_up is not None,
        "result_columns": [f"import_{name}" for name in provider.extra_columns],
        "fields": [_field(leaf) for leaf in provider.leaves],
        "promises": list(provider.promises),
        "notes": list(provider.notes),
    }


def _field(leaf: Leaf) -> dict[str, object]:
    return {
        "field": leaf.path,
        "title": leaf.column.title,
        "required": leaf.required,
        "required_with": leaf.group if leaf.required_in_group else "",
        "headings": list(dict.fromkeys((leaf.column.title, *leaf.column.also))),
        "form": form(leaf),
        "example": leaf.column.example,
        "rule": leaf.column.rule,
    }


def form(leaf: Leaf) -> str:
    """How the field is sent, in a few words."""
    match leaf.column.kind:
        case Country(wanted):
            return f"country as {'English name in capitals' if wanted == 'name' else f'ISO {wanted}'}"
        case Phone(calling_code=None):
            return "phone as E.164"
        case Phone():
            return "phone as national digits and calling code"
        case Date():
            return "date as YYYY-MM-DD"
        case Choice(words):
            return " or ".join(words)
        case YesNo():
            return "yes or no"
        case CallingCode():
            return "calling code in digits"
        case Url():
            return "https address"
        case Email():
            return "e-mail address"
        case Verbatim():
            return "text, kept as it stands"
        case _:
            return "text"


def _hours(provider: Provider) -> float | None:
    protection = provider.idempotency
    if protection is None or protection.protects_for is None or protection.protects_if:
        return None
    return protection.protects_for.total_seconds() / 3600


def limits_text(provider: Provider) -> str:
    """The windows of both environments, once where they are the same."""
    texts = {name: " and ".join(map(str, provider.limits[name])) for name in Environment}
    if len(set(texts.values())) == 1:
        return texts[Environment.SANDBOX]
    return ", ".join(f"{text} {name}" for name, text in texts.items())


def lost_answer(provider: Provider) -> str:
    """What settles a create whose answer was lost."""
    if _hours(provider) is not None:
        return f"sent again under the same key for {_hours(provider):g} h, then looked up"
    return "looked up" if provider.look_up is not None else "a person decides"


def one_line(provider: Provider) -> str:
    """Name, limit and required fields."""
    required = ", ".join(leaf.path for leaf in provider.leaves if leaf.required)
    return f"{provider.name:<9} {limits_text(provider)}; needs {required}"


def in_full(provider: Provider) -> str:
    """A page about a provider."""
    credentials = ", or ".join(" and ".join(names) for names in credential_sets(provider))
    addresses = [
        f"{name}: {url or 'not public, give it with --base-url'}" for name, url in provider.base_urls.items()
    ]
    lines = [
        f"{provider.title} ({provider.name}): POST {provider.path}",
        f"  documentation  {provider.docs} (checked {provider.checked})",
        *(f"  address        {text}" for text in addresses),
        f"  credentials    {credentials} (or the file named in the same variable with _FILE)",
        f"  setting        {provider.name.upper()}_BASE_URL: address to use where --base-url is not given",
        *(
            f"  setting        {s.variable} (default {s.default or 'empty'}): {s.meaning}"
            for s in provider.settings
        ),
        f"  limit          {limits_text(provider)}",
        f"  one customer   same {', else same '.join(' + '.join(names) for names in provider.identity)}",
        f"  lost answer    {lost_answer(provider)}",
        f"  result columns {', '.join(f'import_{n}' for n in provider.extra_columns) or 'the common ones'}",
        *(f"  promise        {text}" for text in provider.promises),
        *(f"  note           {text}" for text in provider.notes),
        "",
        "Fields (* required, + required with the rest of their part), and the headings they are found by:",
    ]
    for leaf in provider.leaves:
        mark = "*" if leaf.required else "+" if leaf.required_in_group else " "
        rule = f" {leaf.column.rule}" if leaf.column.rule else ""
        lines.append(f"{mark} {leaf.path} ({form(leaf)}){rule}")
        lines += _wrapped(dict.fromkeys((leaf.column.title, *leaf.column.also)))
    return "\n".join(lines)


def _wrapped(headings: Iterable[str]) -> list[str]:
    """Headings in lines, none of them torn apart."""
    whole = ", ".join(heading.replace(" ", "\xa0") for heading in headings)
    lines = textwrap.wrap(
        whole, 100, initial_indent=6 * " ", subsequent_indent=6 * " ", break_on_hyphens=False
    )
    return [line.replace("\xa0", " ") for line in lines]


def readme_table(providers: Iterable[Provider]) -> str:
    """The providers as a Markdown table."""
    lines = [
        "| provider | required | limit kept | a lost answer | credentials |",
        "|---|---|---|---|---|",
    ]
    for provider in providers:
        required = ", ".join(f"`{leaf.path}`" for leaf in provider.leaves if leaf.required)
        credentials = ", or ".join(
            " and ".join(f"`{name}`" for name in names) for names in credential_sets(provider)
        )
        cells = (f"`{provider.name}`", required, limits_text(provider), lost_answer(provider), credentials)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
