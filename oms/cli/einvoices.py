"""`oms invoice xml`, `validate`: e-invoices as files, and whether they keep their rules."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from oms.cli.desk import Number, OfStore, shop_of
from oms.cli.failing import REFUSED
from oms.cli.files import written
from oms.cli.pdfs import Output
from oms.cli.screen import AsJson, show, table
from oms.lookup.einvoices import Format, written_xml, xml_of


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
        with shop.store.reading() as work:
            document = work.documents.numbered(number, store=store)
        xml = xml_of(shop, document, form)
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
        with shop.store.reading() as work:
            document = work.documents.numbered(number, store=store)
        found = {form: shop.engine.tools.judge.judge(written_xml(shop, document, form)) for form in (Format.CII, Format.UBL)}
    rows = [(form.upper(), str(each.rules), Text(str(len(each.faults)), style="red" if each.faults else "")) for form, each in found.items()]
    faults = [f"{form.upper()} {fault}" for form, each in found.items() for fault in each.faults]
    data = {form: {"rules": each.rules, "faults": each.faults} for form, each in found.items()}
    show(data, table(("Syntax", ">Rules applied", ">Broken"), rows), *faults, as_json=as_json)
    if faults:
        raise typer.Exit(REFUSED)
