"""The list of what is to be printed, for no mail carries it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore  # SQLite writes ON CONFLICT alike

from oms.ports.operations import Printing
from oms.store.access import Access
from oms.store.tables import PrintRow, table_of

PRINTS = table_of(PrintRow)

PRINT_COLUMNS = (PRINTS.c.invoice, PRINTS.c.at, PRINTS.c.printed_at, PRINTS.c.printed_by)
"""In the order of `Printing`'s fields."""

_ADD = insert_or_ignore(PRINTS).on_conflict_do_nothing()
_FIND = select(*PRINT_COLUMNS).where(PRINTS.c.invoice == bindparam("wanted"))
_MARK = (
    update(PRINTS)
    .where(PRINTS.c.invoice == bindparam("wanted"), PRINTS.c.printed_at.is_(None))
    .values(printed_at=bindparam("now"), printed_by=bindparam("who"))
)
_REMOVE = delete(PRINTS).where(PRINTS.c.invoice == bindparam("wanted"))


class Prints(Access):
    """`oms.ports.papers.Prints` on SQL."""

    def add(self, document: int, *, at: datetime) -> bool:
        """False: it is listed, or was printed."""
        return self._run(_ADD, {"invoice": document, "at": at, "printed_at": None, "printed_by": None}).rowcount == 1

    def find(self, document: int) -> Printing | None:
        """What became of it; None: it isn't to be printed."""
        row = self._first(_FIND, {"wanted": document})
        return Printing(*row) if row else None

    def mark(self, document: int, *, by: str, at: datetime) -> bool:
        """Somebody printed it. False: it isn't listed."""
        return self._run(_MARK, {"wanted": document, "now": at, "who": by}).rowcount == 1

    def remove(self, document: int) -> None:
        """A mail carries it after all, or it is to be printed anew."""
        self._run(_REMOVE, {"wanted": document})
