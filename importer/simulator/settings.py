"""How the simulator is to behave."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from importer.simulator.faults import Faults
from importer.simulator.windows import Window

NAMES = ("krezypay", "yativo", "juicyway", "rapyd", "hitpay")
"""The providers there are."""

ALL = "all"
"""Stands for every provider where a provider is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """Where what is known of a provider leaves a choice, the choice taken."""

    yativo_shape: Literal["older", "newer"] = "older"
    """The older answer's ``data.id`` is a KYC link, not the customer [B]."""
    yativo_token_seconds: float = 600
    krezypay_token_seconds: float = 86_400
    krezypay_created: Literal[200, 201] = 200
    """The HTTP status of a success, which the documentation does not state."""
    juicyway_envelope: bool = True
    """Whether an answer's fields are under ``data``."""
    juicyway_bearer: bool = False
    """Take ``Bearer <key>`` instead of the raw key: the documentation shows both."""
    juicyway_phone: Literal["phone", "phone_number"] = "phone"
    """The name of the field, which differs between two pages of the documentation."""
    rapyd_idempotency: bool = False
    """Whether the account has been enabled for idempotency on this call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The simulator's settings; the defaults are five strict, healthy providers on a free port.

    `faults` and `rates` go by provider name, with `ALL` for those not named; the rates replace a provider's
    own windows, and without `limits` there are none anywhere.

    `latency` and `jitter` are seconds: an answer leaves after `latency` plus a random part of `jitter`.
    `log_size` is how many requests per provider are kept in full. `drain_seconds` is how long a stop waits
    for requests in flight, 0 for as long as it takes. `clock` gives Unix seconds; `sleep` is what waits for
    latency and slow answers.
    """

    port: int = 0
    seed: int = 0
    latency: float = 0.0
    jitter: float = 0.0
    limits: bool = True
    rates: Mapping[str, tuple[Window, ...]] = field(default_factory=dict)
    faults: Mapping[str, Faults] = field(default_factory=dict)
    variants: Variants = field(default_factory=Variants)
    log_size: int = 10_000
    drain_seconds: float = 5.0
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def __post_init__(self) -> None:
        """Refuse settings for a provider that does not exist.

        Raises:
            ValueError: The message names it.
        """
        unknown = {*self.rates, *self.faults} - {*NAMES, ALL}
        if unknown:
            raise ValueError(f"no such provider: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")

    def faults_of(self, provider: str) -> Faults:
        """The faults set for `provider`, else those for all, else none."""
        return self.faults.get(provider) or self.faults.get(ALL) or Faults()

    def windows_of(self, provider: str) -> tuple[Window, ...]:
        """The windows set for `provider`, else those for all, else ()."""
        return self.rates.get(provider) or self.rates.get(ALL) or ()
