"""Series of invoice numbers: how they are called, and where a new one begins (rule 10)."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from oms.engine.trigger import Engine
from oms.errors import Conflict, NotFound
from oms.invoicing import CREDIT_NOTE, INVOICE

KINDS = (INVOICE, CREDIT_NOTE)
"""Kinds of paper that have numbers."""


def series_key(store: str, kind: str, year: int) -> str:
    """`main:invoice:2026`: a series for each store, kind of paper and year."""
    return f"{store}:{kind}:{year}"


def next_number(engine: Engine, key: str, last: int) -> str:
    """The number that a series gives away next, as it would stand on a paper."""
    store, kind, year = key.rsplit(":", 2)
    return engine.profile(store).number(kind, int(year), last + 1)


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
        known = _years(engine, work.now())
    if key not in known:
        raise NotFound(f'There is no series "{key[:80]}" to begin. There are: {", ".join(known)}.')
    engine.transact(partial(_start, engine, key, date(known[key] - 1, 12, 31), following))
    return next_number(engine, key, following - 1)


def _years(engine: Engine, now: datetime) -> dict[str, int]:
    """The series that may be begun, each with its year."""
    return {
        series_key(profile.name, kind, year): year
        for profile in engine.profiles.values()
        for kind in KINDS
        for year in (now.astimezone(ZoneInfo(profile.zone)).year + ahead for ahead in (0, 1))
    }


def _start(engine: Engine, key: str, eve: date, following: int) -> None:
    with engine.store.writing() as work:
        series = work.documents.lock_series(key, day=eve)
        if series.has_begun:
            raise Conflict(f"{key} has begun: {next_number(engine, key, series.last)} comes next. A series that has begun goes on by itself.")
        if series.last >= following:
            raise Conflict(f"{key} goes on with {series.last + 1} already. A series never goes back.")
        work.documents.count_from(key, following - 1)
