"""POSTs that let events of an order happen: buttons, their forms, timers that need not wait. Post, redirect, get."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from oms.backoffice.answering import Posted, Posts
from oms.backoffice.dialogs import FIELD, UNITS
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import Form
from oms.engine.by_hand import run_now

router = APIRouter(prefix="/stores/{store}/orders/{reference}", route_class=PageRoute)


@router.post("/events", operation_id="letEventHappen")
def let_happen(at: Annotated[Posted, Depends(Posts("orders.trigger"))]) -> Response:
    """Let an event happen to the items that were chosen."""
    form, caller = at.form, at.visitor.caller

    def act() -> Response:
        answer = at.shop.trigger(
            at.reference,
            form.one("event"),
            items=[(label, _units(form, label)) for label in form.every("item")] or None,
            store=at.visitor.store,
            key=form.said("key"),
            actor=caller.actor,
            reason=form.said("reason"),
            payload={name: value for name, value in form.below(FIELD).items() if value},
            expect=form.said("expect"),
            roles=caller.acts_as,
        )
        return at.back(done=answer.trigger)

    return at.attempt(act)


@router.post("/timers", operation_id="runTimer")
def run_timer(at: Annotated[Posted, Depends(Posts("orders.retry"))]) -> Response:
    """Let the event of a timer happen now."""

    def act() -> Response:
        event, key = at.form.one("event"), at.form.said("key")
        who = at.visitor
        answer = run_now(at.shop.engine, at.reference, event, store=who.store, key=key, actor=who.actor, roles=who.caller.acts_as)
        return at.back(done=answer.trigger)

    return at.attempt(act)


def _units(form: Form, label: str) -> int | None:
    """So many of an item's units; None: all. What is no number reaches the engine as 0, which it refuses."""
    typed = form.below(UNITS).get(label, "")
    if not typed or typed == form.one(f"of.{label}"):
        return None
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 0  # noqa: PLR2004 - no item has more units
