"""Payments that people and bank statements report: `/api/v1/orders/{reference}/payments`, refunds by hand, `/api/v1/payments/import`."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from oms.api.answers.payments import BookedTold, EntryTold, PaymentsTold, StatementTold
from oms.api.answers.told import TriggerTold, triggered
from oms.api.bodies import Body, body_of, described, read_body
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.once import Key, OnceRoute
from oms.engine.paying import Paid, record_payment
from oms.engine.refunding import record_refund
from oms.engine.statements import import_statement
from oms.lookup.payments import payments_data
from oms.money import format_minor
from oms.rights import Caller
from oms.statements import LARGEST, Writing, read_statement

router = APIRouter(tags=["payments"], route_class=OnceRoute)

Records = Annotated[Caller, Depends(asks("payments.record"))]

_SCHEMA = {"type": "string", "format": "binary", "description": "CAMT.053 (version 001.02 or 001.08) or CSV: seen by its content"}
_CONTENT = {"application/octet-stream": {"schema": _SCHEMA, "example": "date;amount;currency;text\n2026-11-25;168,80;EUR;Invoice RE-2026-00001\n"}}
_FILE = {"requestBody": {"required": True, "content": _CONTENT}}
_EXAMPLE = {"amount": "168.80", "currency": "EUR", "paid_on": "2026-11-25", "reference": "bank 2026-11-25/1"}


class PaymentWanted(Body):
    """Money that has come."""

    amount: str = Field(max_length=20, description="with a dot", examples=["168.80"])
    currency: str | None = Field(default=None, max_length=3, description="left out: the order's", examples=["EUR"])
    paid_on: str | None = Field(
        default=None, pattern=r"^\d{4}-\d{2}-\d{2}$", description="the day of the money; left out: today", json_schema_extra={"format": "date"}
    )
    reference: str = Field(min_length=1, max_length=200, description="the payment's own, as the bank has it: booked once")
    reason: str | None = Field(default=None, max_length=1000)


class RefundWanted(Body):
    """Money that went back by hand."""

    reference: str = Field(min_length=1, max_length=200, description="the refund's own, as the bank has it: booked once")


async def file_body(request: Request) -> bytes:
    """The whole file."""
    return await read_body(request, limit=LARGEST)


@router.get("/orders/{reference}/payments", operation_id="listPayments", responses=failing(404))
def list_payments(reference: str, shop: ShopHere, caller: Annotated[Caller, Depends(asks("payments.read"))]) -> PaymentsTold:
    """Payments and refunds of an order, oldest first."""
    with shop.store.reading() as work:
        payments = work.payments.of(work.orders.named(reference, store=caller.store).id)
    return PaymentsTold.model_validate({"payments": payments_data(payments)})


@router.post(
    "/orders/{reference}/payments",
    status_code=201,
    operation_id="recordPayment",
    openapi_extra=described(PaymentWanted, _EXAMPLE),
    responses=failing(400, 404, 409, 413, 422) | {200: {"model": BookedTold, "description": "It is booked already: nothing happened."}},
)
def record(
    reference: str, shop: ShopHere, caller: Records, wanted: Annotated[PaymentWanted, Depends(body_of(PaymentWanted))], response: Response
) -> BookedTold:
    """Book a payment by hand, once per reference. The payment event of the order's process happens at once, or when the order has it."""
    paid = Paid(
        amount=wanted.amount,
        currency=wanted.currency,
        paid_on=wanted.paid_on,
        reference=wanted.reference,
        reason=wanted.reason,
    )
    recorded = record_payment(shop.engine, reference, paid, actor=caller.actor, store=caller.store)
    response.status_code = 200 if recorded.repeated else 201
    return BookedTold(
        order=recorded.order,
        reference=recorded.reference,
        amount=format_minor(recorded.amount_minor, recorded.currency),
        currency=recorded.currency,
        paid_on=recorded.paid_on,
        repeated=recorded.repeated,
        status="ignored" if recorded.status == "unread" else recorded.status,  # what somebody says in our own form is always read
        why=recorded.why,
        states=dict(recorded.items),
    )


@router.post(
    "/orders/{reference}/refunds",
    operation_id="recordRefund",
    openapi_extra=described(RefundWanted, {"reference": "bank 2026-11-27/4"}),
    responses=failing(400, 404, 409, 413, 422),
)
def refund(
    reference: str, shop: ShopHere, caller: Records, wanted: Annotated[RefundWanted, Depends(body_of(RefundWanted))], key: Key = None
) -> TriggerTold:
    """Book that what was paid too much went back by hand. An order that waits for that goes on; of any other no item moves."""
    answer = record_refund(shop.engine, reference, wanted.reference, actor=caller.actor, store=caller.store, key=key, roles=caller.acts_as)
    return triggered(answer, caller.store or shop.settings.default_store)


@router.post("/payments/import", operation_id="importPayments", openapi_extra=_FILE, responses=failing(400, 413, 422))
def import_file(
    shop: ShopHere,
    caller: Records,
    content: Annotated[bytes, Depends(file_body)],
    *,
    preview: Annotated[bool, Query(description="Only say what would happen.")] = False,
    delimiter: Annotated[Literal["comma", "semicolon", "tab"] | None, Query(description="Of a CSV file that doesn't show it.")] = None,
    decimal: Annotated[Literal["comma", "dot"] | None, Query(description="Before the cents, in a CSV file that doesn't show it.")] = None,
) -> StatementTold:
    """Book the payments of a bank's statement (CAMT.053 or CSV), an entry each. An entry that was read before, in whatever file, changes nothing."""
    entries = read_statement(content, Writing.named(delimiter=delimiter, decimal=decimal))
    results = import_statement(shop.engine, entries, actor=caller.actor, store=caller.store, preview=preview)
    return StatementTold(preview=preview, entries=[EntryTold.model_validate(each) for each in results])
