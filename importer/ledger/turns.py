"""Turns to send, shared by all who use an account."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from importer.ledger.tables import account_table


@dataclass(frozen=True, slots=True)
class TurnsWanted:
    """`count` turns, `interval` seconds apart, not before `now` (Unix time).

    A next turn further away than `horizon` seconds comes from a clock that jumped, and is not believed;
    """

    count: int
    interval: float
    now: float
    horizon: float


LONGEST_HOLD = 3600.0
"""Seconds. A longer hold is never asked for, so one that is further away comes from a clock that jumped."""


def reserve(connection: sa.Connection, account_id: int, wishes: Sequence[TurnsWanted]) -> list[float]:
    """The Unix time of the first turn of each wish."""
    mine = account_table.c.id == account_id
    wanted = sa.select(account_table.c.next_turn, account_table.c.held_until).where(mine).with_for_update()
    following, held = connection.execute(wanted).one()
    starts = []
    for wish in wishes:
        earliest = max(wish.now, held if held <= wish.now + LONGEST_HOLD else 0.0)
        start = max(earliest, following) if following <= earliest + wish.horizon else earliest + wish.interval
        following = start + wish.count * wish.interval
        starts.append(start)
    connection.execute(account_table.update().where(mine).values(next_turn=following))
    return starts


def hold(connection: sa.Connection, account_id: int, untils: Sequence[float]) -> list[None]:
    """No turn of the account before the latest of `untils` (Unix times)."""
    earlier = (account_table.c.id == account_id) & (account_table.c.held_until < max(untils))
    connection.execute(account_table.update().where(earlier).values(held_until=max(untils)))
    return [None] * len(untils)
