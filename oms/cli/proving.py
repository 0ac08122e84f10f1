"""`oms invoice gaps` and `oms invoice verify`: the proof that what was issued is still there, as it was issued."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from oms.cli.desk import shop_of
from oms.cli.failing import REFUSED
from oms.cli.screen import AsJson, counted, show, table
from oms.engine.verifying import Verdict, find_gaps, verify


def find_missing(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Look for invoice numbers that are missing.

    Ends with 1 if there are any.

    Example:
      oms invoice gaps
    """
    with shop_of(context) as shop:
        verdict = find_gaps(shop.engine)
    _tell(verdict, f"{_papers(verdict)}: no number is missing.", as_json=as_json)


def verify_invoices(
    context: typer.Context,
    *,
    render: Annotated[bool, typer.Option("--render", help="Make each PDF again, too, and compare the bytes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Prove that all invoices are still as they were issued.

    Reads every one: no number is missing, each names the hash of the one
    before it, what stands on it has the hash that was kept, the books say
    the same, and its PDF is the file that was stored.

    With --render each PDF is made again, with the templates, words and fonts
    of then, which are in the archive. The same bytes prove that it says what
    was issued; if other programs print now, that is told and is no fault.

    Ends with 1 if anything is wrong, and says what.

    Examples:
      oms invoice verify
      oms invoice verify --render
    """
    with shop_of(context) as shop:
        verdict = verify(shop.engine, reprinting=shop.reprinting if render else None)
    _tell(
        verdict,
        f"{_papers(verdict)}, {counted(verdict.files, 'PDF')}: all are as they were issued.",
        as_json=as_json,
        more=[*_unmade(verdict), *_proof(verdict, render=render)],
    )


def _unmade(verdict: Verdict) -> list[str]:
    """An invoice that was just issued may lack its PDF; whoever expects none to do so sees that one is gone."""
    missing = verdict.papers - verdict.files
    return [f"{counted(missing, 'PDF')} not made yet: oms work --once makes what is ordered."] if missing else []


def _proof(verdict: Verdict, *, render: bool) -> list[str]:
    proven = [f"{counted(verdict.proven, 'PDF')} made again: the same bytes."] if render else []
    return [*proven, *(f"{counted(number, 'PDF')} can't be proven: {why}." for why, number in verdict.unproven.items())]


def _papers(verdict: Verdict) -> str:
    return f"{counted(verdict.papers, 'document')} in {counted(verdict.series, 'series', 'series')}"


def _tell(verdict: Verdict, well: str, *, as_json: bool, more: Sequence[str] = ()) -> None:
    rows = [(fault.number or fault.series, Text(fault.what, style="red")) for fault in verdict.faults]
    show(verdict, table(("Where", "What is wrong"), rows) if rows else well, *more, as_json=as_json)
    if rows:
        raise typer.Exit(REFUSED)
