"""`oms invoice preview`: an invoice before it is one."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from oms.cli.desk import Reference, Store, shop_of
from oms.cli.pdfs import Output
from oms.cli.screen import AsJson, show
from oms.lookup.preview import preview_pdf
from oms.money import format_minor


def write_preview(context: typer.Context, reference: Reference, *, output: Output = None, store: Store = None, as_json: AsJson = False) -> None:
    """Write what would be billed now as a PDF, marked as a preview.

    No number is drawn and nothing is stored.

    Examples:
      oms invoice preview A-1001
      oms invoice preview A-1001 -o preview.pdf
    """
    with shop_of(context) as shop:
        invoice, data = preview_pdf(shop, reference, store=store)
    target = output or Path(f"{reference.replace('/', '-')}-preview.pdf")
    if str(target) == "-":
        sys.stdout.buffer.write(data)
        return
    target.write_bytes(data)
    gross = format_minor(invoice.totals.gross_minor, invoice.currency)
    about = {"order": reference, "path": target, "size": len(data), "gross": gross, "currency": invoice.currency}
    show(about, f"{target}: {gross} {invoice.currency} would be billed now", as_json=as_json)
