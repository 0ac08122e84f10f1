"""Who is told what happened, and what came of it.

A notice is written by statements that copy the endpoints of its store, so that none can be added or removed between a question and its answer. A
file, in which nobody else writes meanwhile, is asked first all the same: it answers sooner than a notice is written that nobody wants.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, case, exists, func, insert, literal, literal_column, or_, select, update

from oms.ports.endpoints import Delivery, DeliveryStatus, Endpoint, Notice
from oms.store.access import Access
from oms.store.tables import DeliveryRow, EndpointRow, NoticeRow, table_of
from oms.store.types import WHOLE

ENDPOINTS, NOTICES, DELIVERIES = table_of(EndpointRow), table_of(NoticeRow), table_of(DeliveryRow)

_WAITING: ColumnElement[str] = literal_column("'waiting'")
_IS_THERE = ENDPOINTS.c.removed_at.is_(None)
_MINE = (_IS_THERE, ENDPOINTS.c.store == bindparam("of_store"), (" " + ENDPOINTS.c.types + " ").like("% " + bindparam("kind", type_=String()) + " %"))
"""Endpoints of the notice's store that chose its type."""

_ANY = select(ENDPOINTS.c.id).where(*_MINE).limit(1)
_ADD = insert(ENDPOINTS)
_GET = select(*ENDPOINTS.c).where(ENDPOINTS.c.id == bindparam("wanted"), _IS_THERE)
_LOCK = _GET.with_for_update(key_share=True)
"""Who promises it something refers to it meanwhile, and doesn't wait."""
_OF = select(*ENDPOINTS.c).where(_IS_THERE).order_by(ENDPOINTS.c.id)
_OF_STORE = _OF.where(ENDPOINTS.c.store == bindparam("wanted"))
_THIS = update(ENDPOINTS).where(ENDPOINTS.c.id == bindparam("wanted"))
_CHANGED = ("secret", "old_secrets", "old_until", "failing_since", "rests_until", "disabled_at", "disabled_why")
_LISTS = ("types", "old_secrets")
"""Texts with a blank between two."""
_CHANGE = _THIS.values({name: bindparam(f"new_{name}") for name in _CHANGED})
_REMOVE = _THIS.values(removed_at=bindparam("at"), secret="", old_secrets="")
_ANSWERED = _THIS.values(failing_since=None, rests_until=None)
_FAILED = _THIS.values(
    failing_since=func.coalesce(ENDPOINTS.c.failing_since, bindparam("at", type_=ENDPOINTS.c.failing_since.type)), rests_until=bindparam("until")
)

_WRITE = insert(NOTICES)
_WRITE_FOR_ANY = _WRITE.from_select(
    ["id", "store", "type", "body", "created_at", "request_id", "traceparent"],
    select(
        bindparam("notice", type_=String()),
        bindparam("of_store", type_=String()),
        bindparam("kind", type_=String()),
        bindparam("text", type_=String()),
        bindparam("at", type_=NOTICES.c.created_at.type),
        bindparam("request", type_=String()),
        bindparam("trace", type_=String()),
    ).where(exists().where(*_MINE)),
    include_defaults=False,
)
_IS_ON = ENDPOINTS.c.disabled_at.is_(None)
_PROMISED = select(
    NOTICES.c.id,
    ENDPOINTS.c.id,
    case((_IS_ON, "waiting"), else_="failed"),
    literal(0, type_=WHOLE),
    literal(0, type_=WHOLE),
    case((_IS_ON, NOTICES.c.created_at), else_=None),
    case((_IS_ON, None), else_="The endpoint is disabled."),
    NOTICES.c.created_at,
).where(NOTICES.c.id == bindparam("notice", type_=String()))
_COLUMNS = ["message", "endpoint", "status", "attempts", "claims", "next_at", "said", "created_at"]
_PROMISE, _PROMISE_ONE = (
    insert(DELIVERIES).from_select(_COLUMNS, _PROMISED.where(*which), include_defaults=False)
    for which in (_MINE, (ENDPOINTS.c.id == bindparam("wanted"),))
)

