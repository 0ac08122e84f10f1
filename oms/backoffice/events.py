"""POSTs that let events of an order happen: buttons, their forms, timers that need not wait. Post, redirect, get."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from oms.backoffice.answering import Posted, Posts
from oms.backoffice.dialogs import FIELD, UNITS, units_of
from oms.backoffice.failures import PageRoute
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
            items=[(label, units_of(form.below(UNITS).get(label, ""), form.one(f"of.{label}"))) for label in form.every("item")],
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
