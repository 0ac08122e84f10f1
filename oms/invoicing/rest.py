"""What of an invoice can still be credited, and how much of it a credit takes: cumulated, so that the last one takes exactly the rest (rule 8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from oms.errors import Permanent
from oms.invoicing.model import Carried, Invoice
from oms.invoicing.shares import Group, Share
from oms.invoicing.value import Units, cumulated
from oms.money import allocate, format_minor

ALL, SHARE, NONE = "all", "share", "none"
"""How much of the shipping a credit takes: all that is left of it, the share of the units, nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be credited of an invoice: units or amounts of lines, or an amount of the whole."""

    units: Units | None = None  #: per order line; None, with no amounts: everything that is left
    amounts: Mapping[int, int] | None = None  #: order line, or 0 for the whole, to minor units; with or without tax as the order's prices are
    shipping: str = ALL

    @property
    def is_everything(self) -> bool:
        """All that is left."""
        return self.units is None and not self.amounts


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of one amount of an invoice."""

    of: Carried  #: as it was billed
    units: int  #: not credited
    minor: int  #: not credited
    stood: tuple[int, int]  #: units and minor units that were left when the last amount was credited on its line; before that, all of them

    @property
    def group(self) -> Group:
        """What it is taxed with."""
        return Group(self.of.category, self.of.rate)


def rest_of(invoice: Invoice, earlier: Sequence[Invoice]) -> list[Rest]:
    """What is left of each amount of an invoice after these credit notes; in the order of `Invoice.carried`."""
    left = [Rest(share, share.units, share.minor, (share.units, share.minor)) for share in invoice.carried]
    for credit in earlier:
        by_amount = {share.line for share in credit.carried if share.minor and not share.units and share.kind != "shipping"}
        left = [_less(rest, taken, anew=taken.line in by_amount) for rest, taken in zip(left, credit.carried, strict=True)]
    return left


def open_units(rests: Sequence[Rest]) -> dict[int, int]:
    """Order line to its units that stand on the invoice and on no credit note."""
    return {rest.of.line: rest.units for rest in rests if rest.units}


def taken(invoice: Invoice, rests: Sequence[Rest], wanted: Wanted) -> list[Carried]:
    """What a credit note carries; one amount for each of the invoice.

    Raises:
        Permanent: more is wanted than is left, nothing is left, or the same line is wanted by units and by amount.
    """
    if wanted.is_everything:
        found = [replace(rest.of, units=rest.units, minor=rest.minor) for rest in rests]
    else:
        _refuse_impossible(invoice, rests, wanted)
        amounts = _by_amount(invoice, rests, wanted.amounts or {})
        found = []
        for line, group in groupby(rests, key=lambda rest: rest.of.line):
            of_line = list(group)
            upto = len(found) + len(of_line)
            units = (wanted.units or {}).get(line, 0)
            found += _of_line(of_line, units, shipping=wanted.shipping, amounts=amounts[len(found) : upto])
    if not any(share.units or share.minor for share in found):
        raise Permanent(f"Nothing is left to credit of {invoice.number}: it is credited already.")
    return found


def _less(rest: Rest, taken: Carried, *, anew: bool) -> Rest:
    units, minor = rest.units - taken.units, rest.minor - taken.minor
    return Rest(rest.of, units, minor, (units, minor) if anew else rest.stood)


def _refuse_impossible(invoice: Invoice, rests: Sequence[Rest], wanted: Wanted) -> None:
    units, amounts, left = wanted.units or {}, wanted.amounts or {}, open_units(rests)
    billed = {share.line for share in invoice.carried}
    for line in [*units, *(line for line in amounts if line)]:
        if line not in billed:
            raise Permanent(f"Line {line} does not stand on {invoice.number}: it bills line {', '.join(map(str, sorted(billed)))}.")
    for line, count in units.items():
        if not 0 < count <= left.get(line, 0):
            raise Permanent(f"Of line {line} {left.get(line, 0)} units are left to credit on {invoice.number}, not {count}.")
    if amounts.keys() & units.keys() or (0 in amounts and len(amounts) + len(units) > 1):
        raise Permanent("A credit note takes a line by units or by amount, and an amount of the whole invoice stands alone: make two of them.")


def _of_line(rests: Sequence[Rest], units: int, *, shipping: str, amounts: Sequence[int]) -> Iterator[Carried]:
    """What is taken of one line: units, or an amount of each of its parts."""
    ends = _cumulated(rests, units) if units else amounts
    for rest, end, amount in zip(rests, ends, amounts, strict=True):
        if rest.of.kind == "shipping" and shipping != SHARE:
            minor = rest.minor if shipping == ALL else 0
        elif not units:
            minor = amount
        else:
            minor = rest.minor if units == rest.units else between(end - (rest.stood[1] - rest.minor), 0, rest.minor)
        yield replace(rest.of, units=units, minor=minor)


def _cumulated(rests: Sequence[Rest], units: int) -> list[int]:
    """What so many more units of a line come to, with those that were credited since an amount was.

    An amount that is credited makes only those units cheaper that are left: what was paid back for the others stays.
    """
    of = rests[0].stood[0]
    return cumulated(tuple(Share(rest.of.kind, rest.group, rest.stood[1]) for rest in rests), of - rests[0].units + units, of=of)


def _by_amount(invoice: Invoice, rests: Sequence[Rest], amounts: Mapping[int, int]) -> list[int]:
    """Each wanted amount over what is left of the goods it concerns, in proportion."""
    found = [0] * len(rests)
    for line, minor in amounts.items():
        worth = dict(_worth(rests, line))
        most = sum(worth.values())
        if not 0 < minor <= most:
            what = f"line {line} of {invoice.number}" if line else invoice.number
            given, left = format_minor(minor, invoice.currency), format_minor(most, invoice.currency)
            raise Permanent(f"A credit of {given} {invoice.currency} can't be given on {what}: {left} are left.")
        for index, part in zip(worth, allocate(minor, list(worth.values())), strict=True):
            found[index] = part
    return found


def _worth(rests: Sequence[Rest], line: int) -> Iterator[tuple[int, int]]:
    """Items and options of a line (0: of all) with what is left of them, vouchers taken off."""
    vouchers = {(rest.of.line, rest.group): rest.minor for rest in rests if rest.of.kind == "discount"}
    for index, rest in enumerate(rests):
        if rest.of.kind in {"item", "option"} and line in {0, rest.of.line}:
            key = (rest.of.line, rest.group)
            off = min(vouchers.get(key, 0), max(rest.minor, 0))
            vouchers[key] = vouchers.get(key, 0) - off
            yield index, max(rest.minor - off, 0)


def between(number: int, one: int, other: int) -> int:
    """The nearest number that lies between two."""
    return max(min(one, other), min(number, max(one, other)))
