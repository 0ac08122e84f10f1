"""Invoice → credit note: the whole of it, units, or an amount, as a paper says it. It never takes more back than was billed (rule 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from oms.errors import Permanent
from oms.invoicing.check import InvoiceWrong, check_invoice
from oms.invoicing.compose import buyer_of, refuse_an_incomplete_address, refuse_what_the_seller_may_not, ship_to_of
from oms.invoicing.documented import sums_by_group
from oms.invoicing.figures import Figures, home_tax_of, price_of, reckon
from oms.invoicing.model import Carried, HomeTax, Invoice, InvoiceLine, Reference, Totals
from oms.invoicing.net import NOTHING, Names, Part, Sums, amounts_by_group, document_parts, sums_of
from oms.invoicing.rest import Rest, Wanted, between, rest_of, taken
from oms.invoicing.seller import Seller
from oms.invoicing.shares import Group
from oms.invoicing.value import tax_minor
from oms.money import decimals_of, round_half_up
from oms.orders import Order

CREDIT_NOTE = "credit_note"
"""The kind of paper that takes an invoice back."""

_SHIPPING: Mapping[str, str] = MappingProxyType({"de": "Versand", "en": "Shipping", "fr": "Livraison"})
"""How shipping is called that has no name, and is the only thing on a paper."""


def compose_credit(
    invoice: Invoice, earlier: Sequence[Invoice], *, wanted: Wanted, order: Order, seller: Seller, number: str, issued_on: date, reason: str | None
) -> Invoice:
    """The credit note over what is wanted, checked.

    Args:
        invoice: What is corrected.
        earlier: Its credit notes so far.
        wanted: How much of it.
        order: As it stands now, corrected addresses included.
        seller: Who bills, as of now. Whether tax is charged, and under which VAT id, is said by the invoice: what it charged is taken back.
        number: As it is printed.
        issued_on: In the store's zone.
        reason: Printed.

    Raises:
        Permanent: more is wanted than is left, or the paper is no invoice.
        InvoiceWrong: it breaks one of the rules of `check.py`: a fault of the program.
    """
    if invoice.kind == CREDIT_NOTE or not invoice.carried:
        why = "is a credit note itself" if invoice.kind == CREDIT_NOTE else "was issued by an oms that did not know credit notes"
        raise Permanent(f"{invoice.number} {why}: it can't be credited.")
    seller = replace(seller, small_business=invoice.seller.small_business, vat_id=seller.vat_id or invoice.seller.vat_id)
    rests = rest_of(invoice, earlier)
    carried = taken(invoice, rests, wanted)
    if not earlier and wanted.is_everything:
        payable = invoice.totals.gross_minor + invoice.totals.rounding_minor
        paper = replace(invoice, totals=replace(invoice.totals, paid_minor=0, due_minor=payable))
    else:
        paper = _with(invoice, _figures(invoice, earlier, carried, rests=rests, wanted=wanted, reason=reason))
        paper = replace(paper, carried=tuple(carried), home_tax=_home_tax(invoice, earlier, paper.totals))
    credit = replace(
        paper,
        kind=CREDIT_NOTE,
        number=number,
        issued_on=issued_on,
        due_on=None,
        supply_on=invoice.supply_on or invoice.issued_on,
        seller=seller,
        buyer=buyer_of(order),
        ship_to=ship_to_of(order),
        parent=Reference(number=invoice.number, issued_on=invoice.issued_on),
        reason=reason,
        partial=False,
    )
    refuse_an_incomplete_address(order)
    refuse_what_the_seller_may_not(seller, credit.tax_groups)
    check_invoice(credit, beside=sums_by_group(invoice))
    _check_rest(credit, rests)
    return credit


def _with(invoice: Invoice, figures: Figures) -> Invoice:
    return replace(
        invoice,
        lines=figures.lines,
        allowances=figures.allowances,
        charges=figures.charges,
        tax_groups=figures.tax_groups,
        totals=figures.totals,
    )


def _figures(
    invoice: Invoice, earlier: Sequence[Invoice], carried: Sequence[Carried], *, rests: Sequence[Rest], wanted: Wanted, reason: str | None
) -> Figures:
    parts = _parts(invoice, carried, as_a_whole=0 in (wanted.amounts or {}), reason=reason)
    billed = {Group(group.category, group.rate): group for group in invoice.tax_groups}
    sums = _sums(invoice, earlier, carried, rests)
    printed = iter(invoice.lines)
    lines = {index: next(printed) for index, share in enumerate(invoice.carried) if share.kind in {"item", "option"}}
    return reckon(
        parts,
        {group: sums[group] for group in dict.fromkeys(part.group for part in parts)},
        prices=invoice.prices,
        paid_minor=0,
        line_of=lambda part, net: _line(invoice, lines.get(part.index), part, net, units=carried[part.index].units, reason=reason),
        group_of=lambda group, each: replace(billed[group], base_minor=each.base_minor, tax_minor=each.tax_minor),
    )


def _parts(invoice: Invoice, carried: Sequence[Carried], *, as_a_whole: bool, reason: str | None) -> list[Part]:
    """What is printed: as on the invoice. An amount of the whole is a line per tax group, and so is shipping that stands alone."""
    sizes: dict[str | None, int] = {}
    for allowance in invoice.allowances:
        sizes[allowance.name] = sizes.get(allowance.name, 0) + allowance.amount_minor
    name = next((charge.name for charge in invoice.charges), None)
    parts = document_parts(carried, Names(list(sizes.items()), name))
    if as_a_whole:
        groups = amounts_by_group(carried)
        return [Part("extra", group, minor, index=-1, name=reason) for group, minor in groups.items() if minor]
    if not any(part.is_line for part in parts):
        name = name or _SHIPPING.get(invoice.locale[:2], _SHIPPING["en"])
        return [replace(part, kind="extra", index=-1, name=name) for part in parts]
    return parts


def _sums(invoice: Invoice, earlier: Sequence[Invoice], carried: Sequence[Carried], rests: Sequence[Rest]) -> dict[Group, Sums]:
    """Base and tax of each group: of all credits together, less those of before. Once all of a group is credited, it is the invoice's own."""
    amounts = amounts_by_group(carried)
    whole = dict.fromkeys(amounts, NOTHING) | sums_by_group(invoice)  # where rounding leaves nothing of a group, nothing of it is printed
    done = dict.fromkeys(whole, NOTHING)
    for credit in earlier:
        for group, each in sums_by_group(credit).items():
            done[group] += each
    left = {rest.group for rest, share in zip(rests, carried, strict=True) if rest.minor != share.minor}
    mixed = {rest.group for rest in rests if rest.of.minor < 0}
    rounding = any(each.payable_minor != each.base_minor + each.tax_minor for each in whole.values())
    sums: dict[Group, Sums] = {}
    for group, amount in amounts.items():
        end = whole[group]
        if group in left:
            so_far = done[group].payable_minor if invoice.prices == "gross" else done[group].base_minor
            end = sums_of(invoice.prices, so_far + amount, group, payable_rounding=rounding)
            if group not in mixed:
                end = _within(whole[group], end, group, prices=invoice.prices, rounding=rounding)
        sums[group] = end - done[group]
    return sums


