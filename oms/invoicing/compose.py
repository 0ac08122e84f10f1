"""Order → invoice: the units to be billed, as a paper says it. The number, the dates and what was paid come from the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from oms.errors import Permanent
from oms.invoicing.check import InvoiceWrong, check_invoice
from oms.invoicing.documented import Documented, carried_on, sums_on
from oms.invoicing.exemptions import exemption_of
from oms.invoicing.figures import Figures, home_tax_of, order_line, reckon
from oms.invoicing.model import HomeTax, Invoice, Party, TaxGroup
from oms.invoicing.net import Names, Sums, document_parts
from oms.invoicing.seller import Seller
from oms.invoicing.shares import Group, LineShares
from oms.invoicing.value import Units
from oms.orders import Address, Order
from oms.orders.agreement import UNTAXED_WITH_REASON
from oms.orders.terms import parse_terms

INVOICE = "invoice"
"""The kind of paper that bills."""

_NEED_VAT_ID = frozenset({"K", "AE", "G"})


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
    before: Documented,
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
        before: What earlier invoices say.
        take: Units per line that this one bills.
        paid_minor: What is paid beyond what earlier documents of the order ask for (rule 9). No more than what this document asks for is
            printed. Gift cards of the order count when they are booked as payments.
        payable_rounding: Gross prices: reckon the tax on the rounded base, and print the difference to what is paid as BT-114.

    Raises:
        Permanent: a small business would charge tax, or a seller without VAT id bills what only one with a VAT id can.
        InvoiceWrong: more would be billed than was ordered, or the invoice breaks one of the rules of `check.py`: a fault of the program.
    """
    _refuse_more_than_was_ordered(order, before=before.units, take=take)
    refuse_an_incomplete_address(order)
    carried = carried_on(order, shares, before, take)
    sums = sums_on(carried, before, prices=order.prices, payable_rounding=payable_rounding)
    figures = reckon(
        document_parts(carried, _names(order)),
        sums,
        prices=order.prices,
        paid_minor=paid_minor,
        line_of=lambda part, net: order_line(order, part, net, units=take[part.line]),
        group_of=lambda group, each: _tax_group(order, group, each),
    )
    refuse_what_the_seller_may_not(seller, figures.tax_groups)
    paper = _paper(order, figures, seller=seller, number=number, issued_on=issued_on, due_on=due_on, supply_on=supply_on)
    partial = any(take.get(number, 0) < line.units for number, line in enumerate(order.lines, start=1))
    invoice = replace(paper, carried=tuple(carried), home_tax=_home_tax(order, figures, before), partial=partial)
    check_invoice(invoice, beside=before.sums)
    return invoice


def refuse_what_the_seller_may_not(seller: Seller, groups: Sequence[TaxGroup]) -> None:
    """A small business charges no tax; what is untaxed because of who buys it needs a VAT id (EN 16931 BR-IC-02, BR-G-02, BR-AE-02).

    Raises:
        Permanent: with what to mend.
    """
    if seller.small_business and any(group.rate for group in groups):
        raise Permanent(
            "A small business (config/seller.toml) charges no tax, but the order's items do: place it with tax_category E and its exemption."
        )
    needy = [group.category for group in groups if group.category in _NEED_VAT_ID]
    if needy and not seller.vat_id:
        raise Permanent(f"Tax category {', '.join(needy)} is for sellers with a VAT id: config/seller.toml lacks vat_id, so nothing is issued.")


def refuse_an_incomplete_address(order: Order) -> None:
    """The law wants to know who bought. An order document without it is refused when it is placed; this is the last look.

    Raises:
        Permanent: with what is missing, and how to mend it.
    """
    address = order.billing_address
    missing = [name for name in ("name", "street", "postcode", "city", "country") if not getattr(address, name).strip()]
    if missing:
        lacks = ", ".join(missing)
        raise Permanent(f"The billing address of order {order.reference} lacks {lacks}, so nothing is issued. Mend it: oms order correct.")


def buyer_of(order: Order) -> Party:
    """Who is billed, as it stands now."""
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


def ship_to_of(order: Order) -> Address | None:
    """Where it goes, if that is not where it is billed."""
    return order.shipping_address if order.shipping_address != order.billing_address else None


def _paper(order: Order, figures: Figures, *, seller: Seller, number: str, issued_on: date, due_on: date | None, supply_on: date | None) -> Invoice:
    return Invoice(
        kind=INVOICE,
        store=order.store,
        number=number,
        order_reference=order.reference,
        issued_on=issued_on,
        due_on=due_on,
        supply_on=supply_on,
        locale=order.locale,
        currency=order.currency,
        seller=seller,
        buyer=buyer_of(order),
        ship_to=ship_to_of(order),
        buyer_reference=order.buyer_reference,
        lines=figures.lines,
        allowances=figures.allowances,
        charges=figures.charges,
        tax_groups=figures.tax_groups,
        totals=figures.totals,
        notes=(),
        prices=order.prices,
        payment_method=order.payment.method,
    )


def _names(order: Order) -> Names:
    return Names([(discount.name, discount.amount_minor) for discount in order.discounts], order.shipping.name if order.shipping else None)


def _tax_group(order: Order, group: Group, sums: Sums) -> TaxGroup:
    code, text = _exemption(order, group.category) if group.category in UNTAXED_WITH_REASON else (None, None)
    return TaxGroup(
        category=group.category, rate=group.rate, base_minor=sums.base_minor, tax_minor=sums.tax_minor, exemption_code=code, exemption_text=text
    )


def _exemption(order: Order, category: str) -> tuple[str | None, str | None]:
    """Why no tax is charged: what the order says, unless that is the reason of another category; else what is usual."""
    usual, said = exemption_of(category, order.locale), order.exemption
    of_another = said is not None and said.code is not None and usual is not None and said.code != usual[0] and category != "E"
    if said is not None and not of_another:
        return said.code or (usual[0] if usual else None), said.text
    return usual or (None, None)


def _home_tax(order: Order, figures: Figures, before: Documented) -> HomeTax | None:
    if order.home_currency is None or order.exchange_rate is None:
        return None
    earlier = sum(sums.tax_minor for sums in before.sums.values())
    return home_tax_of(figures.totals.tax_minor, earlier, currency=order.currency, home=order.home_currency, exchange_rate=order.exchange_rate)


def _refuse_more_than_was_ordered(order: Order, *, before: Units, take: Units) -> None:
    for line, units in take.items():
        open_units = order.lines[line - 1].units - before.get(line, 0)
        if not 0 <= units <= open_units:
            raise InvoiceWrong(f"Order {order.reference}: line {line} has {open_units} units left to be billed, not {units}, so nothing is issued.")
