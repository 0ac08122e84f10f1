"""E-invoices as files: the stored one, and the same paper in other syntaxes and profiles."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from oms.errors import Conflict, Permanent
from oms.invoicing import invoice_from_json
from oms.invoicing.cii import invoice_to_cii
from oms.invoicing.profiles import PEPPOL, XRECHNUNG
from oms.invoicing.ubl import invoice_to_ubl
from oms.ports.keys import stored_bytes
from oms.ports.records import Document

if TYPE_CHECKING:
    from oms.bootstrap import Shop


class Format(StrEnum):
    """How an e-invoice is written."""

    CII = "cii"
    UBL = "ubl"
    XRECHNUNG = XRECHNUNG
    PEPPOL = PEPPOL


def xml_of(shop: Shop, document: Document, form: Format) -> bytes:
    """The stored XML, where the PDF was made; else it is written from the snapshot.

    Raises:
        Conflict: the paper lacks what this format wants, or can't be an e-invoice.
    """
    if form is Format.CII:
        with shop.store.reading() as work:
            file = work.documents.file(document.id, form)
        if file is not None:
            return stored_bytes(shop.archive, file.key, sha256=file.sha256)
    return written_xml(shop, document, form)


def written_xml(shop: Shop, document: Document, form: Format) -> bytes:
    """The XML, written from the snapshot.

    Raises:
        Conflict: as `xml_of`.
    """
    with shop.store.reading() as work:
        invoice = invoice_from_json(work.documents.snapshot(document.id))
    try:
        if form is Format.CII:
            return invoice_to_cii(invoice)
        return invoice_to_ubl(invoice, None if form is Format.UBL else form.value)
    except Permanent as error:
        raise Conflict(str(error)) from error
