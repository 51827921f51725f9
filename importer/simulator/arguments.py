"""Faults and rates as they are written on a command line."""

from collections.abc import Iterable

from importer.simulator.faults import Fault, Faults
from importer.simulator.settings import ALL
from importer.simulator.windows import Window


def read_faults(texts: Iterable[str]) -> dict[str, Faults]:
    """The faults for `Settings` from ``KIND=PROBABILITY`` and ``KIND=PROBABILITY:PROVIDER``.

    A provider has its own, and of the kinds that it has none of its own of, those for all.

    Raises:
        ValueError: The message says what is wrong and how to write it.
    """
    tables: dict[str, dict[Fault, float]] = {ALL: {}}
    for text in texts:
        kind, _, rest = text.partition("=")
        probability, _, provider = rest.partition(":")
        table = tables.setdefault(provider or ALL, {})
        try:
            table[Fault(kind)] = float(probability)
        except ValueError:
            kinds = ", ".join(Fault)
            raise ValueError(f"{text!r}: write KIND=PROBABILITY[:PROVIDER]; kinds are {kinds}") from None
    return {name: Faults(probabilities={**tables[ALL], **table}) for name, table in tables.items()}


def read_rates(texts: Iterable[str]) -> dict[str, tuple[Window, ...]]:
    """The rates for `Settings` from texts like ``hitpay=25/s``; several of one provider are several windows.

    Raises:
        ValueError: The message says what is wrong and how to write it.
    """
    rates: dict[str, tuple[Window, ...]] = {}
    for text in texts:
        provider, separator, rate = text.partition("=")
        if not separator:
            raise ValueError(f"{text!r}: write PROVIDER=RATE, as in hitpay=25/s")
        rates[provider] = (*rates.get(provider, ()), Window.parse(rate))
    return rates
