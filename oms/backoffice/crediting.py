"""The form of a credit note by hand: units or an amount of each line, shipping, an amount of the whole, or all that is left."""

from __future__ import annotations

from typing import Any

from oms.backoffice.forms import Form, plain_amount
from oms.backoffice.showing import Showing
from oms.bootstrap import Shop
from oms.engine.amending import Amends
from oms.errors import InvalidInput, Problem
from oms.lookup.creditable import creditable
from oms.money import format_minor, parse_minor

BACK, WORTH = "back.", "worth."
"""What stands before the number of a line in names of inputs: units that are taken back, an amount that is."""
DIGITS = 8
"""No order has so many lines, no line so many units."""


def left_of(shop: Shop, show: Showing, form: Form) -> dict[str, Any]:
    """What the invoice that the form names has left, with what was typed."""
    found = creditable(shop, show.page, form.one("number"))
    if found is None:
        return {}
    units, amounts = form.below(BACK), form.below(WORTH)
    return {
        "lines": [
            {
                "line": each.line,
                "name": each.name,
                "units": each.units,
                "back": units.get(f"{each.line}", ""),
                "minor": each.minor,
                "worth": amounts.get(f"{each.line}", ""),
            }
            for each in found.lines
        ],
        "shipping_minor": found.shipping_minor,
        "with_shipping": bool(form.one("shipping")),
        "all": f"{format_minor(found.gross_minor, show.page.view.head.currency)} {show.page.view.head.currency}",
    }


def amends_of(form: Form, currency: str) -> Amends:
    """What is to be taken back; nothing typed: all that is left.

    Raises:
        InvalidInput: a number is none, or the reason is missing.
    """
    problems: list[Problem] = []
    units = {int(line): _whole(typed, f"{BACK}{line}", problems) for line, typed in _typed(form, BACK).items()}
    amounts = {int(line): _minor(typed, f"{WORTH}{line}", currency, problems) for line, typed in _typed(form, WORTH).items()}
    if whole := form.one("amount"):
        amounts[0] = _minor(whole, "amount", currency, problems)
    if not form.one("reason"):
        problems.append(Problem("reason", "is missing: say why in a few words."))
    if problems:
        raise InvalidInput(problems)
    return Amends(units=units, amounts=amounts, with_shipping=bool(form.one("shipping")), mail=bool(form.one("mail")))


def _typed(form: Form, prefix: str) -> dict[str, str]:
    """Line to what was typed. A 0 counts, and is refused: taken as nothing it would take back all."""
    return {line: typed for line, typed in form.below(prefix).items() if typed and line.isascii() and line.isdigit() and len(line) < DIGITS}


def _whole(typed: str, where: str, problems: list[Problem]) -> int:
    if typed.isascii() and typed.isdigit() and len(typed) < DIGITS:
        return int(typed)
    problems.append(Problem(where, "must be a whole number of units."))
    return 0


def _minor(typed: str, where: str, currency: str, problems: list[Problem]) -> int:
    try:
        return parse_minor(plain_amount(typed), currency)
    except ValueError as error:
        problems.append(Problem(where, str(error)))
        return 0
