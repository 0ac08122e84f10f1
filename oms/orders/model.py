"""An order as it was placed, frozen. What stands here was checked by `document.py`: every such order can be billed.

Amounts are minor units of the order's currency and hold the tax or not as `Order.prices` says. Lines are counted from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who buys."""

    name: str
    email: str | None  #: None: nothing is mailed to them
    vat_id: str | None
    electronic_address: str | None = None  #: for e-invoices: `SCHEME:ADDRESS`, such as `0204:991-12345-06`


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a paper or a parcel goes."""

    name: str
    extra: str | None  #: a second line: company, department, floor
    street: str
    postcode: str
    city: str
    country: str  #: ISO 3166, two letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something chosen with an item, once per unit. It adds to the item's price, or is a line of its own when its tax differs."""

    name: str
    price_minor: int
    tax_rate: Decimal
    tax_category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Items sold together at one price."""

    id: str  #: the items that name it belong together
    name: str
    price_minor: int  #: of all its items as they are ordered here, not of one set; their options come on top


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """What was ordered: so many of one thing."""

    sku: str
    name: str
    quantity: int  #: whole; negative only on a return
    unit_price_minor: int
    tax_rate: Decimal  #: percent
    tax_category: str  #: EN 16931: S, Z, E, K, AE, G, O
    discount_minor: int  #: off the whole line, 0 or more
    options: tuple[Option, ...]
    unit: str | None
    bundle: Bundle | None
    group: str | None  #: parcel, seller
    ref: str | None  #: the shop's own name for the line
    return_of: str | None  #: what is taken back: an order or invoice
    data: Mapping[str, object]  #: verbatim

    @property
    def units(self) -> int:
        """How many can move and be billed: the quantity without its sign."""
        return abs(self.quantity)

    @property
    def own_options(self) -> tuple[Option, ...]:
        """The options that are lines of their own."""
        return tuple(option for option in self.options if not self._same_tax(option))

    @property
    def included_options(self) -> tuple[Option, ...]:
        """The options whose price is part of the item's."""
        return tuple(option for option in self.options if self._same_tax(option))

    @property
    def item_minor(self) -> int:
        """The item with the options included, before its discount; in a bundle the options only. Without the sign of a return."""
        price = 0 if self.bundle else self.unit_price_minor
        return self.units * (price + sum(option.price_minor for option in self.included_options))

    def _same_tax(self, option: Option) -> bool:
        return (option.tax_category, option.tax_rate) == (self.tax_category, self.tax_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """What sending costs."""

    name: str | None
    price_minor: int
    tax: str  #: `by_value`: as the goods', in proportion; `main_rate`: as most of the goods; `fixed`: `tax_rate`
    tax_rate: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A voucher or rebate on the goods of the whole order."""

    name: str | None
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms:
    """How the customer will pay."""

    method: str | None
    terms: str | None  #: `14d` after the invoice's date; None: at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepayment:
    """Money that came with the order, such as a gift card: a payment, no discount."""

    method: str
    amount_minor: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Why no tax is charged; printed."""

    code: str | None  #: VATEX
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order document, complete."""

    reference: str
    store: str
    process: str | None
    locale: str
    currency: str
    prices: str  #: `gross`: amounts hold the tax; `net`: they don't
    customer: Customer
    billing_address: Address
    shipping_address: Address | None  #: None: the billing address
    lines: tuple[OrderLine, ...]
    shipping: Shipping | None
    discounts: tuple[Discount, ...]
    payment: PaymentTerms
    payments: tuple[Prepayment, ...]
    delivery_date: date | None
    buyer_reference: str | None
    exemption: Exemption | None
    comment: str | None
    data: Mapping[str, object]  #: verbatim
    home_currency: str | None = None  #: the store's, in which the tax is owed; None: it is the order's own
    exchange_rate: Decimal | None = None  #: units of the order's currency for one of the home currency


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDefaults:
    """What a store says where a document is silent."""

    store: str
    locale: str
    currency: str
    prices: str  #: `gross` or `net`
    terms: str | None  #: such as `14d`
    process_of: Callable[[str | None], str | None]  #: payment method to the name of a process

    @classmethod
    def that_gave(cls, order: Order) -> Self:
        """Those under which this order was read: its document, read with them again, is this order."""
        return cls(
            store=order.store,
            locale=order.locale,
            currency=order.home_currency or order.currency,
            prices=order.prices,
            terms=order.payment.terms,
            process_of=lambda _method: order.process,
        )
