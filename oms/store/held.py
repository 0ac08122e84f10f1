"""What waits for a person (rule 30): a clause for every query of the worker, and the rows themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, insert, literal, select

from oms.store.access import Access
from oms.store.orders import ORDERS
from oms.store.tables import HoldRow, VersionRow, table_of

HOLDS, VERSIONS = table_of(HoldRow), table_of(VersionRow)

OF_ORDER = ORDERS.c.version == VERSIONS.c.id
"""Joins an order with its process."""


def free() -> ColumnElement[bool]:
    """Neither the order nor its process is held. The query joins both (`OF_ORDER`)."""
    return ORDERS.c.held.is_(None) & (literal("process:") + VERSIONS.c.name).not_in(select(HOLDS.c.subject))


_REASON = select(HOLDS.c.reason).where(HOLDS.c.subject == bindparam("wanted"))
_HOLD = insert(HOLDS)
_RELEASE = delete(HOLDS).where(HOLDS.c.subject == bindparam("wanted"))


class Holds(Access):
    """`oms.ports.work.Holds` on SQL."""

    def reason(self, subject: str) -> str | None:
        """Why it is held."""
        row = self._first(_REASON, {"wanted": subject})
        return str(row.reason) if row else None

    def hold(self, subject: str, *, reason: str, actor: str, at: datetime) -> None:
        """Let it wait; a new reason replaces the old one."""
        self.release(subject)
        self._run(_HOLD, {"subject": subject, "reason": reason, "actor": actor, "at": at})

    def release(self, subject: str) -> bool:
        """False: it was not held."""
        return self._run(_RELEASE, {"wanted": subject}).rowcount == 1
