"""What must hold on every invoice before it may be issued. A breach is a fault of this package: nothing is issued."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import chain

from oms.invoicing.model import Invoice, TaxGroup
from oms.money import decimals_of, round_half_up

_LINE_TOLERANCE = 2
"""Minor units between a line and its quantity * printed price."""

_STEEP_RATE = 50
"""From this rate on, base and tax of a part, each rounded once, can be two units apart. The last credit, which takes the rest, is one further."""


class InvoiceWrong(AssertionError):
    """An invoice that contradicts itself. It is never issued."""


def check_invoice(invoice: Invoice) -> None:
    """Reckon the document again from its own figures.

    Raises:
        InvoiceWrong: with everything that does not hold.
    """
    broken = [rule for rule, holds in chain(_sums(invoice), _groups(invoice), _lines(invoice), _signs(invoice)) if not holds]
    if broken:
        raise InvoiceWrong(f"Invoice {invoice.number} of order {invoice.order_reference} would be wrong, so it is not issued: {', '.join(broken)}.")


_Rules = Iterator[tuple[str, bool]]


def _sums(invoice: Invoice) -> _Rules:
    totals = invoice.totals
    yield "BR-16 at least one line", bool(invoice.lines)
    yield "BR-CO-10 sum of lines", totals.lines_minor == sum(line.net_minor for line in invoice.lines)
    yield "BR-CO-11 sum of allowances", totals.allowances_minor == sum(one.amount_minor for one in invoice.allowances)
    yield "BR-CO-12 sum of charges", totals.charges_minor == sum(one.amount_minor for one in invoice.charges)
    yield "BR-CO-13 net", totals.net_minor == totals.lines_minor - totals.allowances_minor + totals.charges_minor
    yield "BR-CO-14 tax", totals.tax_minor == sum(group.tax_minor for group in invoice.tax_groups)
    yield "BR-CO-15 gross", totals.gross_minor == totals.net_minor + totals.tax_minor
    yield "BR-CO-16 due", totals.due_minor == totals.gross_minor - totals.paid_minor + totals.rounding_minor
    payable = totals.gross_minor + totals.rounding_minor
    yield "paid is at most what is asked for", 0 <= totals.paid_minor <= max(payable, 0)


def _groups(invoice: Invoice) -> _Rules:
    bases: dict[tuple[str, Decimal], int] = {}
    for line in invoice.lines:
        bases[line.tax_category, line.tax_rate] = bases.get((line.tax_category, line.tax_rate), 0) + line.net_minor
    for sign, amounts in ((-1, invoice.allowances), (1, invoice.charges)):
        for one in amounts:
            bases[one.tax_category, one.tax_rate] = bases.get((one.tax_category, one.tax_rate), 0) + sign * one.amount_minor
    yield "BR-CO-18 tax groups", bases == {(group.category, group.rate): group.base_minor for group in invoice.tax_groups}
    tolerance = 1 + (invoice.kind != "invoice")
    for group in invoice.tax_groups:
        yield f"tax of {group.category} {group.rate} %", abs(group.tax_minor - _tax_on(group)) <= tolerance + (group.rate >= _STEEP_RATE)


def _tax_on(group: TaxGroup) -> int:
    return round_half_up(group.base_minor * Fraction(group.rate) / 100)


def _lines(invoice: Invoice) -> _Rules:
    scale = 10 ** decimals_of(invoice.currency)
    for index, line in enumerate(invoice.lines, start=1):
        yield f"quantity * price of line {index}", abs(line.quantity * Fraction(line.unit_price) * scale - line.net_minor) <= _LINE_TOLERANCE


def _signs(invoice: Invoice) -> _Rules:
    yield "no line changes its sign", all(line.net_minor * line.quantity >= 0 for line in invoice.lines)
    yield "no amount is negative", all(one.amount_minor >= 0 for one in (*invoice.allowances, *invoice.charges))
