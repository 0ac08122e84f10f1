"""An invoice before it is one, as a PDF that says so. No number is drawn, nothing is stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from oms.engine.preview import PREVIEW, preview_invoice
from oms.invoicing import Invoice, invoice_to_json

if TYPE_CHECKING:
    from oms.bootstrap import Shop


def preview_pdf(shop: Shop, reference: str, *, store: str | None) -> tuple[Invoice, bytes]:
    """What would be billed of an order now, and its PDF.

    Raises:
        NotFound: there is no such order, or nothing of it is open.
        Permanent: the seller or the order lacks what the law wants on an invoice.
    """
    with shop.store.reading() as work:
        facts = shop.engine.facts(work, work.orders.named(reference, store=store).id)
        invoice, now = preview_invoice(work, facts), facts.now
    snapshot = json.loads(invoice_to_json(invoice))
    name = f"{PREVIEW} {reference}"
    return invoice, shop.engine.tools.printer.invoice(snapshot, store=invoice.store, identifier=name, created_at=now, watermark=PREVIEW)
