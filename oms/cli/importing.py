"""`oms order import`: take over open orders from another system."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oms.cli.desk import actor, shop_of
from oms.cli.screen import AsJson, counted, show, table
from oms.engine.importing import Record, import_order, read_record
from oms.errors import InvalidOrder, Problem
from oms.orders.raw import load_json

if TYPE_CHECKING:
    from oms.bootstrap import Shop

MOST_TOLD = 20
"""Problems; whoever mends these comes again."""


def import_orders(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Orders, one JSON object a line; - reads stdin.", show_default=False)],
    *,
    state: Annotated[list[str] | None, typer.Option("--state", metavar="OLD=NEW", help="A state's name there and here; repeatable.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be taken over.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take over open orders from another system, in the middle of a process.

    Each line is an order document whose items (or the order, for all of
    them) say besides where they stand: "state", and since when:
    "entered_at". Nothing that entering the state means happens again:
    no command, no invoice, no mail. Timers count from then.

    The whole file is examined first; nothing is stored if it has a fault.
    What was taken over already stays as it is.

    Examples:
      oms order import open.jsonl --state 'bezahlt=paid' --dry-run
      oms order import open.jsonl --state 'bezahlt=paid'
    """
    states = dict(map(_mapped, state or ()))
    with shop_of(context) as shop:
        records = _read(shop, file, states)
        answers = [] if dry_run else [import_order(shop.engine, record, actor=actor()) for record in records]
    repeated = sum(answer.repeated for answer in answers)
    counts = Counter((record.order.process or "", stay.state) for record in records for stay in record.stays)
    said = f"{counted(len(records), 'order')} would be taken over:" if dry_run else f"{counted(len(records) - repeated, 'order')} taken over"
    said += "" if dry_run else f", {repeated} were here already:" if repeated else ":"
    data: dict[str, object] = {"orders": len(records), "taken_over": len(answers) - repeated, "known": repeated, "dry_run": dry_run}
    data |= {"items": [{"process": process, "state": name, "items": count} for (process, name), count in counts.items()]}
    rows = [(process, name, str(count)) for (process, name), count in counts.items()]
    show(data, said, table(("Process", "State", ">Items"), rows), as_json=as_json)


def _mapped(words: str) -> tuple[str, str]:
    old, equals, new = words.partition("=")
    if not (old and equals and new):
        raise typer.BadParameter(f"write OLD=NEW, as in 'bezahlt=paid', not {words[:40]!r}.", param_hint="--state")
    return old, new


def _read(shop: Shop, file: Path, states: dict[str, str]) -> list[Record]:
    """All records of the file.

    Raises:
        InvalidOrder: with the first problems of all lines, each with the number of its line.
    """
    processes, now = shop.settings.processes, shop.store.now()
    records, problems = list[Record](), list[Problem]()
    for number, line in _lines(file):
        try:
            records.append(
                read_record(shop.engine, load_json(line), states=states, process_of=processes.by_payment, default_process=processes.default, now=now)
            )
        except InvalidOrder as error:
            problems += [Problem(f"line {number}{found.where and f', {found.where}'}", found.sentence) for found in error.problems]
        if len(problems) >= MOST_TOLD:
            break
    if problems:
        raise InvalidOrder(problems[:MOST_TOLD])
    if not records:
        raise InvalidOrder([Problem("line 1", "There is no order in it: one JSON object a line.")])
    return records


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Those that are not blank, numbered from 1."""
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    return ((number, line) for number, line in enumerate(content.splitlines(), start=1) if line.strip())