_NOTICE = select(*NOTICES.c).where(NOTICES.c.id == bindparam("wanted"))
_ROWS = select(*DELIVERIES.c, NOTICES.c.type).join(NOTICES, NOTICES.c.id == DELIVERIES.c.message)
_DELIVERY = _ROWS.where(DELIVERIES.c.id == bindparam("wanted"))
_LISTED = _ROWS.where(DELIVERIES.c.endpoint == bindparam("wanted")).order_by(DELIVERIES.c.id.desc()).limit(bindparam("most"))
_THE_ONE = select(DELIVERIES.c.id).where(DELIVERIES.c.message == bindparam("notice"), DELIVERIES.c.endpoint == bindparam("wanted"))
_FIRST = select(func.min(DELIVERIES.c.next_at)).where(DELIVERIES.c.endpoint == ENDPOINTS.c.id, DELIVERIES.c.status == _WAITING).scalar_subquery()
_READY = (
    select(ENDPOINTS.c.id)
    .where(_IS_THERE, _IS_ON, or_(ENDPOINTS.c.rests_until.is_(None), ENDPOINTS.c.rests_until <= bindparam("now")), bindparam("now") >= _FIRST)
    .order_by(_FIRST)
)
_DUE = select(DELIVERIES.c.id).where(
    DELIVERIES.c.endpoint == bindparam("wanted"), DELIVERIES.c.status == _WAITING, DELIVERIES.c.next_at <= bindparam("now")
)
_NEXT = _DUE.order_by(DELIVERIES.c.next_at, DELIVERIES.c.id).limit(1).with_for_update(skip_locked=True)
_TAKE = update(DELIVERIES).values(
    attempts=DELIVERIES.c.attempts + 1, claims=DELIVERIES.c.claims + 1, next_at=bindparam("again"), tried_at=bindparam("now")
)
_CLAIM, _CLAIM_ONE = (
    _TAKE.where(DELIVERIES.c.id.in_(which)).returning(DELIVERIES.c.id)
    for which in (_NEXT, _DUE.where(DELIVERIES.c.id == bindparam("only")).with_for_update(skip_locked=True))
)
_SETTLE = (
    update(DELIVERIES)
    .where(DELIVERIES.c.id == bindparam("wanted"), DELIVERIES.c.status == "waiting", DELIVERIES.c.claims == bindparam("mine"))
    .values(status=bindparam("is_now"), next_at=bindparam("again"), code=bindparam("answer"), said=bindparam("why"))
)
_GIVE_UP = (
    update(DELIVERIES)
    .where(DELIVERIES.c.endpoint == bindparam("wanted"), DELIVERIES.c.status == _WAITING)
    .values(status="failed", next_at=None, said=bindparam("why"))
)
_AGAIN = update(DELIVERIES).where(DELIVERIES.c.endpoint == bindparam("wanted")).values(status="waiting", attempts=0, next_at=bindparam("at"))


