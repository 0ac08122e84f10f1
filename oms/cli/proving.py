"""`oms invoice gaps` and `oms invoice verify`: the proof that what was issued is still there, as it was issued."""

from __future__ import annotations

import typer
from rich.text import Text

from oms.cli.desk import shop_of
from oms.cli.failing import REFUSED
from oms.cli.screen import AsJson, counted, show, table
from oms.engine.verifying import Verdict, verify


def find_gaps(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Look for invoice numbers that are missing.

    Ends with 1 if there are any.

    Example:
      oms invoice gaps
    """
    with shop_of(context) as shop:
        verdict = verify(shop.engine, only_numbers=True)
    _tell(verdict, f"{_papers(verdict)}: no number is missing.", as_json=as_json)


def verify_invoices(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Prove that all invoices are still as they were issued.

    Reads every one: no number is missing, each names the hash of the one
    before it, what stands on it has the hash that was kept, the books say
    the same, and its PDF is the file that was stored.

    Ends with 1 if anything is wrong, and says what.

    Example:
      oms invoice verify
    """
    with shop_of(context) as shop:
        verdict = verify(shop.engine)
    _tell(verdict, f"{_papers(verdict)}, {counted(verdict.files, 'PDF')}: all are as they were issued.", as_json=as_json)


def _papers(verdict: Verdict) -> str:
    return f"{counted(verdict.papers, 'invoice')} in {counted(verdict.series, 'series', 'series')}"


def _tell(verdict: Verdict, well: str, *, as_json: bool) -> None:
    rows = [(fault.number or fault.series, Text(fault.what, style="red")) for fault in verdict.faults]
    show(verdict, table(("Where", "What is wrong"), rows) if rows else well, as_json=as_json)
    if rows:
        raise typer.Exit(REFUSED)
