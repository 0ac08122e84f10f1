"""The order document: JSON → Order, with every fault at its place. What is accepted here can be stored, billed and printed.

Unknown keys are refused. Money and rates are texts, so that no float comes near them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from babel import Locale, UnknownLocaleError

from oms.errors import InvalidOrder, NotFound, Problem
from oms.money import is_currency
from oms.orders.agreement import disagreements
from oms.orders.lines import read_lines
from oms.orders.model import Discount, Exemption, Order, OrderDefaults, PaymentTerms, Prepayment, Shipping
from oms.orders.parties import read_address, read_customer
from oms.orders.raw import check_raw, load_json, too_long
from oms.orders.section import WORD_LIMIT, Section, kind_of
from oms.orders.terms import parse_terms
from oms.orders.vatex import unknown_code
from oms.orders.wording import shown

PRICES = ("gross", "net")
SHIPPING_TAXES = ("by_value", "main_rate", "fixed")
DISCOUNTS = 20
PREPAYMENTS = 20
COMMENT_LIMIT = 2_000

Defaults = Callable[[str | None], OrderDefaults]
"""A store's defaults; None asks for the first store. Raises NotFound for one that does not exist."""


def parse_order_text(text: str | bytes, *, defaults: Defaults) -> Order:
    """The order of a JSON text, as it comes from a file or over the wire.

    Raises:
        InvalidOrder: with all problems that were found.
    """
    return parse_order(load_json(text), defaults=defaults)


def parse_order(document: object, *, defaults: Defaults) -> Order:
    """The order of a document that was read from JSON.

    Raises:
        InvalidOrder: with all problems that were found, each with its JSON pointer.
    """
    check_raw(document)
    if not isinstance(document, Mapping):
        raise InvalidOrder([Problem("", f"An order document is an object {{…}}, found {kind_of(document)}.")])
    problems: list[Problem] = []
    section = Section(document, "", problems)
    order = _read_order(section, _defaults(section, defaults))
    section.close()
    problems += [] if problems else [*too_long(document), *disagreements(order)]
    if problems:
        raise InvalidOrder(problems)
    return order


def _defaults(section: Section, defaults: Defaults) -> OrderDefaults:
    name = section.optional_text("store", limit=WORD_LIMIT)
    try:
        return defaults(name)
    except NotFound as error:
        section.fault("store", str(error))
        return OrderDefaults(store="", locale="en", currency="EUR", prices="gross", terms=None, process_of=lambda _method: None)


def _read_order(section: Section, defaults: OrderDefaults) -> Order:
    currency, exchange_rate = _currency(section, defaults)
    payment = _read_payment(section.section("payment"), defaults)
    return Order(
        reference=_reference(section),
        store=defaults.store,
        process=section.optional_text("process", limit=WORD_LIMIT) or defaults.process_of(payment.method),
        locale=_locale(section, defaults),
        currency=currency,
        prices=section.choice("prices", PRICES, default=defaults.prices),
        customer=read_customer(section),
        billing_address=read_address(
            section.required_section("billing_address", '{"name": …, "street": …, "postcode": …, "city": …, "country": "DE"}')
        ),
        shipping_address=read_address(address) if (address := section.section("shipping_address")) else None,
        lines=read_lines(section, currency),
        shipping=_read_shipping(section.section("shipping"), currency),
        discounts=tuple(_read_discount(discount, currency) for discount in section.sections("discounts", most=DISCOUNTS)),
        payment=payment,
        payments=tuple(_read_prepayment(gift, currency) for gift in section.sections("payments", most=PREPAYMENTS)),
        delivery_date=section.day("delivery_date"),
        buyer_reference=section.optional_text("buyer_reference"),
        exemption=_read_exemption(section.section("exemption")),
        comment=section.optional_text("comment", limit=COMMENT_LIMIT, lines=True),
        data=section.data("data"),
        home_currency=None if exchange_rate is None else defaults.currency,
        exchange_rate=exchange_rate,
    )


def _reference(section: Section) -> str:
    reference = section.text("reference", "A-1001", limit=WORD_LIMIT)
    if reference.startswith("-") or "/" in reference or any(character.isspace() for character in reference):
        section.fault("reference", f'has blanks or slashes or begins with "-": {shown(reference)} could not stand in an address or a command.')
    return reference


def _currency(section: Section, defaults: OrderDefaults) -> tuple[str, Decimal | None]:
    """The order's currency; for one that is not the store's, what one unit of the store's costs in it."""
    value, rate = section.get("currency"), section.exchange_rate("exchange_rate")
    if value is None or value == defaults.currency:
        if rate is not None:
            section.fault("exchange_rate", f"goes with another currency than the store's, {defaults.currency}: leave it out, or name one.")
        return defaults.currency, None
    if not isinstance(value, str) or not is_currency(value):
        section.fault("currency", f'{shown(value)} is no currency of ISO 4217: write three capital letters, like "EUR".')
        return defaults.currency, None
    if rate is None:
        example = f'"exchange_rate": "1.0832" is: one {defaults.currency} costs 1.0832 {value}'
        section.fault("exchange_rate", f"is missing: an invoice in {value} says its tax in {defaults.currency}, too; {example}.")
    return value, rate


def _locale(section: Section, defaults: OrderDefaults) -> str:
    value = section.optional_text("locale", limit=WORD_LIMIT)
    if value is None:
        return defaults.locale
    try:
        return str(Locale.parse(value.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        section.fault("locale", f'{shown(value)} is no known language: write it like "de" or "de_AT".')
        return defaults.locale


def _read_shipping(section: Section | None, currency: str) -> Shipping | None:
    if section is None:
        return None
    tax = section.choice("tax", SHIPPING_TAXES, default="by_value")
    rate = section.rate("tax_rate", required=tax == "fixed")
    if rate is not None and tax != "fixed":
        section.fault("tax_rate", 'goes with "tax": "fixed" only: otherwise the rates are those of the goods.')
    shipping = Shipping(name=section.optional_text("name"), price_minor=section.amount("price", currency), tax=tax, tax_rate=rate)
    section.close()
    return shipping


def _read_discount(section: Section, currency: str) -> Discount:
    discount = Discount(name=section.optional_text("name"), amount_minor=section.amount("amount", currency))
    section.close()
    return discount


def _read_payment(section: Section | None, defaults: OrderDefaults) -> PaymentTerms:
    if section is None:
        return PaymentTerms(method=None, terms=defaults.terms)
    terms = section.optional_text("terms", limit=WORD_LIMIT)
    try:
        parse_terms(terms or "0d")
    except ValueError as error:
        section.fault("terms", f"{error} Found {shown(terms)}.")
    payment = PaymentTerms(method=section.optional_text("method", limit=WORD_LIMIT), terms=terms or defaults.terms)
    section.close()
    return payment


def _read_prepayment(section: Section, currency: str) -> Prepayment:
    prepayment = Prepayment(
        method=section.text("method", "gift_card", limit=WORD_LIMIT),
        amount_minor=section.amount("amount", currency),
        reference=section.text("reference", "GC-7", limit=WORD_LIMIT),
    )
    section.close()
    return prepayment


def _read_exemption(section: Section | None) -> Exemption | None:
    if section is None:
        return None
    exemption = Exemption(code=section.optional_text("code", limit=WORD_LIMIT), text=section.text("text", "Tax-free intra-EU delivery", limit=500))
    if exemption.code is not None and (fault := unknown_code(exemption.code)):
        section.fault("code", fault)
    section.close()
    return exemption
