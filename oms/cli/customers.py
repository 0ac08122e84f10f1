"""`oms customer …`: what is kept of a customer, given out and erased."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from oms.cli.desk import actor, shop_of
from oms.cli.screen import AsJson, counted, section, show
from oms.engine.erasing import Customer, Erased, erase

app = typer.Typer(no_args_is_help=True, help="What is kept of a customer.")

Email = Annotated[str | None, typer.Argument(metavar="EMAIL", help="The customer's mail address, whatever its case.", show_default=False)]
Orders = Annotated[list[str] | None, typer.Option("--order", metavar="REF", help="An order of theirs; as often as it is wanted.", show_default=False)]
Store = Annotated[str | None, typer.Option("--store", metavar="NAME", help="Only what this store keeps.")]


@app.command("export")
def export_customer(
    context: typer.Context,
    whom: Email = None,  # not `email`: it must not stand in the list of who did what
    *,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="A ZIP that isn't there yet.", show_default=False)],
    order: Orders = None,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Write everything that is kept of a customer into a ZIP.

    JSON of each order with its documents, comments, history and payments;
    invoices as PDF and XML; mails; messages of payment providers.

    Example:
      oms customer export jana@example.com --to jana.zip
    """
    from oms.lookup.export import export  # noqa: PLC0415 - loads all that a shop needs; help needs none of it

    if to.exists():
        raise typer.BadParameter(f"{to} is there already: name another file.", param_hint="--to")
    with shop_of(context) as shop:
        pieces = export(shop, Customer(email=whom, orders=tuple(order or ()), store=store))
        beside = to.with_name(f".{to.name}.new")
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                size = sum(file.write(piece) for piece in pieces)
            beside.replace(to)
        finally:
            beside.unlink(missing_ok=True)
    show({"file": str(to), "bytes": size}, f"{to} has all that is kept: {size:,} bytes.", as_json=as_json)


@app.command("erase")
def erase_customer(
    context: typer.Context,
    whom: Email = None,  # not `email`: it must not stand in the list of who did what
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept, so name nobody in it.", show_default=False)],
    order: Orders = None,
    store: Store = None,
    force: Annotated[bool, typer.Option("--force", help="Also orders that are open, unless something is under way.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased, and what stands in the way.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase what is kept of a customer.

    Invoices and credit notes stay as they were issued, with their files, as
    the law wants it; so do amounts, SKUs and references of payments. All
    else goes: names, addresses, comments, reasons, mails, messages.

    An order that is open stands in the way, and nothing is erased. Killed
    in between, call it again: it goes on. A file is written anew at the end
    (VACUUM); who writes meanwhile waits.

    Examples:
      oms customer erase jana@example.com --reason "request of 25 Nov" --dry-run
      oms customer erase --order A-1001 --reason "request 4711"
    """
    customer = Customer(email=whom, orders=tuple(order or ()), store=store)
    with shop_of(context) as shop:
        done = erase(shop.engine, customer, actor=actor(), reason=reason, force=force, dry_run=dry_run)
    blocked = [f"{each.order}: {each.why}" for each in done.blocked]
    told = [*section("Stands in the way", *blocked)] if blocked else []
    stays = [*section("Stays, as the law wants it", *done.stays)] if done.stays else []
    show(done, _sentence(done), *stays, *told, as_json=as_json)


def _sentence(done: Erased) -> str:
    parts = [
        f"{counted(len(done.orders), 'order')} ({', '.join(done.orders)})" if done.orders else "no order",
        counted(done.mails, "other mail"),
        counted(done.rows, "other row"),
        counted(done.files, "file"),
    ]
    return f"{'Would be erased' if done.dry_run else 'Erased'}: {', '.join(parts)}."
