"""`/stores/{store}/orders/{reference}`: one order. Why it waits comes first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from oms.api.entry import ShopHere
from oms.backoffice.bars import bar_of_answer
from oms.backoffice.crediting import left_of
from oms.backoffice.dialogs import dialog_of
from oms.backoffice.failures import PageRoute
from oms.backoffice.foreseen import foreseen_of
from oms.backoffice.forms import Form
from oms.backoffice.items import groups_of
from oms.backoffice.ordered import beside
from oms.backoffice.pictures import around, picture
from oms.backoffice.rendering import page
from oms.backoffice.showing import Showing, buttons_of, may_skip, new_key, picks_of, timers_of, undelivered, waits_of
from oms.backoffice.side import customer_of, invoices_of, money_of, papers_of
from oms.backoffice.telling import Tongue
from oms.backoffice.timeline import timeline_of
from oms.backoffice.visitor import Visitor, Visits
from oms.bootstrap import Shop
from oms.lookup.order import order_page

router = APIRouter(prefix="/stores/{store}/orders/{reference}", route_class=PageRoute)

Reads = Annotated[Visitor, Depends(Visits("orders.read"))]
SAID = frozenset(
    {"commented", "mended", "held", "released", "retried", "retried_nothing", "sent", "sent_before", "skipped", "paid", "paid_before", "paid_waits"}
)
"""What may stand in the address as `said`: words of the house, nobody else's."""
MAY = {
    "retry": "orders.retry",
    "mend": "orders.correct",
    "hold": "orders.hold",
    "comment": "orders.comment",
    "send": "invoices.send",
    "pay": "payments.record",
    "preview": "invoices.issue",
    "credit": "invoices.credit",
}
"""What the page offers beside events, and the right that it asks for."""


@router.get("", operation_id="getOrder")
def show_order(
    request: Request,
    reference: str,
    visitor: Reads,
    shop: ShopHere,
    done: Annotated[int | None, Query(ge=1)] = None,
    said: Annotated[str, Query(max_length=20)] = "",
    history: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """One order; the address may ask for a form over it, and for what came of the last one."""
    show = showing(shop, visitor, reference)
    bar = bar_of_answer(show, done) if done else {"look": "done", "lines": [show.tongue.word(f"said_{said}")]} if said in SAID else None
    asked = Form(tuple(request.query_params.multi_items()))
    return order_answer(request, show, asked, bar=bar, everything=history == "all")


def showing(shop: Shop, visitor: Visitor, reference: str) -> Showing:
    """An order as it is now.

    Raises:
        NotFound: there is none.
    """
    found = order_page(shop, reference, store=visitor.store)
    return Showing(found, visitor, Tongue(visitor.locale, found.now, found.zone))


def order_answer(
    request: Request,
    show: Showing,
    form: Form,
    *,
    bar: Mapping[str, Any] | None = None,
    wrong: Mapping[str, str] | None = None,
    everything: bool = False,
    status: int = 200,
) -> Response:
    """The page of an order.

    Args:
        request: Who asks.
        show: The order.
        form: What was typed, or what stands in the address: the form that it names is open, with that in it.
        bar: What came of the last form.
        wrong: Name of an input to what is wrong with it.
        everything: The whole timeline.
        status: Of the answer.
    """
    given = given_of(request, show, form, everything=everything, since=int(show.tongue.now.timestamp()))
    dialog = dialog_of(show, form, wrong=wrong)
    if dialog and dialog["kind"] == "event":
        dialog |= {"foreseen": foreseen_of(request.app.state.shop, show, dialog)}
    if dialog and dialog["kind"] == "credit":
        left = left_of(request.app.state.shop, show, form)
        dialog = dialog | left if left else None
    return page(request, "order.html", given | {"bar": bar, "dialog": dialog, "wrong": wrong or {}}, status=status)


def given_of(request: Request, show: Showing, form: Form, *, everything: bool, since: int) -> dict[str, Any]:
    """What the parts of the page are given; `since`: when it was opened, in seconds."""
    dress, ways = around(show.page.process, show.page.view.items, show.page.view.history)
    entries, left_out = timeline_of(show, everything=everything)
    asked = {"seen": marked(show.page.view.signs), "since": since, **({"history": "all"} if everything else {})}
    return {
        "site": show.visitor.site("orders"),
        "here": show.at(),
        "order": _head(show) | beside(show),
        "changes": f"{show.at('changes')}?{urlencode(asked)}",
        "waits": waits_of(show),
        "undelivered": undelivered(show),
        "groups": groups_of(show),
        "picks": picks_of(show),
        "buttons": buttons_of(show),
        "timers": timers_of(show),
        "picture": picture(show.page.process, request.app.state.shop.vocabulary, show.tongue, dress, only=ways),
        "process": f"{show.visitor.at('processes', show.page.view.process)}?version={show.page.view.process_number}",
        "invoices": invoices_of(show),
        "papers": papers_of(show),
        "preview": show.at("preview.pdf") if show.page.is_billable else None,
        "money": money_of(show),
        "customer": customer_of(show),
        "entries": entries,
        "left_out": left_out,
        "comment": form.one("text"),
        "key": new_key(),
        "may": {name: show.visitor.caller.may(right) for name, right in MAY.items()} | {"skip": may_skip(show)},
    }


def marked(signs: Iterable[int]) -> str:
    """What a page was drawn after, as it stands in its address."""
    return "-".join(map(str, signs))


def _head(show: Showing) -> dict[str, Any]:
    view = show.page.view
    return {
        "reference": view.head.reference,
        "customer": view.customer_name,
        "email": view.customer_email or "",
        "placed": show.tongue.when(view.head.placed_at),
        "total": view.gross_minor,
        "currency": view.head.currency,
        "process": show.tongue.title(show.page.process.title, view.process),
        "version": view.process_number,
        "held": view.head.held or "",
    }
