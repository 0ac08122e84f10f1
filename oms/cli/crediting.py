"""`oms invoice issue`, `credit`, `cancel`: billing by hand, and taking invoices back, all of them or in part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oms.cli.desk import Number, OfStore, Reason, Reference, Store, actor, shop_of
from oms.cli.screen import AsJson, show
from oms.engine.amending import Amends, amend
from oms.engine.billing import issue_now
from oms.engine.request import Answer
from oms.money import parse_minor
from oms.ports.records import Document

if TYPE_CHECKING:
    from oms.bootstrap import Shop

Key = Annotated[str | None, typer.Option(metavar="KEY", help="Repeated, it answers as the first time and changes nothing.")]
ByMail = Annotated[bool, typer.Option("--mail", help="Mail the credit note to the customer.")]


def issue(
    context: typer.Context,
    reference: Reference,
    *,
    mail: Annotated[bool, typer.Option("--mail", help="Mail the invoice to the customer.")] = False,
    key: Key = None,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Bill what is open of an order, whatever its process knows of it.

    No item moves. With nothing open, the newest invoice is told.

    Example:
      oms invoice issue A-1001 --mail
    """
    with shop_of(context) as shop:
        paper, is_new = issue_now(shop.engine, reference, mail=mail, actor=actor(), store=store, key=key)
    said = f"{paper.number} {'is issued' if is_new else 'was issued before'}."
    show({"number": paper.number, "order": reference, "issued": is_new}, said, as_json=as_json)


def credit(
    context: typer.Context,
    number: Number,
    *,
    reason: Reason,
    line: Annotated[list[str] | None, typer.Option(metavar="LINE[=UNITS]", help="This line of the order, or some of its units; repeatable.")] = None,
    amount: Annotated[list[str] | None, typer.Option(metavar="[LINE=]AMOUNT", help="So much of a line, or of the whole invoice.")] = None,
    shipping: Annotated[bool, typer.Option("--shipping", help="And what is left of the shipping.")] = False,
    mail: ByMail = False,
    key: Key = None,
    store: OfStore = None,
    as_json: AsJson = False,
) -> None:
    """Credit a part of an invoice: lines, units, an amount.

    A credit note is issued; the invoice stays as it is. No item moves.
    Amounts hold the tax if the order's prices do.

    Examples:
      oms invoice credit RE-2026-00001 --line 1=2 --reason "came back"
      oms invoice credit RE-2026-00001 --amount 5.00 --reason "for the delay"
      oms invoice credit RE-2026-00001 --amount 2=5.00 --reason "scratched"
    """
    if not (line or amount or shipping):
        raise typer.BadParameter("say what: --line, --amount or --shipping. To credit all of it: oms invoice cancel.", param_hint="--line")
    units = dict(_line(each) for each in line or ())
    with shop_of(context) as shop:
        paper = _paper(shop, number, store)
        amounts = dict(_amount(each, paper.currency) for each in amount or ())
        answer = amend(
            shop.engine, paper, Amends(units=units, amounts=amounts, with_shipping=shipping, mail=mail), reason=reason, actor=actor(), key=key
        )
    _show(answer, as_json=as_json)


def cancel(
    context: typer.Context,
    number: Number,
    *,
    reason: Reason,
    reopen: Annotated[bool, typer.Option("--reopen", help="What it bills is to be billed anew.")] = False,
    mail: ByMail = False,
    key: Key = None,
    store: OfStore = None,
    as_json: AsJson = False,
) -> None:
    """Credit all that is left of an invoice.

    With --reopen the next issue_invoice bills the same items again, with the
    addresses as they are then. No item moves.

    Examples:
      oms invoice cancel RE-2026-00001 --reason "order cancelled"
      oms invoice cancel RE-2026-00001 --reopen --reason "wrong address"
    """
    with shop_of(context) as shop:
        answer = amend(shop.engine, _paper(shop, number, store), Amends(reopen=reopen, mail=mail), reason=reason, actor=actor(), key=key)
    _show(answer, as_json=as_json)


def _paper(shop: Shop, number: str, store: str | None) -> Document:
    with shop.store.reading() as work:
        return work.documents.numbered(number, store=store)


def _show(answer: Answer, *, as_json: bool) -> None:
    said = answer.results[0].why or ""
    show({"order": answer.order, "repeated": answer.repeated, "trigger": answer.trigger, "said": said}, f"{said}.", as_json=as_json)


def _line(text: str) -> tuple[int, int | None]:
    """`1` is a line, `1=2` two units of it."""
    line, equals, units = text.partition("=")
    if not _is_number(line) or (equals and not _is_number(units)):
        raise typer.BadParameter(f'"{text[:80]}": write the number of a line, or a line and a number of units, as in 1=2.', param_hint="--line")
    return int(line), int(units) if equals else None


def _amount(text: str, currency: str) -> tuple[int, int]:
    """`5.00` is of the whole (line 0), `2=5.00` of a line."""
    line, equals, amount = text.rpartition("=")
    if equals and not _is_number(line):
        raise typer.BadParameter(f'"{text[:80]}": write an amount, or a line and an amount, as in 2=5.00.', param_hint="--amount")
    try:
        return int(line or 0), parse_minor(amount, currency)
    except ValueError as error:
        raise typer.BadParameter(f'"{text[:80]}": {error}', param_hint="--amount") from error


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text[:10]) > 0 and len(text) < 8  # noqa: PLR2004 - more lines and units than there can be
