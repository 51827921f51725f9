"""Try an account's credentials with a call that changes nothing, where its provider has one."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from importer.accounts import Account
from importer.client import Client, Timeouts
from importer.errors import NotAppliedError, ProviderRefusedError, SendError
from importer.ledger import Ledger
from importer.pacing import Pacer, shared_clock
from importer.providers.auth import LoginToken
from importer.providers.base import Provider, Sought
from importer.rows import Limit

NOBODY = "nobody@example.invalid"
"""An address that nobody can have: RFC 2606 keeps `.invalid` free."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found out about credentials: whether they were taken (None: nobody knows), and in words."""

    accepted: bool | None
    words: str
    tried: bool = True

    @property
    def short(self) -> str:
        """For a line of a list: what went wrong is told below it."""
        return self.words if self.accepted or not self.tried else "refused" if self.accepted is False else "?"


async def probe(
    account: Account,
    credentials: Mapping[str, str],
    *,
    ledger_url: str,
    limits: tuple[Limit, ...] = (),
    timeouts: Timeouts = Timeouts(),  # noqa: B008  frozen
    on_wait: Callable[[float], None] | None = None,
) -> Probe:
    """Look nobody up, or else log in, within the limit that all who use the account share.

    Where a provider documents no call that changes nothing, nothing is tried. `limits` replace the
    provider's; `on_wait` is told, in seconds, of a turn that is some time off.

    Raises:
        LedgerError: The ledger, which has the limit's turns, cannot be used.
    """
    title = account.provider.title
    try:
        return await _probe(account, credentials, ledger_url, limits, timeouts, on_wait)
    except ProviderRefusedError as error:
        return Probe(False, str(error))
    except SendError as error:
        return Probe(None, f"{title} could not be asked whether it takes the credentials: {error}")


async def _probe(
    account: Account,
    credentials: Mapping[str, str],
    ledger_url: str,
    limits: tuple[Limit, ...],
    timeouts: Timeouts,
    on_wait: Callable[[float], None] | None,
) -> Probe:
    with _turns_of(ledger_url) as ledger:
        ledger.use_account(account.key)
        clock = shared_clock(ledger)
        pacer = Pacer(ledger, limits or account.provider.limits[account.environment], clock, on_wait=on_wait)

        async def take_turn() -> None:
            while not await pacer.wait_until(await pacer.turn()):
                pass

        async with Client(
            account, credentials, clock=clock, timeouts=timeouts, before_login=take_turn
        ) as client:
            try:
                return await _try(account.provider, client, credentials, take_turn)
            except NotAppliedError as error:
                if error.throttled:  # whoever comes next waits as long as the provider asked for
                    await pacer.pause(error.retry_after or account.provider.blocked_for[0])
                raise


async def _try(
    provider: Provider,
    client: Client,
    credentials: Mapping[str, str],
    take_turn: Callable[[], Awaitable[None]],
) -> Probe:
    if provider.look_up is not None:
        names = (name for names in provider.identity for name in names)
        sought = Sought(dict.fromkeys(names, NOBODY), "nobody", datetime.now(UTC))
        target = next(provider.look_up(sought))
        await client.log_in()
        await take_turn()  # now, and not before the login took its own
        await client.get(target)
        return Probe(True, f"{provider.title} took them for a look-up")
    auth = provider.auth
    if isinstance(auth, LoginToken) and auth.token_variable not in credentials:
        await client.log_in()
        return Probe(True, f"{provider.title} took them for a login, and documents no call to try more with")
    untried = f"there, and not tried: {provider.title} documents no call that changes nothing"
    return Probe(None, untried, tried=False)


@contextmanager
def _turns_of(url: str) -> Iterator[Ledger]:
    """The ledger that has the account's turns. Where there is none yet nobody shares them, and none is made.

    So whoever tries a job before it ever ran, perhaps as another user, leaves nothing behind.
    """
    found = re.fullmatch(r"sqlite(?:\+\w+)?:///([^?]+)(?:\?.*)?", url)
    with TemporaryDirectory() as forgotten:
        new = found is not None and not Path(found[1]).exists()
        with Ledger.open(f"sqlite:///{Path(forgotten) / 'ledger.sqlite3'}" if new else url) as ledger:
            yield ledger
