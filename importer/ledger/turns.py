"""Turns to send, shared by all who use an account."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from importer.ledger.tables import account_table


@dataclass(frozen=True, slots=True)
class TurnsWanted:
    """`count` turns, `interval` seconds apart, not before `now` (Unix time).

    A next turn further away than `horizon` seconds comes from a clock that jumped, and is not believed.
    """

    count: int
    interval: float
    now: float
    horizon: float


def reserve(connection: sa.Connection, account_id: int, wishes: Sequence[TurnsWanted]) -> list[float]:
    """The Unix time of the first turn of each wish."""
    mine = account_table.c.id == account_id
    wanted = sa.select(account_table.c.next_turn).where(mine).with_for_update()
    following: float = connection.execute(wanted).scalar_one()
    starts = []
    for wish in wishes:
        believed = following if following <= wish.now + wish.horizon else wish.now + wish.interval
        start = max(wish.now, believed)
        following = start + wish.count * wish.interval
        starts.append(start)
    connection.execute(account_table.update().where(mine).values(next_turn=following))
    return starts


def hold(connection: sa.Connection, account_id: int, untils: Sequence[float]) -> list[None]:
    """No turn of the account before the latest of `untils` (Unix times)."""
    earlier = (account_table.c.id == account_id) & (account_table.c.next_turn < max(untils))
    connection.execute(account_table.update().where(earlier).values(next_turn=max(untils)))
    return [None] * len(untils)
