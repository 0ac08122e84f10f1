"""`oms mail …`: what was mailed, and what the server said."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from oms.cli.desk import actor, shop_of
from oms.cli.screen import AsJson, counted, show, table, when
from oms.engine.deliveries import retry_mail
from oms.ports.views import MailLine

app = typer.Typer(no_args_is_help=True, help="Mails, and what became of them.")


@app.command("list")
def list_mails(
    context: typer.Context,
    *,
    undelivered: Annotated[bool, typer.Option("--undelivered", help="Only those that somebody hasn't got.")] = False,
    order: Annotated[str | None, typer.Option(metavar="REF", help="Only those of this order.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List mails, the newest first, with the server's answer for each recipient.

    Example:
      oms mail list --undelivered
    """
    with shop_of(context) as shop:
        lines = shop.views.mails(reference=order, undelivered=undelivered, limit=limit)
        zones = {line.message.store: shop.engine.profile(line.message.store).zone for line in lines}
    rows = [
        (
            str(line.message.id),
            when(line.message.created_at, zones[line.message.store]),
            line.reference or "",
            line.number or line.message.template,
            Text("\n").join(
                Text(f"{each.address}: {each.status}{f' ({each.text})' if each.text and each.status != 'sent' else ''}", style=_style(each.status))
                for each in line.recipients
            ),
        )
        for line in lines
    ]
    found = table(("Mail", "When", "Order", "What", "Recipients"), rows) if rows else "There is no such mail."
    show([_data(line) for line in lines], found, as_json=as_json)


@app.command("retry")
def retry(
    context: typer.Context,
    mail: Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1, help="The mail's number in the list.", show_default=False)],
    *,
    as_json: AsJson = False,
) -> None:
    """Offer a mail again to those who haven't got it.

    A worker does it: oms work.

    Example:
      oms mail retry 17
    """
    with shop_of(context) as shop:
        recipients = retry_mail(shop.engine, shop.views.mail(mail).message.id, actor=actor())
    show({"mail": mail, "recipients": recipients}, f"Mail {mail} is offered again to {counted(recipients, 'recipient')}.", as_json=as_json)


def _style(status: str) -> str:
    return "" if status in {"sent", "pending"} else "red"


def _data(line: MailLine) -> dict[str, object]:
    message = line.message
    return {
        "id": message.id,
        "order": line.reference,
        "invoice": line.number,
        "template": message.template,
        "reason": message.reason,
        "message_id": message.message_id,
        "created_at": message.created_at,
        "recipients": [
            {"address": each.address, "role": each.role, "status": each.status, "code": each.code, "text": each.text, "sent_at": each.sent_at}
            for each in line.recipients
        ],
        "job": {"id": line.job.id, "status": line.job.status, "attempts": line.job.attempts, "next_at": line.job.next_at, "error": line.job.error},
    }
