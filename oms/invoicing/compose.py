"""Order → invoice: the units to be billed, as a paper says it. The number, the dates and what was paid come from the caller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from oms.errors import Permanent
from oms.invoicing.check import InvoiceWrong, check_invoice
from oms.invoicing.figures import Figures, reckon
from oms.invoicing.model import Invoice, Party, TaxGroup
from oms.invoicing.seller import Seller
from oms.invoicing.shares import LineShares
from oms.invoicing.value import Units
from oms.orders import Order
from oms.orders.terms import parse_terms


def due_date(terms: str | None, issued_on: date) -> date | None:
    """The day by which a document of this date is to be paid; None without terms: at once.

    Raises:
        ValueError: these are no terms.
    """
    return None if terms is None else issued_on + parse_terms(terms)


def compose_invoice(  # noqa: PLR0913 - each is printed; a record of them would be made for this call only
    order: Order,
    shares: LineShares,
    *,
    seller: Seller,
    number: str,
    issued_on: date,
    due_on: date | None,
    supply_on: date | None,
    before: Units,
    take: Units,
    paid_minor: int,
    payable_rounding: bool = False,
) -> Invoice:
    """The invoice over `take`, checked.

    Args:
        order: As it stands now, corrected addresses included.
        shares: As they were allocated when it was placed.
        seller: Who bills.
        number: As it is printed; `PREVIEW` for a look.
        issued_on: In the store's zone.
        due_on: See `due_date`; None is: at once.
        supply_on: When it was delivered; None is: equals issued_on.
        before: Units per line that stand on earlier invoices.
        take: Units per line that this one bills.
        paid_minor: What is paid and not printed as paid by earlier documents of the order (rule 9). No more than what this document asks for is
            printed. Gift cards of the order count when they are booked as payments.
        payable_rounding: Gross prices: reckon the tax on the rounded base, and print the difference to what is paid as BT-114.

    Raises:
        Permanent: a small business would charge tax.
        InvoiceWrong: more would be billed than was ordered, or the invoice breaks one of the rules of `check.py`: a fault of the program.
    """
    _refuse_more_than_was_ordered(order, before=before, take=take)
    figures = reckon(order, shares, before=before, take=take, paid_minor=paid_minor, payable_rounding=payable_rounding)
    _refuse_tax_of_a_small_business(seller, figures.tax_groups)
    invoice = _paper(order, figures, seller=seller, number=number, issued_on=issued_on, due_on=due_on, supply_on=supply_on)
    check_invoice(invoice)
    return invoice


def _paper(order: Order, figures: Figures, *, seller: Seller, number: str, issued_on: date, due_on: date | None, supply_on: date | None) -> Invoice:
    return Invoice(
        kind="invoice",
        store=order.store,
        number=number,
        order_reference=order.reference,
        issued_on=issued_on,
        due_on=due_on,
        supply_on=supply_on,
        locale=order.locale,
        currency=order.currency,
        seller=seller,
        buyer=_buyer(order),
        ship_to=order.shipping_address if order.shipping_address != order.billing_address else None,
        buyer_reference=order.buyer_reference,
        lines=figures.lines,
        allowances=figures.allowances,
        charges=figures.charges,
        tax_groups=figures.tax_groups,
        totals=figures.totals,
        notes=_notes(order, figures.tax_groups),
        prices=order.prices,
        payment_method=order.payment.method,
    )


def _refuse_more_than_was_ordered(order: Order, *, before: Units, take: Units) -> None:
    for line, units in take.items():
        open_units = order.lines[line - 1].units - before.get(line, 0)
        if not 0 <= units <= open_units:
            raise InvoiceWrong(f"Order {order.reference}: line {line} has {open_units} units left to be billed, not {units}, so nothing is issued.")


def _refuse_tax_of_a_small_business(seller: Seller, groups: Sequence[TaxGroup]) -> None:
    if seller.small_business and any(group.rate for group in groups):
        raise Permanent(
            "A small business (config/seller.toml) charges no tax, but the order's items do: place it with tax_category E and its exemption."
        )


def _buyer(order: Order) -> Party:
    address = order.billing_address
    return Party(
        name=address.name,
        extra=address.extra,
        street=address.street,
        postcode=address.postcode,
        city=address.city,
        country=address.country,
        vat_id=order.customer.vat_id,
        email=order.customer.email,
        electronic_address=order.customer.electronic_address,
    )


def _notes(order: Order, groups: Sequence[TaxGroup]) -> tuple[str, ...]:
    """Why no tax is charged, if some of it is not."""
    return (order.exemption.text,) if order.exemption and any(not group.rate for group in groups) else ()
