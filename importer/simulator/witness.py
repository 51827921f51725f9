"""The five simulated providers, and what they saw."""

from typing import Any

from importer.simulator.customers import Customer
from importer.simulator.faults import Faults
from importer.simulator.hitpay import HitPay
from importer.simulator.journal import Counts, RequestRecord
from importer.simulator.juicyway import JuicyWay
from importer.simulator.krezypay import Krezypay
from importer.simulator.provider import Provider
from importer.simulator.rapyd import Rapyd
from importer.simulator.server import ProviderServer
from importer.simulator.settings import ALL, NAMES, Settings
from importer.simulator.yativo import Yativo

_KINDS: tuple[type[Provider], ...] = (Krezypay, Yativo, JuicyWay, Rapyd, HitPay)


class Witness:
    """Five providers whose customers and requests can be looked at. May be asked from any thread."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Start with nothing seen."""
        self.settings = settings or Settings()
        self.reset()

    def server(self, provider: str) -> ProviderServer:
        """What answers the requests of `provider`, until the next reset.

        Raises:
            ValueError: There is no such provider.
        """
        try:
            return self._servers[provider]
        except KeyError:
            raise ValueError(f"no such provider: {provider}") from None

    def customers(self, provider: str) -> list[Customer]:
        """The customers created, oldest first."""
        return self.server(provider).provider.customers.copy()

    def requests(self, provider: str) -> list[RequestRecord]:
        """The latest requests, oldest first; those without an answer so far included."""
        return self.server(provider).journal.copy()

    def counts(self, provider: str) -> Counts:
        """Exact counts, which go on counting."""
        return self.server(provider).journal.counts

    def duplicates(self, provider: str) -> int:
        """How many customers were made beyond the first of each identity.

        The identity is the e-mail address; for Krezypay the kind and number of the document; for Rapyd, where
        there is no e-mail address, the phone number, else the name.
        """
        return self.server(provider).provider.customers.duplicates

    def tell(self, provider: str, customer_id: str, **news: object) -> None:
        """Have lists tell something else of a customer from now on, as when a person has approved it.

        That Yativo's list tells what its create told is inferred [C].
        """
        self.server(provider).provider.news.setdefault(customer_id, {}).update(news)

    def mailed(self, provider: str) -> int:
        """How many customers the provider e-mailed of its own accord (Yativo's ``send_kyc_mail``)."""
        return self.server(provider).provider.mailed

    def state(self) -> dict[str, dict[str, Any]]:
        """All counts, by provider, ready for JSON; ``answered`` goes by status, and ``cut`` got no answer."""
        return {name: self._state(name) for name in NAMES}

    def set_faults(self, faults: Faults, *, provider: str = ALL) -> None:
        """Deal out `faults` from now on, instead of what was set before.

        Raises:
            ValueError: There is no such provider.
        """
        for name in NAMES if provider == ALL else [provider]:
            self.server(name).set_faults(faults)

    def reset(self) -> None:
        """Forget customers, requests, counts, tokens, keys, windows; deal out the settings' faults again."""
        self._servers = {kind.name: ProviderServer(kind(self.settings), self.settings) for kind in _KINDS}

    def _state(self, provider: str) -> dict[str, Any]:
        counts = self.counts(provider)
        return {
            "requests": counts.requests,
            "creates": counts.creates,
            "look_ups": counts.look_ups,
            "logins": counts.logins,
            "customers": len(self.server(provider).provider.customers),
            "duplicates": self.duplicates(provider),
            "mailed": self.mailed(provider),
            "rate_limited": counts.rate_limited,
            "answered": {str(status): number for status, number in sorted(counts.answered.items())},
            "cut": counts.cut,
            "faults": {fault.value: number for fault, number in counts.faults.items()},
        }
