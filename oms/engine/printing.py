"""An issued document as a PDF, from its snapshot alone: what makes it the first time is what proves it later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from oms.errors import Permanent
from oms.invoicing import invoice_from_json, invoice_to_json
from oms.invoicing.cii import invoice_to_cii
from oms.ports.records import Document


class Prints(Protocol):
    """Whoever makes a PDF of an invoice's snapshot: a printer, or one that makes it again."""

    def invoice(self, snapshot: Mapping[str, object], *, store: str, identifier: str, created_at: datetime, xml: str = "") -> bytes:
        """As `oms.ports.outside.Printer.invoice`."""
        ...


def print_document(printer: Prints, document: Document, *, snapshot: str, xml: bytes | None) -> bytes:
    """Its PDF, with the XML inside.

    Raises:
        RenderFailed: it can't be made.
    """
    given, text = readable(snapshot), xml.decode() if xml else ""
    return printer.invoice(given, store=document.store, identifier=document.sha256, created_at=document.created_at, xml=text)


def e_invoice(snapshot: str) -> bytes | None:
    """The XML that is embedded; None: there is none in this currency."""
    try:
        return invoice_to_cii(invoice_from_json(snapshot))
    except Permanent:
        return None


def readable(snapshot: str) -> Mapping[str, object]:
    """The snapshot as a template reads it: what an older oms did not know has its default."""
    given: Mapping[str, object] = json.loads(snapshot)
    return given if "carried" in given else json.loads(invoice_to_json(invoice_from_json(snapshot)))
