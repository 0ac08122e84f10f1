"""A person says that money went back. An order that waits for it goes on; of any other it is booked beside the process. Nothing is paid here."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from oms.engine.reckoning import book_refund
from oms.engine.request import REFUND, Answer, Request, Result, request_sha256
from oms.engine.run import Run
from oms.engine.trigger import Engine
from oms.errors import Conflict, InvalidInput, Problem
from oms.money import format_minor

_BOOKS = "record_refund"
"""The command by which a process's event says that it is the one of refunds by hand."""


def record_refund(
    engine: Engine,
    order: str,
    reference: str,
    *,
    actor: str,
    store: str | None = None,
    key: str | None = None,
    roles: Collection[str] | None = None,
) -> Answer:
    """Book that what was paid too much went back by hand.

    Where items wait for that, the event of their process happens; else no item moves.

    Args:
        engine: Where.
        order: The order's reference.
        reference: The refund's, as it stands in the bank's statement.
        actor: Who.
        store: Needed when several stores have an order of this reference.
        key: Repeated, it answers as the first time.
        roles: Of a person, for a process that asks for some; None: whoever it is may.

    Raises:
        InvalidInput: there is no reference, or a refund is booked under it.
        Conflict: nothing was paid too much.
    """
    if not reference.strip():
        raise InvalidInput([Problem("reference", "is missing: under which reference did the money go back?")])
    payload = {"reference": reference}
    event = _waited_for(engine, order, store=store, key=key)
    if event is not None:
        return engine.trigger(order, event, store=store, key=key, actor=actor, payload=payload, roles=roles)
    sha256 = request_sha256(REFUND, items=None, payload=payload, reason=None)
    request = Request(event=REFUND, key=key or uuid.uuid4().hex, actor=actor, payload=payload, sha256=sha256, may_repeat=key is not None)

    def act(run: Run) -> None:
        amount_minor = book_refund(run.work, run.facts(), reference, at=run.now)
        if not amount_minor:
            raise Conflict(f"Nothing of the order {run.head.reference} is paid too much, or it is going back already: nothing was booked.")
        run.forget()
        said = f"{format_minor(amount_minor, run.head.currency)} {run.head.currency} went back by hand: {reference}"
        run.work.notes.add(run.head.id, text=said, actor=actor, hop=None, at=run.now)
        run.results = {item.id: Result(item.label, "stayed", item.state, why=said) for item in run.items.values()}

    return engine.run(lambda work: work.orders.lock(order, store=store), request, act)


def _waited_for(engine: Engine, order: str, *, store: str | None, key: str | None) -> str | None:
    """The event that this lets happen, or did when the key came first; None: nothing waits for a refund by hand."""
    with engine.store.reading() as work:
        head = work.orders.named(order, store=store)
        before = work.triggers.find(head.id, key) if key is not None else None
        if before is not None:
            return before.event if before.event != REFUND else None
        process = engine.processes.get(work, head.version).process
        states = {item.state for item in work.items.of(head.id)}
    events = [name for name, event in process.events.items() if any(call.name == _BOOKS for call in event.command)]
    return next((name for name in events if any(name in process.ways_out[state] for state in states)), None)
