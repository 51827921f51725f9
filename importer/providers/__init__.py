"""The providers there are. A new one is one file beside this and one line here (see ADDING.md)."""

from importer.providers import hitpay, juicyway, krezypay, rapyd, yativo
from importer.providers.base import Provider

PROVIDERS: dict[str, Provider] = {
    module.PROVIDER.name: module.PROVIDER for module in (krezypay, yativo, juicyway, rapyd, hitpay)
}

__all__ = ["PROVIDERS", "Provider"]
