"""The snapshot of an invoice: everything that is printed, frozen. Field names are the keys of the snapshot's text, and so of the templates.

Amounts are minor units, without tax unless said otherwise. BT numbers are those of EN 16931.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from oms.invoicing.seller import Seller
from oms.orders import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who is billed."""

    name: str
    extra: str | None
    street: str
    postcode: str
    city: str
    country: str
    vat_id: str | None
    email: str | None = None  #: BT-58
    electronic_address: str | None = None  #: BT-49, `SCHEME:ADDRESS` such as `0204:991-12345-06`


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Another paper."""

    number: str  #: BT-25
    issued_on: date  #: BT-26


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One line of the paper. quantity * unit_price = net_minor, but for rounding."""

    line: int  #: the order's line; an option that is a line of its own has its item's
    name: str
    sku: str | None
    note: str | None
    quantity: int  #: BT-129; negative on returns
    unit: str | None
    unit_price: Decimal  #: BT-146, major units, the line's discount taken off
    discount_minor: int  #: what was taken off
    tax_rate: Decimal
    tax_category: str
    net_minor: int  #: BT-131
    place: str = ""  #: BT-126, printed: the order's line, `2.1` its first option that stands apart; empty: counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A discount or surcharge on the whole document, in one tax group."""

    name: str | None
    amount_minor: int  #: BT-92 or BT-99, 0 or more
    tax_rate: Decimal
    tax_category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """What is taxed together."""

    category: str
    rate: Decimal
    base_minor: int  #: BT-116
    tax_minor: int  #: BT-117
    exemption_code: str | None = None  #: BT-121, VATEX
    exemption_text: str | None = None  #: BT-120


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums."""

    lines_minor: int  #: BT-106
    allowances_minor: int  #: BT-107
    charges_minor: int  #: BT-108
    net_minor: int  #: BT-109
    tax_minor: int  #: BT-110
    gross_minor: int  #: BT-112
    paid_minor: int  #: BT-113, frozen (rule 9)
    rounding_minor: int  #: BT-114
    due_minor: int  #: BT-115


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeTax:
    """The tax of a document in a foreign currency, as the seller owes it (VAT directive, Art. 230)."""

    currency: str  #: BT-6
    exchange_rate: Decimal  #: units of the document's currency for one of this
    tax_minor: int  #: BT-111, in this currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a document says of one amount of an order line, for credits and parts that come after it. Not printed."""

    line: int  #: the order's line; 0: an amount on the whole document
    units: int  #: of the line that stand on this document
    kind: str  #: `item`, `option`, `discount` (is taken off), `shipping`
    category: str
    rate: Decimal
    minor: int  #: with or without tax as `Invoice.prices` says; negative on returns


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """A document as it is issued: an invoice, or the credit note that takes (a part of) one back. A credit note's amounts are positive, too."""

    kind: str  #: `invoice` or `credit_note`
    store: str
    number: str
    order_reference: str
    issued_on: date
    due_on: date | None  #: None: at once
    supply_on: date | None  #: None: equals issued_on
    locale: str
    currency: str
    seller: Seller
    buyer: Party
    ship_to: Address | None  #: None: the buyer's address
    buyer_reference: str | None
    lines: tuple[InvoiceLine, ...]
    allowances: tuple[Amount, ...]
    charges: tuple[Amount, ...]
    tax_groups: tuple[TaxGroup, ...]
    totals: Totals
    notes: tuple[str, ...]  #: what the seller wants said on it; of before: why no tax is charged
    prices: str = "gross"  #: of the order: whether `carried` holds the tax
    payment_method: str | None = None  #: of the order, such as `prepayment`
    parent: Reference | None = None  #: of a credit note: the invoice that it corrects (BG-3)
    reason: str | None = None  #: of a credit note: why
    home_tax: HomeTax | None = None  #: of a document in a foreign currency
    carried: tuple[Carried, ...] = ()
    partial: bool = False  #: of an invoice: it bills fewer units than the order has
