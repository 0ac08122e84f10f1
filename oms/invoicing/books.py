"""What bookkeeping is told of a document: a row per tax group, credit notes less than nothing. Plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from oms.invoicing.credit import CREDIT_NOTE
from oms.invoicing.model import Invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One tax group of one document."""

    number: str
    kind: str  #: `invoice` or `credit_note`
    store: str
    issued_on: date
    due_on: date | None
    supply_on: date
    order: str
    corrects: str | None  #: the invoice of a credit note
    customer: str
    country: str
    vat_id: str | None
    currency: str
    category: str  #: EN 16931
    rate: Decimal
    base_minor: int  #: negative on a credit note
    tax_minor: int
    payable_minor: int  #: base and tax; the rounding of the document is in that of its first group
    exchange_rate: Decimal | None  #: units of the currency for one of the home currency
    home_currency: str | None


def entries_of(invoice: Invoice) -> Iterator[Entry]:
    """Those of a document. Together they are what it asks for."""
    sign = -1 if invoice.kind == CREDIT_NOTE else 1
    home = invoice.home_tax
    rounding = invoice.totals.rounding_minor
    for group in invoice.tax_groups:
        yield Entry(
            number=invoice.number,
            kind=invoice.kind,
            store=invoice.store,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            supply_on=invoice.supply_on or invoice.issued_on,
            order=invoice.order_reference,
            corrects=invoice.parent.number if invoice.parent else None,
            customer=invoice.buyer.name,
            country=invoice.buyer.country,
            vat_id=invoice.buyer.vat_id,
            currency=invoice.currency,
            category=group.category,
            rate=group.rate,
            base_minor=sign * group.base_minor,
            tax_minor=sign * group.tax_minor,
            payable_minor=sign * (group.base_minor + group.tax_minor + rounding),
            exchange_rate=home.exchange_rate if home else None,
            home_currency=home.currency if home else None,
        )
        rounding = 0