class Endpoints(Access):
    """`oms.ports.endpoints.Endpoints` on SQL."""

    def add(self, endpoint: Endpoint) -> int:
        """Returns its id."""
        values = {name: value for name, value in _values(endpoint).items() if name != "id"}
        return self._insert(_ADD, {**values, "removed_at": None})

    def get(self, endpoint: int) -> Endpoint | None:
        """One that was not removed."""
        row = self._first(_GET, {"wanted": endpoint})
        return _endpoint(row) if row else None

    def lock(self, endpoint: int) -> Endpoint | None:
        """The same, and nobody else changes it."""
        row = self._first(_LOCK, {"wanted": endpoint})
        return _endpoint(row) if row else None

    def all(self, store: str | None) -> list[Endpoint]:
        """Those of a store, or of all."""
        return [_endpoint(row) for row in (self._all(_OF) if store is None else self._all(_OF_STORE, {"wanted": store}))]

    def change(self, endpoint: Endpoint) -> None:
        """Keep its secrets, and whether it is disabled."""
        values = _values(endpoint)
        self._run(_CHANGE, {"wanted": endpoint.id, **{f"new_{name}": values[name] for name in _CHANGED}})

    def remove(self, endpoint: int, *, at: datetime) -> None:
        """It is told nothing any more."""
        self._run(_REMOVE, {"wanted": endpoint, "at": at})

    def answered(self, endpoint: int) -> None:
        """A call succeeded."""
        self._run(_ANSWERED, {"wanted": endpoint})

    def failed(self, endpoint: int, *, at: datetime, rests_until: datetime | None) -> None:
        """A call failed."""
        self._run(_FAILED, {"wanted": endpoint, "at": at, "until": rests_until})

    def may_want(self, kind: str, *, store: str) -> bool:
        """False: no endpoint of the store chose this type. A server is not asked, for the question would be one journey more."""
        return self._wire.is_far or bool(self._all(_ANY, {"of_store": store, "kind": kind}))

    def tell(self, notice: Notice) -> None:
        """Promise a notice to all endpoints that want it."""
        told = {"notice": notice.id, "of_store": notice.store, "kind": notice.type}
        came_by = {"request": notice.request_id, "trace": notice.traceparent}
        self._run_later(_WRITE_FOR_ANY, {**told, **came_by, "text": notice.body, "at": notice.created_at})
        self._run_later(_PROMISE, told)

    def tell_one(self, notice: Notice, endpoint: int) -> int:
        """Promise a notice to this endpoint alone."""
        self._run(_WRITE, {name: getattr(notice, name) for name in Notice.__slots__})
        self._run(_PROMISE_ONE, {"notice": notice.id, "wanted": endpoint})
        return int(self._one(_THE_ONE, {"notice": notice.id, "wanted": endpoint}).id)

    def notice(self, notice: str) -> Notice:
        """One."""
        return Notice(*self._one(_NOTICE, {"wanted": notice}))

    def ready(self, now: datetime) -> list[int]:
        """Endpoints for which something is due."""
        return [row.id for row in self._all(_READY, {"now": now})]

    def claim(self, endpoint: int, *, now: datetime, again: datetime, only: int | None = None) -> Delivery | None:
        """Take what is due, and count the try."""
        wanted = {"wanted": endpoint, "now": now, "again": again}
        row = self._first(_CLAIM, wanted) if only is None else self._first(_CLAIM_ONE, {**wanted, "only": only})
        return self.delivery(row.id) if row else None

    def settle(self, delivery: Delivery) -> bool:
        """Keep what came of a try."""
        values = {"is_now": delivery.status, "again": delivery.next_at, "answer": delivery.code, "why": delivery.said}
        return self._run(_SETTLE, {"wanted": delivery.id, "mine": delivery.claims, **values}).rowcount == 1

    def give_up(self, endpoint: int, *, why: str) -> int:
        """All that waits for it is not tried any more."""
        return self._run(_GIVE_UP, {"wanted": endpoint, "why": why}).rowcount

    def delivery(self, delivery: int) -> Delivery:
        """One."""
        return _delivery(self._one(_DELIVERY, {"wanted": delivery}))

    def deliveries(self, endpoint: int, *, status: DeliveryStatus | None, after: int | None, limit: int) -> list[Delivery]:
        """Newest first."""
        query, values = _LISTED, dict[str, Any]({"wanted": endpoint, "most": limit})
        if status is not None:
            query, values = query.where(DELIVERIES.c.status == bindparam("is_now")), values | {"is_now": status}
        if after is not None:
            query, values = query.where(DELIVERIES.c.id < bindparam("last")), values | {"last": after}
        return [_delivery(row) for row in self._all(query, values)]

    def again(self, endpoint: int, *, notice: str | None, since: datetime | None, at: datetime, with_delivered: bool) -> int:
        """Let notices be delivered again."""
        query, values = _AGAIN, dict[str, Any]({"wanted": endpoint, "at": at})
        if notice is not None:
            query, values = query.where(DELIVERIES.c.message == bindparam("notice")), values | {"notice": notice}
        if since is not None:
            query, values = query.where(DELIVERIES.c.created_at >= bindparam("since")), values | {"since": since}
        if not with_delivered:
            query = query.where(DELIVERIES.c.status != "delivered")
        return self._run(query, values).rowcount


def _values(endpoint: Endpoint) -> dict[str, Any]:
    """As the row has them."""
    values = {name: getattr(endpoint, name) for name in Endpoint.__slots__}
    return {**values, **{name: " ".join(values[name]) for name in _LISTS}}


def _endpoint(row: Any) -> Endpoint:
    values = {name: getattr(row, name) for name in Endpoint.__slots__}
    return Endpoint(**{**values, **{name: tuple(values[name].split()) for name in _LISTS}})


def _delivery(row: Any) -> Delivery:
    return Delivery(notice=row.message, **{name: getattr(row, name) for name in Delivery.__slots__ if name != "notice"})
