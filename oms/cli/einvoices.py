"""`oms invoice xml`, `validate`: e-invoices as files, and whether they keep their rules."""

from __future__ import annotations

import hashlib
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from oms.cli.desk import Number, OfStore, shop_of
from oms.cli.failing import REFUSED
from oms.cli.files import written
from oms.cli.pdfs import Output
from oms.cli.screen import AsJson, show, table
from oms.errors import Conflict, Permanent
from oms.invoicing import Invoice, invoice_from_json
from oms.invoicing.cii import invoice_to_cii
from oms.invoicing.profiles import PEPPOL, XRECHNUNG
from oms.invoicing.ubl import invoice_to_ubl
from oms.ports.keys import stored_bytes

if TYPE_CHECKING:
    from oms.bootstrap import Shop


class Format(StrEnum):
    """How an e-invoice is written."""

    CII = "cii"
    UBL = "ubl"
    XRECHNUNG = XRECHNUNG
    PEPPOL = PEPPOL


def write_xml(
    context: typer.Context,
    number: Number,
    *,
    form: Annotated[Format, typer.Option("--format", help="cii is what the PDF holds; ubl the same in the other syntax.")] = Format.CII,
    output: Output = None,
    store: OfStore = None,
    as_json: AsJson = False,
) -> None:
    """Write an invoice or credit note as XML.

    To stdout, or to a file; --json tells of it only. What XRechnung or Peppol want beyond EN 16931
    and the invoice lacks is named.

    Examples:
      oms invoice xml RE-2026-00001
      oms invoice xml RE-2026-00001 --format xrechnung -o invoice.xml
    """
    with shop_of(context) as shop:
        xml = _written(shop, number, store, form)
    target = output or Path("-")
    if str(target) == "-" and not as_json:
        sys.stdout.buffer.write(xml)
        return
    if str(target) != "-":
        with written(target) as file:
            file.write(xml)
    data = {"number": number, "format": form, "path": target, "size": len(xml), "sha256": hashlib.sha256(xml).hexdigest()}
    show(data, f"{target}: {len(xml):,} bytes", as_json=as_json)


def validate(context: typer.Context, number: Number, *, store: OfStore = None, as_json: AsJson = False) -> None:
    """Hold an invoice or credit note to the rules of EN 16931.

    Both syntaxes: their schemas, and the official schematron.
    Ends with 1 if a rule is broken. Needs: pip install "ordermill[validation]"

    Example:
      oms invoice validate RE-2026-00001
    """
    with shop_of(context) as shop:
        invoice = _invoice(shop, number, store)
        found = {form: shop.engine.tools.judge.judge(_as(invoice, form)) for form in (Format.CII, Format.UBL)}
    rows = [(form.upper(), str(each.rules), Text(str(len(each.faults)), style="red" if each.faults else "")) for form, each in found.items()]
    faults = [f"{form.upper()} {fault}" for form, each in found.items() for fault in each.faults]
    data = {form: {"rules": each.rules, "faults": each.faults} for form, each in found.items()}
    show(data, table(("Syntax", ">Rules applied", ">Broken"), rows), *faults, as_json=as_json)
    if faults:
        raise typer.Exit(REFUSED)


def _written(shop: Shop, number: str, store: str | None, form: Format) -> bytes:
    """The stored XML, where the PDF was made; else it is written from the snapshot."""
    if form is Format.CII:
        with shop.store.reading() as work:
            file = work.documents.file(work.documents.numbered(number, store=store).id, form)
        if file is not None:
            return stored_bytes(shop.archive, file.key, sha256=file.sha256)
    return _as(_invoice(shop, number, store), form)


def _invoice(shop: Shop, number: str, store: str | None) -> Invoice:
    with shop.store.reading() as work:
        return invoice_from_json(work.documents.snapshot(work.documents.numbered(number, store=store).id))


def _as(invoice: Invoice, form: Format) -> bytes:
    try:
        if form is Format.CII:
            return invoice_to_cii(invoice)
        return invoice_to_ubl(invoice, None if form is Format.UBL else form.value)
    except Permanent as error:
        raise Conflict(str(error)) from error
