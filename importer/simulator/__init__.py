"""The five payment providers on this machine, with faults on demand.

An outside witness: written from the providers' public documentation alone, it shares no code with the
importer that it is there to test. Facts are marked as sure as they are: [A] documented by the provider,
[B] one credible source, [C] inferred.

    async with Simulator(Settings(latency=0.02)) as simulator:
        base_url = simulator.base_url("hitpay")
        ...
        assert simulator.duplicates("hitpay") == 0
"""

from importer.simulator.arguments import read_faults, read_rates
from importer.simulator.background import running_simulator
from importer.simulator.credentials import credentials_environment
from importer.simulator.customers import Customer
from importer.simulator.exchange import Call
from importer.simulator.faults import Fault, Faults, ForCustomer
from importer.simulator.journal import Counts, RequestRecord
from importer.simulator.serve import announcement, serve
from importer.simulator.settings import ALL, NAMES, Settings, Variants
from importer.simulator.simulator import Simulator
from importer.simulator.windows import Block, Window

__all__ = [
    "ALL",
    "NAMES",
    "Block",
    "Call",
    "Counts",
    "Customer",
    "Fault",
    "Faults",
    "ForCustomer",
    "RequestRecord",
    "Settings",
    "Simulator",
    "Variants",
    "Window",
    "announcement",
    "credentials_environment",
    "read_faults",
    "read_rates",
    "running_simulator",
    "serve",
]
