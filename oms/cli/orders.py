"""`oms order …`: place orders, look at them, let events happen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from oms.cli.desk import Reason, Reference, Store, actor, payload_of, shop_of
from oms.cli.importing import import_orders
from oms.cli.order_list import list_orders
from oms.cli.order_paper import write_paper
from oms.cli.order_text import as_text, history_text
from oms.cli.screen import AsJson, counted, show, table
from oms.engine.care import correct, hold_order, release_order, retry_order, skip
from oms.engine.refunding import record_refund
from oms.engine.request import Answer, Result
from oms.lookup.order import as_data, order_page
from oms.lookup.past import history_data
from oms.orders.raw import load_json

app = typer.Typer(no_args_is_help=True, help="Place orders, look at them, let events happen.")
app.command("list")(list_orders)
app.command("import")(import_orders)


@app.command("place")
def place(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The order document; - reads it from stdin.", show_default=False)],
    *,
    as_json: AsJson = False,
) -> None:
    """Place an order: a JSON document.

    Placed again with the same content, it answers the same and changes nothing.

    Examples:
      oms order place order.json
      curl -s https://shop.example/orders/1 | oms order place -
    """
    document = load_json(_read(file))
    with shop_of(context) as shop:
        answer = shop.place(document, actor=actor())
    word = "was placed before, with the same content" if answer.repeated else "is placed"
    show(_answer_data(answer), f"Order {answer.order} {word}.", _results(answer), as_json=as_json)


@app.command("show")
def show_order(context: typer.Context, reference: Reference, *, store: Store = None, as_json: AsJson = False) -> None:
    """Show an order, and why each item waits.

    Then what is possible, timers, payments, invoices, history.

    Example:
      oms order show A-1001
    """
    with shop_of(context) as shop:
        page = order_page(shop, reference, store=store)
    show(as_data(page), *as_text(page), as_json=as_json)


def history(context: typer.Context, reference: Reference, *, store: Store = None, as_json: AsJson = False) -> None:
    """Show all that happened to an order: who let it happen, and why.

    Example:
      oms history A-1001
    """
    with shop_of(context) as shop:
        page = order_page(shop, reference, store=store)
    show(history_data(page.view), history_text(page), as_json=as_json)


@app.command("trigger")
def trigger(
    context: typer.Context,
    reference: Reference,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Its name in the process.", show_default=False)],
    *,
    item: Annotated[list[str] | None, typer.Option(metavar="ID[=UNITS]", help="Only this item, or some of its units; repeatable.")] = None,
    payload: Annotated[str | None, typer.Option("--with", metavar="JSON", help="What the event asks for.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; some events want one.")] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", help="Repeated, it answers as the first time and changes nothing.")] = None,
    expect: Annotated[str | None, typer.Option(metavar="STATE", help="Refuse, if the items stand elsewhere.")] = None,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    r"""Let an event happen to items of an order.

    To all that have it, or to the named ones.
    Ends with 1 if nothing came of it; the sentence says what is possible instead.

    Examples:
      oms order trigger A-1001 pay \
        --with '{"amount": "168.80", "reference": "tx_1"}'
      oms order trigger A-1001 ship --item 1=2 --item 2
      oms order trigger A-1001 cancel --reason "customer changed her mind"
    """
    items, wanted = [_part(each) for each in item] if item else None, payload_of(payload)
    with shop_of(context) as shop:
        answer = shop.trigger(reference, event, items=items, store=store, key=key, actor=actor(), reason=reason, payload=wanted, expect=expect)
    show(_answer_data(answer), *([f"Answered before under the key {key}:"] if answer.repeated else []), _results(answer), as_json=as_json)


@app.command("correct")
def correct_order(
    context: typer.Context,
    reference: Reference,
    *,
    payload: Annotated[str, typer.Option("--with", metavar="JSON", help="Parts of the order document.", show_default=False)],
    reason: Reason,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    r"""Mend name, address, VAT id, mail address or buyer reference.

    Issued papers stay as they are. What failed for want of it is tried again at once.

    Example:
      oms order correct A-1001 --reason "typing error" \
        --with '{"customer": {"email": "jana@example.com"}}'
    """
    changes = payload_of(payload)
    with shop_of(context) as shop:
        answer = correct(shop.engine, reference, changes, actor=actor(), reason=reason, store=store)
    show(_answer_data(answer), f"Order {answer.order} is corrected: {', '.join(changes)}.", as_json=as_json)


@app.command("hold")
def hold(context: typer.Context, reference: Reference, *, reason: Reason, store: Store = None, as_json: AsJson = False) -> None:
    """Hold an order.

    Timers, jobs and automatic steps wait; people and payments go on.

    Example:
      oms order hold A-1001 --reason "customer asked to wait"
    """
    with shop_of(context) as shop:
        hold_order(shop.engine, reference, reason=reason, actor=actor(), store=store)
    show({"order": reference, "held": reason}, f"Order {reference} is held. To go on: oms order release {reference} --reason …", as_json=as_json)


@app.command("release")
def release(context: typer.Context, reference: Reference, *, reason: Reason, store: Store = None, as_json: AsJson = False) -> None:
    """Release an order that is held.

    What waited happens now.

    Example:
      oms order release A-1001 --reason "customer called"
    """
    with shop_of(context) as shop:
        released = release_order(shop.engine, reference, reason=reason, actor=actor(), store=store)
    show({"order": reference, "released": released}, f"Order {reference} {'is released' if released else 'was not held'}.", as_json=as_json)


@app.command("retry")
def retry(context: typer.Context, reference: Reference, *, store: Store = None, as_json: AsJson = False) -> None:
    """Try again what failed or was given up.

    A worker does it: oms work.

    Example:
      oms order retry A-1001
    """
    with shop_of(context) as shop:
        retried = retry_order(shop.engine, reference, actor=actor(), store=store)
    what = ", ".join(counted(number, name) for number, name in ((retried.items, "item"), (retried.timers, "timer"), (retried.jobs, "job")) if number)
    verb = "is" if retried.items + retried.timers + retried.jobs == 1 else "are"
    show(retried, f"Order {reference}: {f'{what} {verb} tried again as soon as a worker runs' if what else 'nothing had failed'}.", as_json=as_json)


@app.command("record-refund")
def book_refund(
    context: typer.Context,
    order: Reference,
    *,
    reference: Annotated[str, typer.Option(metavar="TEXT", help="The refund's own, as the bank's statement has it.", show_default=False)],
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Book that what was paid too much went back by hand.

    Nothing is paid here. An order that waits for a refund by hand goes on; of
    any other no item moves, as when a customer paid twice and got it back.

    Example:
      oms order record-refund A-1001 --reference "bank 2026-11-27"
    """
    with shop_of(context) as shop:
        answer = record_refund(shop.engine, order, reference, actor=actor(), store=store)
    show(_answer_data(answer), f"Order {answer.order}: {answer.results[0].why}.", as_json=as_json)


