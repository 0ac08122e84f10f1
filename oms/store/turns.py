"""Whose turn it is in the outbox: clauses that find the jobs which wait for a worker.

A partial index is used only for statuses that stand in the statement itself, so they are no parameters.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, not_, or_, select

from oms.outbox import DELIVER, LANE, LANE_DOWN
from oms.store.held import HOLDS, OF_ORDER, VERSIONS, free
from oms.store.incidents import INCIDENTS
from oms.store.orders import ORDERS
from oms.store.tables import JobRow, table_of

JOBS = table_of(JobRow)

_TODO: ColumnElement[str] = literal_column("'todo'")
_LANDING: ColumnElement[str] = literal_column("'landing'")
_RUNNING: ColumnElement[str] = literal_column("'running'")


def ready(now: str) -> ColumnElement[bool]:
    """Waits for a worker, or was left by one whose lease ended."""
    waits = and_(JOBS.c.status.in_([_TODO, _LANDING]), JOBS.c.next_at <= bindparam(now))
    left = and_(JOBS.c.status == _RUNNING, JOBS.c.lease_until < bindparam(now))
    return or_(waits, left)


def may_leave(now: str, soon: str) -> ColumnElement[bool]:
    """Needs no mail server, or the server takes mails, or it is time for the one probe (rule 16).

    The failed probe and all that waited with it are planned for the next one: until then, and while it runs, nothing else leaves.
    """
    other = JOBS.alias()
    running = and_(other.c.status == _RUNNING, other.c.lease_until >= bindparam(now))
    planned = and_(
        other.c.status.in_([_TODO, _LANDING]), other.c.status == _TODO, other.c.next_at > bindparam(now), other.c.next_at <= bindparam(soon)
    )  # both: the first finds the index, the second is what is meant
    mine = INCIDENTS.c.subject == JOBS.c.lane
    is_down = select(INCIDENTS.c.id).where(INCIDENTS.c.kind == LANE_DOWN, mine, INCIDENTS.c.closed_at.is_(None)).exists()
    is_probed = select(other.c.id).where(other.c.lane == JOBS.c.lane, or_(running, planned)).exists()
    return or_(JOBS.c.lane.is_(None), not_(is_down), not_(is_probed))


_IN_TURN = (
    select(JOBS.c.id)
    .outerjoin(ORDERS, ORDERS.c.id == JOBS.c.order)
    .outerjoin(VERSIONS, OF_ORDER)
    .where(
        ready("now"),
        or_(JOBS.c.order.is_(None), free()),
        or_(JOBS.c.name != DELIVER, not_(select(HOLDS.c.subject).where(HOLDS.c.subject == LANE).exists())),
        may_leave("now", "soon"),
    )
)
"""Ready, and nothing keeps it back."""
_FIRST = _IN_TURN.order_by(JOBS.c.next_at, JOBS.c.id).limit(bindparam("most"))
DUE = {
    None: _FIRST,
    True: _FIRST.where(JOBS.c.name.in_(bindparam("names", expanding=True))),
    False: _FIRST.where(JOBS.c.name.not_in(bindparam("names", expanding=True))),
}
"""All of them; those of certain names; all but those."""
UNHEARD = _FIRST.where(or_(JOBS.c.rung_at.is_(None), JOBS.c.rung_at < bindparam("before"))).with_for_update(of=JOBS, skip_locked=True)
READY = select(JOBS.c.id).where(JOBS.c.id == bindparam("wanted"), ready("now")).with_for_update(skip_locked=True)
MY_TURN = _IN_TURN.where(JOBS.c.id == bindparam("wanted")).with_for_update(of=JOBS, skip_locked=True)
QUEUE_UP = (
    select(INCIDENTS.c.id)
    .join(JOBS, JOBS.c.lane == INCIDENTS.c.subject)
    .where(JOBS.c.id == bindparam("wanted"), INCIDENTS.c.kind == LANE_DOWN, INCIDENTS.c.closed_at.is_(None))
    .with_for_update(of=INCIDENTS)
)
"""Workers that claim mails of a server that is down at the same moment do it one after the other: else each would see no probe but its own."""
