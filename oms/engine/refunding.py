"""A person says that money went back, whatever the process knows of it. Nothing is paid here."""

from __future__ import annotations

import uuid

from oms.engine.reckoning import book_refund
from oms.engine.request import REFUND, Answer, Request, Result, request_sha256
from oms.engine.run import Run
from oms.engine.trigger import Engine
from oms.errors import Conflict, InvalidInput, Problem
from oms.money import format_minor


def record_refund(engine: Engine, order: str, reference: str, *, actor: str, store: str | None = None, key: str | None = None) -> Answer:
    """Book that what was paid too much went back by hand. No item moves.

    Args:
        engine: Where.
        order: The order's reference.
        reference: The refund's, as it stands in the bank's statement.
        actor: Who.
        store: Needed when several stores have an order of this reference.
        key: Repeated, it answers as the first time.

    Raises:
        InvalidInput: there is no reference, or a refund is booked under it.
        Conflict: nothing was paid too much.
    """
    if not reference.strip():
        raise InvalidInput([Problem("reference", "is missing: under which reference did the money go back?")])
    payload = {"reference": reference}
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
