"""Credentials are tried with a call that changes nothing, where the provider has one."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from importer.accounts import open_account, read_credentials
from importer.ledger import Ledger
from importer.probing import NOBODY, Probe, probe
from importer.providers import PROVIDERS
from importer.rows import Limit
from importer.simulator import Call, Fault, Faults, Settings, Simulator, running_simulator

FAST = (Limit(1000, 1),)
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with running_simulator(Settings(limits=False)) as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator) -> Simulator:
    running.reset()
    return running


async def tried(
    simulator: Simulator,
    provider: str,
    folder: Path,
    *,
    static_tokens: bool = False,
    limits: tuple[Limit, ...] = FAST,
    variables: Mapping[str, str] = NO_VARIABLES,
) -> Probe:
    account = open_account(PROVIDERS[provider], base_url=simulator.base_url(provider), variables={})
    credentials = read_credentials(
        account, simulator.environment(static_tokens=static_tokens) | dict(variables)
    )
    url = f"sqlite:///{folder / 'ledger.sqlite3'}"
    return await probe(account, credentials, ledger_url=url, limits=limits)


@pytest.mark.parametrize("provider", [name for name, each in PROVIDERS.items() if each.look_up is not None])
@pytest.mark.parametrize("static_tokens", [True, False])
async def test_provider_with_a_look_up_is_asked_for_nobody(
    simulator: Simulator, tmp_path: Path, provider: str, *, static_tokens: bool
) -> None:
    found = await tried(simulator, provider, tmp_path, static_tokens=static_tokens)
    assert (found.accepted, found.tried) == (True, True)
    counts = simulator.counts(provider)
    assert (counts.look_ups, counts.creates) == (1, 0)
    (record,) = (each for each in simulator.requests(provider) if each.method == "GET")
    assert provider == "rapyd" or NOBODY.replace("@", "%40") in record.path
    assert simulator.customers(provider) == []


async def test_provider_without_a_look_up_is_logged_in_to(simulator: Simulator, tmp_path: Path) -> None:
    found = await tried(simulator, "krezypay", tmp_path)
    assert (found.accepted, found.tried) == (True, True)
    assert (simulator.counts("krezypay").logins, simulator.counts("krezypay").requests) == (1, 1)


async def test_token_that_nothing_can_be_tried_with_is_said_to_be_untried(
    simulator: Simulator, tmp_path: Path
) -> None:
    found = await tried(simulator, "krezypay", tmp_path, static_tokens=True)
    assert (found.accepted, found.tried) == (None, False)
    assert "not tried" in found.words
    assert simulator.counts("krezypay").requests == 0


@pytest.mark.parametrize(
    ("provider", "variable"),
    [
        ("hitpay", "HITPAY_API_KEY"),
        ("juicyway", "JUICYWAY_API_KEY"),
        ("rapyd", "RAPYD_SECRET_KEY"),
        ("yativo", "YATIVO_APP_SECRET"),
        ("krezypay", "KREZYPAY_SECRET_KEY"),
    ],
)
async def test_credentials_that_are_refused_are_told_so_and_not_shown(
    simulator: Simulator, tmp_path: Path, provider: str, variable: str
) -> None:
    found = await tried(simulator, provider, tmp_path, variables={variable: "wrong4711"})
    assert found.accepted is False
    assert PROVIDERS[provider].title in found.words
    assert "4711" not in found.words
    assert simulator.counts(provider).requests == 1


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.RATE_LIMITED, Fault.CUT_BEFORE, Fault.REDIRECT])
async def test_answer_that_says_nothing_of_the_credentials_is_no_verdict(
    simulator: Simulator, tmp_path: Path, fault: Fault
) -> None:
    simulator.set_faults(Faults(probabilities={fault: 1.0}, calls=frozenset({Call.LOOK_UP})))
    found = await tried(simulator, "hitpay", tmp_path)
    assert (found.accepted, found.tried) == (None, True)
    assert "could not be asked" in found.words


async def test_provider_out_of_reach_is_no_verdict(tmp_path: Path) -> None:
    account = open_account(PROVIDERS["hitpay"], base_url="http://127.0.0.1:1", variables={})
    url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    found = await probe(account, {"HITPAY_API_KEY": "k"}, ledger_url=url)
    assert found.accepted is None
    assert "No connection" in found.words


async def test_call_takes_its_turn_among_those_of_all_who_use_the_account(
    simulator: Simulator, tmp_path: Path
) -> None:
    Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite3'}").close()
    for _ in range(2):
        await tried(simulator, "hitpay", tmp_path, limits=(Limit(5, 1),))
    first, second = (record.arrived for record in simulator.requests("hitpay"))
    assert second - first >= 0.19


async def test_login_takes_its_turn_as_well(simulator: Simulator, tmp_path: Path) -> None:
    await tried(simulator, "yativo", tmp_path, limits=(Limit(5, 1),))
    login, look_up = (record.arrived for record in simulator.requests("yativo"))
    assert look_up - login >= 0.19


async def test_no_ledger_is_made_where_there_is_none(simulator: Simulator, tmp_path: Path) -> None:
    """Else who tries a job as root, before its first night, would leave it a ledger it cannot write."""
    await tried(simulator, "hitpay", tmp_path)
    assert list(tmp_path.iterdir()) == []
