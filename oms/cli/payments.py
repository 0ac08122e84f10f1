"""`oms payment …`: payments by hand, and from a bank's statement."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.text import Text

from oms.cli.desk import Reference, Store, actor, shop_of
from oms.cli.failing import REFUSED
from oms.cli.screen import AsJson, money, show, table
from oms.engine.paying import Paid, record_payment
from oms.engine.statements import TO_DO, import_statement
from oms.money import format_minor
from oms.statements import LARGEST, Writing, read_statement

app = typer.Typer(no_args_is_help=True, help="Payments by hand, and from a bank's statement.")


@app.command("record")
def record(
    context: typer.Context,
    order: Reference,
    *,
    amount: Annotated[str, typer.Option(metavar="AMOUNT", help="As 168.80.", show_default=False)],
    reference: Annotated[str, typer.Option(metavar="TEXT", help="The payment's own, as the bank's statement has it.", show_default=False)],
    paid_on: Annotated[str | None, typer.Option("--date", metavar="DAY", help="When it came, as 2026-11-25; else today.")] = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="Refuse, if the order is in another one.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; stands in the history.")] = None,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    r"""Book a payment, once per reference.

    What the process does when money comes happens at once, as if a payment
    provider had told of it; where the order isn't ready, it follows.
    What went back is booked by oms order record-refund.

    Example:
      oms payment record A-1001 --amount 168.80 --date 2026-11-25 \
        --reference "bank 2026-11-25/1"
    """
    paid = Paid(amount=amount, currency=currency, paid_on=paid_on, reference=reference, reason=reason)
    with shop_of(context) as shop:
        done = record_payment(shop.engine, order, paid, actor=actor(), store=store)
    data = {name: getattr(done, name) for name in ("order", "store", "reference", "currency", "paid_on", "repeated", "status", "why")}
    data |= {"amount": format_minor(done.amount_minor, done.currency), "states": dict(done.items)}
    states = ", ".join(f"{label}: {state}" for label, state in done.items)
    was = "was booked before, nothing happened" if done.repeated else "is booked"
    why = [done.why] if done.why and not done.repeated else []
    show(data, f"{money(done.amount_minor, done.currency)} of {done.order} {was}. {states}.", *why, as_json=as_json)


@app.command("import")
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, exists=True, help="CAMT.053 or CSV.", show_default=False)],
    *,
    preview: Annotated[bool, typer.Option("--preview", "--dry-run", help="Only say what would happen.")] = False,
    delimiter: Annotated[Literal["comma", "semicolon", "tab"] | None, typer.Option(help="Of a CSV file that doesn't show it.")] = None,
    decimal: Annotated[Literal["comma", "dot"] | None, typer.Option(help="Before the cents, in a CSV file that doesn't show it.")] = None,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Book the payments of a bank's statement, an entry each.

    An order is found by its reference, or the number of an invoice, in what
    the payer wrote. An entry that was read before, in whatever file, changes
    nothing. Ends with 1 if something came that nobody could place.

    Examples:
      oms payment import statement.xml --preview
      oms payment import statement.csv --decimal comma
    """
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    entries = read_statement(content, Writing.named(delimiter=delimiter, decimal=decimal))
    with shop_of(context) as shop:
        results = import_statement(shop.engine, entries, actor=actor(), store=store, preview=preview)
    rows = [
        (
            each.place,
            f"{each.amount} {each.currency}",
            each.order or "",
            Text(each.outcome, style="red" if each.outcome in TO_DO else ""),
            " ".join(filter(None, [each.said, f'"{each.text[:140]}"' if each.outcome in TO_DO else ""])),
        )
        for each in results
    ]
    counted = ", ".join(f"{number} {outcome}" for outcome, number in Counter(each.outcome for each in results).items())
    show(results, table(("Entry", ">Amount", "Order", "=Came of it", ""), rows), f"{counted}.", as_json=as_json)
    if any(each.outcome in TO_DO for each in results):
        raise typer.Exit(REFUSED)
