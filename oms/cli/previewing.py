"""`oms invoice preview`: an invoice before it is one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import typer

from oms.cli.desk import Reference, Store, shop_of
from oms.cli.pdfs import Output
from oms.cli.screen import AsJson, show
from oms.engine.preview import PREVIEW, preview_invoice
from oms.invoicing import invoice_to_json
from oms.money import format_minor


def write_preview(context: typer.Context, reference: Reference, *, output: Output = None, store: Store = None, as_json: AsJson = False) -> None:
    """Write what would be billed now as a PDF, marked as a preview.

    No number is drawn and nothing is stored.

    Examples:
      oms invoice preview A-1001
      oms invoice preview A-1001 -o preview.pdf
    """
    with shop_of(context) as shop:
        with shop.store.reading() as work:
            facts = shop.engine.facts(work, work.orders.named(reference, store=store).id)
            invoice, now = preview_invoice(work, facts), facts.now
        snapshot = json.loads(invoice_to_json(invoice))
        printer = shop.engine.tools.printer
        data = printer.invoice(snapshot, store=invoice.store, identifier=f"{PREVIEW} {reference}", created_at=now, watermark=PREVIEW)
    target = output or Path(f"{reference.replace('/', '-')}-preview.pdf")
    if str(target) == "-":
        sys.stdout.buffer.write(data)
        return
    target.write_bytes(data)
    gross = format_minor(invoice.totals.gross_minor, invoice.currency)
    about = {"order": reference, "path": target, "size": len(data), "gross": gross, "currency": invoice.currency}
    show(about, f"{target}: {gross} {invoice.currency} would be billed now", as_json=as_json)
