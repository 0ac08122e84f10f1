"""`oms invoice export`, `csv`, `datev`: what was issued in a period, for other archives and for the books. Any number of documents."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from oms.cli.desk import shop_of
from oms.cli.failing import REFUSED
from oms.cli.files import written
from oms.cli.screen import AsJson, counted, show
from oms.cli.zipping import zipped
from oms.errors import InvalidSettings, NotFound, Problem
from oms.invoicing import Invoice, invoice_from_json
from oms.invoicing.books import Entry, entries_of
from oms.invoicing.datev import DatevSettings, datev_lines
from oms.money import format_minor
from oms.ports.records import Document

if TYPE_CHECKING:
    from oms.bootstrap import Shop

From = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help="First day of issue.", show_default=False)]
To = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], metavar="DATE", help="Last day of issue.", show_default=False)]
OfStore = Annotated[str | None, typer.Option("--store", metavar="NAME", help="Only those of this store.")]
Target = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help="Where to.", show_default=False)]

_AT_ONCE = 100
_COLUMNS = (
    *("number", "kind", "store", "issued_on", "due_on", "supply_on", "order", "corrects", "customer", "country", "vat_id", "currency"),
    *("tax_category", "tax_rate", "net", "tax", "gross", "exchange_rate", "home_currency"),
)
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would run (CSV injection)."""


def export(context: typer.Context, *, first: From, last: To, output: Target, store: OfStore = None, as_json: AsJson = False) -> None:
    """Write what was issued in a period into one ZIP.

    PDFs, XML, an index as CSV, one line per document. What has no PDF yet is
    named, and the command ends with 1.

    Example:
      oms invoice export --from 2026-01-01 --to 2026-12-31 -o 2026.zip
    """
    with shop_of(context) as shop, written(output) as file:
        done = zipped(file, shop, documents(shop, first.date(), last.date(), store=store))
    told = [f"{output}: {counted(done.documents, 'document', 'documents')}, {counted(done.files, 'file', 'files')}"]
    told += [f"{number} has no PDF yet: oms work --once makes it." for number in done.missing]
    show({"path": output, "documents": done.documents, "files": done.files, "missing": done.missing}, *told, as_json=as_json)
    if done.missing:
        raise typer.Exit(REFUSED)


def write_csv(
    context: typer.Context,
    *,
    first: From,
    last: To,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help="Where to; nothing said: stdout.")] = None,
    store: OfStore = None,
    as_json: AsJson = False,
) -> None:
    """Write what was issued in a period as CSV, one row per tax rate.

    UTF-8, commas, credit notes with minus. A text that a spreadsheet would
    run, such as =1+1, gets a ' before it.

    Example:
      oms invoice csv --from 2026-11-01 --to 2026-11-30 -o november.csv
    """
    with shop_of(context) as shop, written(output) if output else nullcontext(sys.stdout.buffer) as file:
        rows = _write_rows(file, entries(shop, first.date(), last.date(), store=store))
    if output is not None:
        show({"path": output, "rows": rows}, f"{output}: {counted(rows, 'row', 'rows')}", as_json=as_json)


def write_datev(context: typer.Context, *, first: From, last: To, output: Target, store: OfStore = None, as_json: AsJson = False) -> None:
    """Write what was issued in a period as bookings for DATEV.

    EXTF 700, "Buchungsstapel": debtors to revenue, tax included, a booking
    per document and tax rate. Accounts: the table [datev] of config/oms.toml.

    Example:
      oms invoice datev --from 2026-11-01 --to 2026-11-30 -o EXTF_11.csv
    """
    sums: Counter[str] = Counter()
    with shop_of(context) as shop:
        settings = _settings(shop)
        profile = shop.engine.profile(store or next(iter(shop.engine.profiles)))
        now = shop.store.now().astimezone(ZoneInfo(profile.zone))
        found = _counted(entries(shop, first.date(), last.date(), store=store), sums)
        with written(output) as file:
            for line in datev_lines(settings, found, home=profile.currency, first=first.date(), last=last.date(), made_at=now):
                file.write(line)
            _compare(sums, documents(shop, first.date(), last.date(), store=store))
    booked = {currency: format_minor(minor, currency) for currency, minor in sums.items()}
    told = ", ".join(f"{amount} {currency}" for currency, amount in booked.items()) or "nothing"
    show({"path": output, "booked": booked}, f"{output}: {told} booked.", as_json=as_json)


def documents(shop: Shop, first: date, last: date, *, store: str | None) -> Iterator[Document]:
    """What was issued in a period, oldest first, some at a time.

    Raises:
        typer.BadParameter: the period ends before it begins.
        NotFound: there is no such store.
    """
    if first > last:
        raise typer.BadParameter(f"{first} is after {last}: the first day comes first.", param_hint="--from")
    if store is not None and store not in shop.engine.profiles:
        raise NotFound(f'There is no store "{store[:80]}". There are: {", ".join(shop.engine.profiles)}.')
    found = _some(shop, first, last, store=store, after=0)
    while found:
        yield from found
        found = _some(shop, first, last, store=store, after=found[-1].id)


def _some(shop: Shop, first: date, last: date, *, store: str | None, after: int) -> list[Document]:
    with shop.store.reading() as work:
        return work.documents.issued(first, last, store=store, after=after, limit=_AT_ONCE)


def invoices(shop: Shop, first: date, last: date, *, store: str | None) -> Iterator[Invoice]:
    """Their snapshots."""
    for document in documents(shop, first, last, store=store):
        with shop.store.reading() as work:
            yield invoice_from_json(work.documents.snapshot(document.id))


def entries(shop: Shop, first: date, last: date, *, store: str | None) -> Iterator[Entry]:
    """What bookkeeping is told of them."""
    for invoice in invoices(shop, first, last, store=store):
        yield from entries_of(invoice)


def _write_rows(file: IO[bytes], found: Iterator[Entry]) -> int:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer, rows = csv.writer(text), 0
    writer.writerow(_COLUMNS)
    for entry in found:
        writer.writerow(_row(entry))
        rows += 1
    text.detach()
    return rows


def _row(entry: Entry) -> list[object]:
    amounts = (format_minor(minor, entry.currency) for minor in (entry.base_minor, entry.tax_minor, entry.payable_minor))
    days = (entry.issued_on, entry.due_on or "", entry.supply_on)
    texts = map(_harmless, (entry.order, entry.corrects or "", entry.customer, entry.country, entry.vat_id or "", entry.currency))
    rest = (entry.exchange_rate or "", entry.home_currency or "")
    return [entry.number, entry.kind, entry.store, *days, *texts, entry.category, f"{entry.rate.normalize():f}", *amounts, *rest]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _settings(shop: Shop) -> DatevSettings:
    said = shop.settings.datev
    if said is None:
        sentence = "is missing: DATEV wants at least consultant and client, which the tax adviser knows. The comments of the file show all keys."
        raise InvalidSettings([Problem("config/oms.toml: [datev]", sentence)])
    return DatevSettings(**said.model_dump())


def _counted(found: Iterator[Entry], sums: Counter[str]) -> Iterator[Entry]:
    for entry in found:
        sums[entry.currency] += entry.payable_minor
        yield entry


def _compare(booked: Counter[str], issued: Iterator[Document]) -> None:
    """What is booked is what was issued, or there is no file."""
    sums: Counter[str] = Counter()
    for document in issued:
        sums[document.currency] += document.signed_minor
    if sums != booked:
        raise AssertionError(f"{dict(booked)} would be booked, {dict(sums)} were issued: no file is written.")
