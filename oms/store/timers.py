"""Events that wait for their time, and items that are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, case, delete, insert, or_, select, update

from oms.ports.drafts import NewTimer
from oms.ports.due import DueLook, DueTimer
from oms.ports.records import Item, TimerRow
from oms.store.access import Access
from oms.store.held import OF_ORDER, VERSIONS, free
from oms.store.items import COLUMNS, ITEMS
from oms.store.orders import ORDERS
from oms.store.tables import TimerTable, table_of

TIMERS = table_of(TimerTable)

TIMER_COLUMNS = (
    TIMERS.c.id,
    TIMERS.c.order,
    TIMERS.c.item,
    TIMERS.c.moves,
    TIMERS.c.event,
    TIMERS.c.due_at,
    TIMERS.c.attempts,
    TIMERS.c.next_at,
    TIMERS.c.error,
)
"""In the order of `TimerRow`'s fields."""

# Claims skip what another worker is claiming: whoever waited for its rows would find nothing to do, or wait for it in a circle.

TIMERS_OF = select(*TIMER_COLUMNS).where(TIMERS.c.order == bindparam("wanted")).order_by(TIMERS.c.due_at, TIMERS.c.id)
_ADD = insert(TIMERS)
_DISARM = delete(TIMERS).where(TIMERS.c.order == bindparam("wanted"), TIMERS.c.item.in_(bindparam("ids", expanding=True)))
_NAMED = TIMERS.c.id.in_(bindparam("ids", expanding=True))
_USE_UP = delete(TIMERS).where(_NAMED)
_ONE = update(TIMERS).where(TIMERS.c.id == bindparam("wanted"))
_REARM = _ONE.values(due_at=bindparam("due"), next_at=bindparam("due"), attempts=0, error=None)
_STILL_DUE = select(TIMERS.c.id).where(_NAMED, TIMERS.c.next_at <= bindparam("now")).order_by(TIMERS.c.id)
_CLAIM = (
    update(TIMERS)
    .where(TIMERS.c.id.in_(_STILL_DUE.with_for_update(skip_locked=True).correlate(None)))
    .values(attempts=TIMERS.c.attempts + 1, next_at=bindparam("again"))
    .returning(TIMERS.c.id)
)
_FAIL = update(TIMERS).where(_NAMED).values(next_at=bindparam("again"), error=bindparam("why"))
_DUE_ORDERS = (
    select(TIMERS.c.order)
    .join(ORDERS, ORDERS.c.id == TIMERS.c.order)
    .join(VERSIONS, OF_ORDER)
    .where(TIMERS.c.next_at <= bindparam("now"), free())
    .order_by(TIMERS.c.next_at)
    .limit(bindparam("most"))
)
_DUE = (
    select(*TIMER_COLUMNS, ORDERS.c.version, ORDERS.c.reference, (ITEMS.c.moves != TIMERS.c.moves).label("stale"))
    .join(ORDERS, ORDERS.c.id == TIMERS.c.order)
    .join(ITEMS, ITEMS.c.id == TIMERS.c.item)
    .where(TIMERS.c.next_at <= bindparam("now"), TIMERS.c.order.in_(_DUE_ORDERS.subquery().select()))
    .order_by(TIMERS.c.due_at, TIMERS.c.id)
)


class Timers(Access):
    """`oms.ports.work.Timers` on SQL."""

    def of(self, order: int) -> list[TimerRow]:
        """All pending ones of an order."""
        return [TimerRow(*row) for row in self._all(TIMERS_OF, {"wanted": order})]

    def add(self, rows: Sequence[NewTimer]) -> None:
        """Arm timers."""
        self._run_later(
            _ADD,
            [
                {
                    "order": row.order,
                    "item": row.item,
                    "moves": row.moves,
                    "event": row.event,
                    "due_at": row.due_at,
                    "next_at": row.due_at,
                    "attempts": 0,
                    "error": None,
                }
                for row in rows
            ],
        )

    def disarm(self, order: int, items: Sequence[int]) -> None:
        """All timers of these items: their stay ended."""
        self._run_later(_DISARM, {"wanted": order, "ids": list(items)})

    def use_up(self, timers: Sequence[int]) -> None:
        """These have done their work."""
        self._run_later(_USE_UP, {"ids": list(timers)})

    def rearm(self, timer: int, *, due_at: datetime) -> None:
        """Wait again; attempts start anew."""
        self._run(_REARM, {"wanted": timer, "due": due_at})

    def fail(self, timers: Sequence[int], *, next_at: datetime | None, error: str) -> None:
        """A try failed; None: given up."""
        self._run(_FAIL, {"ids": list(timers), "again": next_at, "why": error})

    def due(self, now: datetime, *, limit: int) -> list[DueTimer]:
        """Of orders and processes that are not held."""
        width = len(TIMER_COLUMNS)
        return [DueTimer(TimerRow(*row[:width]), *row[width:]) for row in self._all(_DUE, {"now": now, "most": limit})]

    def claim(self, timers: Sequence[int], *, now: datetime, again: datetime) -> set[int]:
        """Count one more attempt for each that is still due."""
        return {row.id for row in self._all(_CLAIM, {"ids": list(timers), "now": now, "again": again})}