@app.command("skip")
def skip_job(context: typer.Context, reference: Reference, *, reason: Reason, store: Store = None, as_json: AsJson = False) -> None:
    """Go on as if a job that was given up had done its work.

    For what was settled elsewhere: the event that follows the job happens,
    marked as skipped, and nobody tries the job again. A refund that is
    skipped counts as paid back. A command that fails can't be skipped.

    Example:
      oms order skip A-1001 --reason "the label was printed by hand"
    """
    with shop_of(context) as shop:
        answer = skip(shop.engine, reference, actor=actor(), reason=reason, store=store)
    show(_answer_data(answer), f"Order {answer.order} goes on without the job.", _results(answer), as_json=as_json)


app.command("paper")(write_paper)


def _read(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} can't be read: {error.strerror}.", param_hint="FILE") from error


def _answer_data(answer: Answer) -> dict[str, object]:
    return {"order": answer.order, "event": answer.event, "repeated": answer.repeated, "trigger": answer.trigger, "results": answer.results}


def _results(answer: Answer) -> RenderableType:
    return table(("Item", "Came of it", "State", ""), [_result(result) for result in answer.results])


def _result(result: Result) -> tuple[str | Text, ...]:
    way = f"{result.source} → {result.state}" if result.source not in (None, result.state) else result.state
    told = " ".join(filter(None, [result.error, f"Next try: {result.next_try}." if result.next_try else "", result.why]))
    return result.item, Text(result.outcome, style="red" if result.outcome == "failed" else ""), way, told


def _part(text: str) -> tuple[str, int | None]:
    """`2` is an item, `2=3` three units of it."""
    label, equals, units = text.partition("=")
    if equals and not (units.isascii() and units.isdigit()):
        raise typer.BadParameter(f'"{text[:80]}": write an item, or an item and a number of units, as in 2=3.', param_hint="--item")
    return label, int(units) if equals else None
