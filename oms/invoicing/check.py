"""What must hold on every invoice before it may be issued. A breach is a fault of this package: nothing is issued."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import chain

from oms.invoicing.model import Invoice
from oms.invoicing.net import NOTHING, Sums
from oms.invoicing.shares import Group
from oms.money import decimals_of

_LINE_TOLERANCE = 2
"""Minor units between a line and its quantity * printed price."""


class InvoiceWrong(AssertionError):
    """An invoice that contradicts itself. It is never issued."""


def check_invoice(invoice: Invoice, *, beside: Mapping[Group, Sums] | None = None) -> None:
    """Reckon the document again from its own figures.

    Args:
        invoice: Or credit note.
        beside: With what its tax groups sum up: of an invoice, what the order's documents say so far; of a credit note, its invoice.

    Raises:
        InvoiceWrong: with everything that does not hold.
    """
    broken = [rule for rule, holds in chain(_sums(invoice), _groups(invoice, beside or {}), _lines(invoice), _signs(invoice)) if not holds]
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


def _groups(invoice: Invoice, beside: Mapping[Group, Sums]) -> _Rules:
    bases: dict[tuple[str, Decimal], int] = {}
    for line in invoice.lines:
        bases[line.tax_category, line.tax_rate] = bases.get((line.tax_category, line.tax_rate), 0) + line.net_minor
    for sign, amounts in ((-1, invoice.allowances), (1, invoice.charges)):
        for one in amounts:
            bases[one.tax_category, one.tax_rate] = bases.get((one.tax_category, one.tax_rate), 0) + sign * one.amount_minor
    yield "BR-CO-18 tax groups", bases == {(group.category, group.rate): group.base_minor for group in invoice.tax_groups}
    for each in invoice.tax_groups:
        group = Group(each.category, each.rate)
        drift = _drift(each.base_minor, each.tax_minor, each.rate)
        yield f"tax of {each.category} {each.rate} %", abs(drift) <= _most(group, invoice.prices, beside.get(group, NOTHING))


def _drift(base: int, tax: int, rate: Decimal) -> Fraction:
    """How far a tax is from base * rate, in minor units."""
    return tax - base * Fraction(rate) / 100


def _most(group: Group, prices: str, beside: Sums) -> Fraction:
    """How far the tax of a document may be from its base * rate.

    Say drift(X) = tax - base * rate / 100 of documents X together. It adds up: the drift of a part is that of all up to it less that of all before.

    - All up to some point have their tax rounded once, on their base or, with gross prices, on their amount: then the base, amount - tax, is off by
      the same in the other direction. So |drift| <= h, with h = 1/2 on the base and h = (1 + rate / 100) / 2 on the amount.
    - An invoice is reckoned up to it, its drift is at most h + |drift(before)|. Before it at most h, as well; more only where invoices were cancelled
      to be billed anew, for what remains of several parts drifts with each of them.
    - The credits of an invoice together are rounded like that, too, or are held within the invoice (`credit.py`): then their drift lies between the
      rounded one's and drift(invoice). The last takes the rest, so that all of them have drift(invoice). Two such points are at most
      h + max(h, |drift(invoice)|) apart. At 19 % on gross prices that is 1.19 cents; 1.79 where the invoice is a part itself.

    BR-CO-17 as the official rules test it lets a tax be nearly one whole unit of the currency off.
    """
    half = Fraction(1, 2) * (1 + Fraction(group.rate) / 100 if prices == "gross" else 1)
    return half + max(half, abs(_drift(beside.base_minor, beside.tax_minor, group.rate)))


def _lines(invoice: Invoice) -> _Rules:
    scale = 10 ** decimals_of(invoice.currency)
    for index, line in enumerate(invoice.lines, start=1):
        yield f"quantity * price of line {index}", abs(line.quantity * Fraction(line.unit_price) * scale - line.net_minor) <= _LINE_TOLERANCE


def _signs(invoice: Invoice) -> _Rules:
    yield "no line changes its sign", all(line.net_minor * line.quantity >= 0 for line in invoice.lines)
    yield "no amount is negative", all(one.amount_minor >= 0 for one in (*invoice.allowances, *invoice.charges))