_LOOK_ORDERS = (
    select(ITEMS.c.order)
    .join(ORDERS, ORDERS.c.id == ITEMS.c.order)
    .join(VERSIONS, OF_ORDER)
    .where(ITEMS.c.look_at <= bindparam("now"), free())
    .order_by(ITEMS.c.look_at)
    .limit(bindparam("most"))
)
_LOOKS = (
    select(*COLUMNS, ORDERS.c.version)
    .join(ORDERS, ORDERS.c.id == ITEMS.c.order)
    .where(ITEMS.c.look_at <= bindparam("now"), ITEMS.c.order.in_(_LOOK_ORDERS.subquery().select()))
    .order_by(ITEMS.c.look_at, ITEMS.c.id)
)
_STILL_WAITS = select(ITEMS.c.id).where(ITEMS.c.id.in_(bindparam("ids", expanding=True)), ITEMS.c.look_at <= bindparam("now")).order_by(ITEMS.c.id)
_CLAIM_LOOK = (
    update(ITEMS)
    .where(ITEMS.c.id.in_(_STILL_WAITS.with_for_update(skip_locked=True).correlate(None)))
    .values(attempts=ITEMS.c.attempts + 1, look_at=bindparam("again"))
    .returning(ITEMS.c.id)
)
_WOKEN = 0
"""As a pause: the order was committed since the item was claimed, so what was seen of it is no longer true."""

_VOID, _FRESH = ITEMS.c.look_pause == _WOKEN, ITEMS.c.attempts == 0
_SOON, _LATER = bindparam("at", type_=ITEMS.c.look_at.type), bindparam("again", type_=ITEMS.c.look_at.type)
_NOTHING = (
    update(ITEMS)
    .where(
        ITEMS.c.id == bindparam("wanted"),
        ITEMS.c.moves == bindparam("stay"),
        ITEMS.c.attempts == bindparam("claimed"),
        ITEMS.c.look_at == bindparam("until"),
    )
    .values(
        look_at=case((_VOID, _SOON), else_=_LATER),
        look_pause=case((_VOID, None), else_=bindparam("pause", type_=ITEMS.c.look_pause.type)),
        attempts=0,
        error=None,
    )
)
_WAKE = (
    update(ITEMS)
    .where(ITEMS.c.order == bindparam("wanted"), ITEMS.c.look_at.is_not(None), or_(ITEMS.c.attempts > 0, ITEMS.c.look_at > _SOON))
    .values(look_at=case((_FRESH, _SOON), else_=ITEMS.c.look_at), look_pause=case((_FRESH, None), else_=_WOKEN))
)


class Looks(Access):
    """`oms.ports.work.Looks` on SQL."""

    def due(self, now: datetime, *, limit: int) -> list[DueLook]:
        """Items of at most `limit` orders that are not held."""
        width = len(COLUMNS)
        return [DueLook(Item(*row[:width]), row[width]) for row in self._all(_LOOKS, {"now": now, "most": limit})]

    def claim(self, items: Sequence[int], *, now: datetime, again: datetime) -> set[int]:
        """Count one more attempt for each that is still due."""
        return {row.id for row in self._all(_CLAIM_LOOK, {"ids": list(items), "now": now, "again": again})}

    def found_nothing(self, looks: Sequence[tuple[Item, datetime, int]], *, at: datetime) -> None:
        """Only where the claim still stands: whoever moved the item meanwhile knows better."""
        self._run(
            _NOTHING,
            [
                {
                    "wanted": item.id,
                    "stay": item.moves,
                    "claimed": item.attempts,
                    "until": item.look_at,
                    "at": at,
                    "again": again,
                    "pause": pause,
                }
                for item, again, pause in looks
            ],
        )

    def wake(self, order: int, *, at: datetime) -> None:
        """Something of the order was committed: look at its waiting items now; a look that has begun is void."""
        self._run(_WAKE, {"wanted": order, "at": at})
