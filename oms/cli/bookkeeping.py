"""`oms invoice export`, `csv`, `datev`: what was issued in a period, for other archives and for the books. Any number of documents."""

from __future__ import annotations

import sys
from contextlib import ExitStack, nullcontext
from dataclasses import asdict
from datetime import datetime
from itertools import count, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from oms.bookkeeping.accounts import Chart
from oms.bookkeeping.client import Client
from oms.bookkeeping.datev import write_batch
from oms.bookkeeping.handover import hand_over
from oms.bookkeeping.period import Period, entries
from oms.bookkeeping.table import table
from oms.cli.desk import shop_of
from oms.cli.failing import REFUSED
from oms.cli.files import written
from oms.cli.screen import AsJson, counted, money, show
from oms.errors import InvalidSettings, NotFound, Problem
from oms.money import format_minor

if TYPE_CHECKING:
    from oms.bootstrap import Shop

From = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help="First day of issue.", show_default=False)]
To = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], metavar="DATE", help="Last day of issue.", show_default=False)]
OfStore = Annotated[str | None, typer.Option("--store", metavar="NAME", help="Only those of this store.")]
Target = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help="Where to.", show_default=False)]


def export(context: typer.Context, *, first: From, last: To, output: Target, store: OfStore = None, as_json: AsJson = False) -> None:
    """Write what was issued in a period into one ZIP.

    PDFs, XML, an index as CSV, one line per document. What has no PDF yet is
    named, and the command ends with 1.

    Example:
      oms invoice export --from 2026-01-01 --to 2026-12-31 -o 2026.zip
    """
    period = _period(first, last)
    with shop_of(context) as shop, written(output) as file:
        done = hand_over(shop.store, shop.archive, entries(shop.store, period, of=_known(shop, store)), period=period, file=file)
    told = [f"{output}: {counted(done.documents, 'document')}, {counted(done.files, 'file')}"]
    told += [f"{number} has no PDF yet: oms work --once makes it." for number in done.missing]
    told += [f"{done.unmade - len(done.missing)} more have none."] if done.unmade > len(done.missing) else []
    show({"path": output, **asdict(done)}, *told, as_json=as_json)
    if done.unmade:
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
    run, such as =1+1, gets a ' before it. --json tells of a file only.

    Example:
      oms invoice csv --from 2026-11-01 --to 2026-11-30 -o november.csv
    """
    rows = -1
    with shop_of(context) as shop, written(output) if output else nullcontext(sys.stdout.buffer) as file:
        for line in table(entries(shop.store, _period(first, last), of=_known(shop, store))):
            file.write(line)
            rows += 1
    if output is not None:
        show({"path": output, "rows": rows}, f"{output}: {counted(rows, 'row')}", as_json=as_json)


def write_datev(context: typer.Context, *, first: From, last: To, output: Target, store: OfStore = None, as_json: AsJson = False) -> None:
    """Write what was issued in a period as bookings for DATEV.

    EXTF 700, "Buchungsstapel": debtors to revenue, tax included, a booking
    per document and tax rate. Accounts: the table [datev] of config/oms.toml.
    There is a file only if the bookings sum to the documents. What is more
    than one holds (99,999 bookings) stands in further ones: EXTF_11-2.csv.
    One that is left of an earlier run is named, and the command ends with 1.

    Example:
      oms invoice datev --from 2026-11-01 --to 2026-11-30 -o EXTF_11.csv
    """
    period = _period(first, last)
    with shop_of(context) as shop:
        client, papers = _client(shop), entries(shop.store, period, of=_known(shop, store))
        profile = shop.engine.profile(store or next(iter(shop.engine.profiles)))
        now = shop.store.now().astimezone(ZoneInfo(profile.zone))
        with ExitStack() as files:
            done = write_batch(
                papers,
                client=client,
                period=period,
                at=now,
                currency=profile.currency,
                file=lambda number: files.enter_context(written(part_of(output, number))),
            )
    paths = [part_of(output, number) for number in range(1, done.files + 1)]
    booked = f"{money(done.home_minor, done.currency)} booked of {counted(done.papers, 'document')}, {counted(done.bookings, 'booking')}."
    data = {"path": output, "booked": format_minor(done.home_minor, done.currency), "currency": done.currency}
    left = list(takewhile(Path.exists, (part_of(output, number) for number in count(done.files + 1))))
    data |= {"files": paths, "left": left, "documents": done.papers, "bookings": done.bookings, "empty": done.empty}
    nothing = [f"{counted(done.empty, 'document has', 'documents have')} no amount and no booking."] if done.empty else []
    others = [f"{path} is left of an earlier run and no part of this one: take it away, so that nobody books it." for path in left]
    show(data, f"{', '.join(map(str, paths))}: {booked}", *nothing, *others, as_json=as_json)
    if left:
        raise typer.Exit(REFUSED)


def part_of(target: Path, number: int) -> Path:
    """How one of several files is called: `EXTF_11.csv`, `EXTF_11-2.csv`."""
    return target if number == 1 else target.with_stem(f"{target.stem}-{number}")


def _period(first: datetime, last: datetime) -> Period:
    return Period(first.date(), last.date())


def _known(shop: Shop, store: str | None) -> str | None:
    if store is not None and store not in shop.engine.profiles:
        raise NotFound(f'There is no store "{store[:80]}". There are: {", ".join(shop.engine.profiles)}.')
    return store


def _client(shop: Shop) -> Client:
    said = shop.settings.datev
    if said is None:
        sentence = "is missing: DATEV wants at least consultant and client, which the tax adviser knows. The comments of the file show all keys."
        raise InvalidSettings([Problem("config/oms.toml: [datev]", sentence)])
    month, day = map(int, said.year_begins.split("-"))
    chart = Chart(name=said.chart, length=said.account_length, debtors=said.debtors or "", revenue=said.revenue, tax_keys=said.tax_keys)
    start = (month, day)
    return Client(consultant=said.consultant, client=said.client, fiscal_year_start=start, chart=chart, supply_dates=said.supply_dates)
