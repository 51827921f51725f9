"""A way to a provider: its client and its pace, open for as long as they are used."""

import asyncio
import math
from collections.abc import Mapping
from contextlib import AsyncExitStack

from importer.accounts import Account
from importer.client import Client, Timeouts
from importer.ledger import Ledger
from importer.opening import OpenedJob
from importer.pacing import Clock, Pacer, shared_clock, spacing
from importer.retry import Retry
from importer.sending import Sender
from importer.stopping import Stop

MOST_AT_ONCE = 256

SLOW_ANSWER = 5.0
"""Seconds an answer may take while the default concurrency still reaches the allowed rate."""


async def open_sender(
    opened: OpenedJob,
    ledger: Ledger,
    run: str,
    stack: AsyncExitStack,
    *,
    credentials: Mapping[str, str],
    stop: Stop,
    clock: Clock | None,
    retry: Retry,
) -> Sender:
    """A sender for the account of a job; `stack` closes it. Without a `clock` it goes by the ledger's."""
    account, job = opened.account, opened.job
    clock = clock or shared_clock(ledger)
    pacer = Pacer(ledger, opened.limits, clock, at_once=concurrency(opened))

    async def take_turn() -> None:
        while not await pacer.wait_until(await pacer.turn()):
            pass

    timeouts = Timeouts(connect=min(Timeouts().connect, job.timeout), total=job.timeout)
    client = await stack.enter_async_context(
        Client(account, credentials, clock=clock, timeouts=timeouts, before_login=take_turn)
    )
    protected = _protected(account)
    slots = asyncio.Semaphore(concurrency(opened))
    return Sender(account.provider, client, ledger, pacer, stop, run, protected, opened.mapping, slots, retry)


def concurrency(opened: OpenedJob) -> int:
    """How many requests may be under way at once."""
    given = opened.job.concurrency
    if given is not None:
        return max(1, given)
    return max(4, min(MOST_AT_ONCE, math.ceil(SLOW_ANSWER / spacing(opened.limits))))


def _protected(account: Account) -> bool:
    """Whether an idempotency key protects a create of this account from being done twice."""
    protection = account.provider.idempotency
    if protection is None or protection.protects_for is None:
        return False
    switch = protection.protects_if
    return not switch or account.settings.get(switch, "").casefold() in ("yes", "true", "1")