def _within(whole: Sums, end: Sums, group: Group, *, prices: str, rounding: bool) -> Sums:
    """Neither more tax than was billed nor a higher base, where rounding would credit more of one: the last credit gives, it takes nothing back.

    An invoice that is a part of its order has its base and tax by difference, so they may be a unit off what is reckoned on its own amount.
    """
    if prices == "net":
        tax = between(end.tax_minor, 0, whole.tax_minor)
        return Sums(end.base_minor, tax, end.base_minor + tax)
    if rounding:
        base = between(end.base_minor, 0, whole.base_minor)
        return Sums(base, between(tax_minor("net", base, group.rate), 0, whole.tax_minor), end.payable_minor)
    least, most = max(end.payable_minor - whole.base_minor, 0), min(whole.tax_minor, end.payable_minor)
    tax = between(end.tax_minor, least, most)
    return Sums(end.payable_minor - tax, tax, end.payable_minor)


def _line(invoice: Invoice, billed: InvoiceLine | None, part: Part, net: int, *, units: int, reason: str | None) -> InvoiceLine:
    if billed is None or not units:
        price = price_of(Fraction(net), invoice.currency, units=1)
        return InvoiceLine(
            line=part.line,
            name=billed.name if billed else part.name or invoice.number,
            sku=billed.sku if billed else None,
            note=reason if billed else None,
            quantity=1,
            unit=None,
            unit_price=price,
            discount_minor=0,
            tax_rate=part.group.rate,
            tax_category=part.group.category,
            net_minor=net,
            place=billed.place if billed else "",
        )
    quantity = units if billed.quantity > 0 else -units
    scale = 10 ** decimals_of(invoice.currency)
    fits = abs(round_half_up(quantity * Fraction(billed.unit_price) * scale) - net) <= 1
    price = billed.unit_price if fits else price_of(Fraction(net, quantity), invoice.currency, units=units)
    discount = abs(round_half_up(Fraction(billed.discount_minor * quantity, billed.quantity)))
    return replace(billed, quantity=quantity, unit_price=price, discount_minor=discount, net_minor=net)


def _home_tax(invoice: Invoice, earlier: Sequence[Invoice], totals: Totals) -> HomeTax | None:
    """In the seller's currency, at the rate of the invoice; the last credit takes the rest."""
    home = invoice.home_tax
    if home is None:
        return None
    done = sum(credit.totals.tax_minor for credit in earlier)
    if done + totals.tax_minor == invoice.totals.tax_minor:
        return replace(home, tax_minor=home.tax_minor - sum(credit.home_tax.tax_minor for credit in earlier if credit.home_tax))
    return home_tax_of(totals.tax_minor, done, currency=invoice.currency, home=home.currency, exchange_rate=home.exchange_rate)


def _check_rest(credit: Invoice, rests: Sequence[Rest]) -> None:
    """No credit takes more than is left (asserted, rule 7)."""
    for share, rest in zip(credit.carried, rests, strict=True):
        if between(share.minor, 0, rest.minor) != share.minor or not 0 <= share.units <= rest.units:
            raise InvoiceWrong(f"Credit note {credit.number} would take more of line {share.line} than is left, so it is not issued.")
