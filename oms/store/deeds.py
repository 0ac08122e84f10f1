"""Who did what: written with what they did, read from the newest on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select

from oms.ports.deeds import Deed, DeedFilter, DeedLine
from oms.store.access import Access
from oms.store.tables import DeedRow, table_of

DEEDS = table_of(DeedRow)

_ADD = insert(DEEDS)


class Deeds(Access):
    """`oms.ports.deeds.Deeds` on SQL."""

    def add(self, deed: Deed, *, at: datetime) -> None:
        """Write it down."""
        self._run_later(_ADD, {"at": at} | {name: getattr(deed, name) for name in Deed.__slots__})

    def list(self, wanted: DeedFilter) -> list[DeedLine]:
        """The newest first: walks the index of what is asked for, and stops."""
        query = select(*DEEDS.c).where(*_clauses(wanted)).order_by(DEEDS.c.at.desc(), DEEDS.c.id.desc()).limit(wanted.limit)
        return [_line(row) for row in self._wire.connection.execute(query)]


def _clauses(wanted: DeedFilter) -> list[ColumnElement[bool]]:
    asked = {DEEDS.c.actor: wanted.actor, DEEDS.c.what: wanted.what, DEEDS.c.store: wanted.store}
    clauses = [column == value for column, value in asked.items() if value is not None]
    if wanted.subjects is not None:
        clauses.append(DEEDS.c.subject.in_(wanted.subjects))
    if wanted.since is not None:
        clauses.append(DEEDS.c.at >= wanted.since)
    if wanted.until is not None:
        clauses.append(DEEDS.c.at < wanted.until)
    if wanted.before is not None:
        other = DEEDS.alias()
        then = select(other.c.at).where(other.c.id == wanted.before).scalar_subquery()
        clauses += [DEEDS.c.at <= then, or_(DEEDS.c.at < then, DEEDS.c.id < wanted.before)]
    return clauses


def _line(row: Any) -> DeedLine:
    return DeedLine(row.id, row.at, Deed(**{name: getattr(row, name) for name in Deed.__slots__}))
