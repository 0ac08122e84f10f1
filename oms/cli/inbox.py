"""`oms inbox …`: what payment providers said, and what came of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from oms.cli.desk import shop_of
from oms.cli.screen import AsJson, money, section, show, table, when
from oms.engine.inbox import retry_message
from oms.engine.unread import read_again
from oms.ports.inbox import Received

app = typer.Typer(no_args_is_help=True, help="What payment providers said.")

Message = Annotated[int, typer.Argument(metavar="ID", help="As oms inbox list has it.", show_default=False)]


@app.command("list")
def list_messages(
    context: typer.Context,
    *,
    order: Annotated[str | None, typer.Option(metavar="REF", help="Only those about this order.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait for their order.")] = False,
    unread: Annotated[bool, typer.Option("--unread", help="Only those that nobody could read.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List messages, the newest first.

    Examples:
      oms inbox list --waiting
      oms inbox list --order A-1001
    """
    with shop_of(context) as shop:
        with shop.store.reading() as work:
            found = work.inbox.listed(status="unread" if unread else "waiting" if waiting else None, order=order, limit=limit)
        zone = next(iter(shop.engine.profiles.values())).zone
    rows = [(str(each.id), each.provider, each.said.order or "", _amount(each), each.status, when(each.received_at, zone)) for each in found]
    nothing = "Nothing waits." if waiting else "No message has come."
    told = table((">", "=Provider", "Order", ">Amount", "=Status", "=Came"), rows) if rows else nothing
    show([_data(each) for each in found], told, as_json=as_json)


@app.command("show")
def show_message(context: typer.Context, message: Message, *, as_json: AsJson = False) -> None:
    """Show a message as it came, and why it waits.

    Example:
      oms inbox show 7
    """
    with shop_of(context) as shop, shop.store.reading() as work:
        found = work.inbox.get(message)
    head = f"Message {found.id} of {found.provider}: {found.said.type}, {found.status}"
    show(_data(found) | {"body": found.body}, head, *([found.error] if found.error else []), *section("As it came", found.body), as_json=as_json)


@app.command("retry")
def retry(context: typer.Context, message: Message, *, as_json: AsJson = False) -> None:
    """Let a message be tried again; a worker does it.

    One that could not be read is read anew first: after an update, say.

    Example:
      oms inbox retry 7
    """
    with shop_of(context) as shop:
        with shop.store.reading() as work:
            found = work.inbox.get(message)
        if found.status == "unread":
            read_again(shop.engine, found, shop.providers)
        else:
            retry_message(shop.engine, message)
    show({"id": message, "retried": True}, f"Message {message} is tried again as soon as a worker runs.", as_json=as_json)


def _amount(message: Received) -> str:
    said = message.said
    return money(said.amount_minor, said.currency) if said.amount_minor is not None and said.currency else ""


def _data(message: Received) -> dict[str, Any]:
    return {
        "id": message.id,
        "provider": message.provider,
        "status": message.status,
        "why": message.error,
        "received_at": message.received_at,
        "attempts": message.attempts,
        "next_at": message.next_at,
        "said": message.said,
    }
