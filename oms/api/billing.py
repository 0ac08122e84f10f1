"""Billing by hand: issue what is open, take an invoice back. No item moves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from oms.api.addresses import Number, at
from oms.api.answers.papers import BilledTold, CreditedTold
from oms.api.bodies import Body, body_of, described
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.invoices import paper_of
from oms.api.once import Key, OnceRoute
from oms.bootstrap import Shop
from oms.engine.amending import Amends, amend
from oms.engine.billing import issue_now
from oms.errors import InvalidInput, Problem
from oms.money import parse_minor
from oms.ports.records import Document
from oms.rights import Caller

router = APIRouter(tags=["invoices"], route_class=OnceRoute)

_UNITS = r"^[1-9]\d{0,6}$"
_AMOUNT = r"^\d{1,12}(\.\d{1,3})?$"


class Billing(Body):
    """An invoice over all that is open of the order."""

    mail: bool = Field(default=False, description="mail it to the customer, with a hidden copy to the shop")


class Crediting(Body):
    """How much of an invoice is taken back. Amounts hold the tax if the order's prices do."""

    reason: str = Field(min_length=1, max_length=1000, description="printed")
    units: dict[Annotated[str, Field(pattern=_UNITS)], Annotated[int, Field(ge=1, le=1_000_000)] | None] = Field(
        default={}, description="order line to units; null: all that are left"
    )
    amounts: dict[Annotated[str, Field(pattern=r"^(0|[1-9]\d{0,6})$")], Annotated[str, Field(pattern=_AMOUNT)]] = Field(
        default={}, description="order line, or 0 for the whole, to an amount"
    )
    shipping: bool = Field(default=False, description="and what is left of the shipping")
    mail: bool = False


class Cancelling(Body):
    """All that is left of an invoice is taken back."""

    reason: str = Field(min_length=1, max_length=1000, description="printed")
    reopen: bool = Field(default=False, description="what it bills is to be billed anew")
    mail: bool = False


@router.post(
    "/orders/{reference}/invoices",
    status_code=201,
    operation_id="issueInvoice",
    openapi_extra=described(Billing, {"mail": True}),
    responses=failing(400, 404, 409, 413, 422) | {200: {"model": BilledTold, "description": "Nothing is open: the newest invoice."}},
)
def issue(
    reference: str,
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("invoices.issue"))],
    wanted: Annotated[Billing, Depends(body_of(Billing))],
    response: Response,
    key: Key = None,
) -> BilledTold:
    """Bill what is open of an order, whatever its process knows of it. With nothing open, the newest invoice is answered with 200."""
    paper, issued = issue_now(shop.engine, reference, mail=wanted.mail, actor=caller.actor, store=caller.store, key=key)
    response.status_code = 201 if issued else 200
    response.headers["Location"] = at("invoices", paper.number)
    return BilledTold(number=paper.number, order=reference, issued=issued)


@router.post(
    "/invoices/{number:paper}/credit-notes",
    status_code=201,
    operation_id="creditInvoice",
    openapi_extra=described(Crediting, {"reason": "came back", "units": {"1": 1}}),
    responses=failing(400, 404, 409, 413, 422),
)
def credit(
    number: Number,
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("invoices.credit"))],
    wanted: Annotated[Crediting, Depends(body_of(Crediting))],
    key: Key = None,
) -> CreditedTold:
    """Credit a part of an invoice: units, amounts, shipping. The invoice stays as it is; no item moves."""
    paper = paper_of(shop, number, caller)
    if not (wanted.units or wanted.amounts or wanted.shipping):
        raise InvalidInput([Problem("", "says nothing to credit: name units, amounts or shipping. To credit all of it: …/cancellation.")])
    amounts = {int(line): _minor(line, amount, paper.currency) for line, amount in wanted.amounts.items()}
    amends = Amends(
        units={int(line): units for line, units in wanted.units.items()}, amounts=amounts, with_shipping=wanted.shipping, mail=wanted.mail
    )
    return _amended(shop, paper, amends, reason=wanted.reason, caller=caller, key=key)


@router.post(
    "/invoices/{number:paper}/cancellation",
    status_code=201,
    operation_id="cancelInvoice",
    openapi_extra=described(Cancelling, {"reason": "order cancelled"}),
    responses=failing(400, 404, 409, 413, 422),
)
def cancel(
    number: Number,
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("invoices.credit"))],
    wanted: Annotated[Cancelling, Depends(body_of(Cancelling))],
    key: Key = None,
) -> CreditedTold:
    """Credit all that is left of an invoice; with `reopen` the same is billed anew, with the addresses as they are then."""
    amends = Amends(reopen=wanted.reopen, mail=wanted.mail)
    return _amended(shop, paper_of(shop, number, caller), amends, reason=wanted.reason, caller=caller, key=key)


def _amended(shop: Shop, paper: Document, amends: Amends, *, reason: str, caller: Caller, key: str | None) -> CreditedTold:
    answer = amend(shop.engine, paper, amends, reason=reason, actor=caller.actor, key=key)
    return CreditedTold(order=answer.order, repeated=answer.repeated, said=answer.results[0].why or "")


def _minor(line: str, amount: str, currency: str) -> int:
    try:
        return parse_minor(amount, currency)
    except ValueError as error:
        raise InvalidInput([Problem(f"/amounts/{line}", str(error))]) from error
