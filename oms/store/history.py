"""Who let what happen, and every hop: rows are added and never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from oms.ports.drafts import NewHistory
from oms.ports.records import TriggerRow
from oms.store.access import Access
from oms.store.tables import HistoryItemRow, HistoryTable, NoteRow, TriggerTable, table_of

TRIGGERS, HISTORY, HISTORY_ITEMS, NOTES = (table_of(model) for model in (TriggerTable, HistoryTable, HistoryItemRow, NoteRow))

TRIGGER_COLUMNS = (
    TRIGGERS.c.id,
    TRIGGERS.c.order,
    TRIGGERS.c.key,
    TRIGGERS.c.event,
    TRIGGERS.c.actor,
    TRIGGERS.c.cause,
    TRIGGERS.c.reason,
    TRIGGERS.c.payload,
    TRIGGERS.c.request_sha256,
    TRIGGERS.c.answer,
    TRIGGERS.c.at,
    TRIGGERS.c.request_id,
    TRIGGERS.c.traceparent,
)
"""In the order of `TriggerRow`'s fields."""

_FIND = select(*TRIGGER_COLUMNS).where(TRIGGERS.c.order == bindparam("wanted"), TRIGGERS.c.key == bindparam("the_key"))
_ADD_TRIGGER = insert(TRIGGERS)
_LAST = select(func.max(TRIGGERS.c.id)).where(TRIGGERS.c.order == bindparam("wanted"))
_ANSWER = update(TRIGGERS).where(TRIGGERS.c.id == bindparam("wanted")).values(answer=bindparam("text"))
_ADD_HISTORY = insert(HISTORY)
_ADD_HISTORY_ITEMS = insert(HISTORY_ITEMS)
_ADD_ITEMS_OF_THE_LAST = _ADD_HISTORY_ITEMS.values(history=func.currval("history_id_seq"))
_ADD_NOTE = insert(NOTES)


class Triggers(Access):
    """`oms.ports.orders.Triggers` on SQL."""

    def find(self, order: int, key: str) -> TriggerRow | None:
        """The trigger with this key, if it happened."""
        row = self._first(_FIND, {"wanted": order, "the_key": key})
        return TriggerRow(*row) if row else None

    def last(self, order: int) -> int:
        """The id of the newest one of an order."""
        return int(self._one(_LAST, {"wanted": order})[0])

    def add(self, row: TriggerRow) -> int:
        """Returns its id."""
        values = {name: getattr(row, name) for name in TriggerRow.__slots__ if name != "id"}
        return self._insert(_ADD_TRIGGER, values)

    def answer(self, trigger: int, *, answer: str) -> None:
        """What came of it."""
        self._run_later(_ANSWER, {"wanted": trigger, "text": answer})


class History(Access):
    """`oms.ports.orders.History` on SQL."""

    def add(self, row: NewHistory) -> None:
        """One row for all items that went this way together."""
        values = {name: getattr(row, name) for name in NewHistory.__slots__ if name != "items"}
        if self._wire.is_far:  # the server knows which row was the last one: nobody needs to go there and ask
            self._run_later(_ADD_HISTORY, values)
            self._run_later(_ADD_ITEMS_OF_THE_LAST, [{"item": item, "seq": seq} for item, seq in row.items])
        else:
            history = self._insert(_ADD_HISTORY, values)
            self._run(_ADD_HISTORY_ITEMS, [{"history": history, "item": item, "seq": seq} for item, seq in row.items])


class Notes(Access):
    """`oms.ports.papers.Notes` on SQL."""

    def add(self, order: int, *, text: str, actor: str, hop: str | None, at: datetime) -> None:
        """One more."""
        self._run(_ADD_NOTE, {"order": order, "text": text, "actor": actor, "hop": hop, "at": at})
