"""Series of invoice numbers: how they are called, and where a new one begins (rule 10)."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from oms.engine.facts import INVOICE
from oms.engine.trigger import Engine
from oms.errors import Conflict, NotFound
from oms.ports.shop import StoreProfile

LAST_NUMBER = 999_999_999
"""For which every number format has room."""


def series_key(store: str, year: int) -> str:
    """`main:invoice:2026`: a series for each store, kind of paper and year."""
    return f"{store}:{INVOICE}:{year}"


def next_number(engine: Engine, key: str, last: int) -> str:
    """The number that a series gives away next, as it would stand on a paper."""
    store, _, year = key.rsplit(":", 2)
    return engine.profile(store).number_format.format(year=int(year), number=last + 1)


def start_series(engine: Engine, key: str, *, following: int) -> str:
    """Let a series begin with another number than 1, for a shop that goes on with the numbers of another system.

    Args:
        engine: The shop's.
        key: As `series_key` makes it, of this year or the next.
        following: The number that is given away next, from 1.

    Returns:
        The first number, as it will stand on its paper.

    Raises:
        NotFound: there is no such series.
        Conflict: it has begun already, or would go back.
    """
    with engine.store.reading() as work:
        profile, year = _read(engine, key, work.now())
    engine.transact(partial(_start, engine, key, date(year, 1, 1), following))
    return profile.number_format.format(year=year, number=following)


def _read(engine: Engine, key: str, now: datetime) -> tuple[StoreProfile, int]:
    known = [
        (profile, year) for profile in engine.profiles.values() for year in (now.astimezone(ZoneInfo(profile.zone)).year + ahead for ahead in (0, 1))
    ]
    for profile, year in known:
        if series_key(profile.name, year) == key:
            return profile, year
    there = ", ".join(series_key(profile.name, year) for profile, year in known)
    raise NotFound(f'There is no series "{key[:80]}" to begin. There are: {there}.')


def _start(engine: Engine, key: str, begins_on: date, following: int) -> None:
    with engine.store.writing() as work:
        series = work.documents.lock_series(key, day=begins_on)
        if work.documents.chain(key, after=0, limit=1):
            raise Conflict(f"{key} has begun: {next_number(engine, key, series.last)} comes next. A series that has begun goes on by itself.")
        if series.last >= following:
            raise Conflict(f"{key} goes on with {series.last + 1} already. A series never goes back.")
        work.documents.count_from(key, following - 1)
