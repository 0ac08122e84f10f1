"""The show: what the demo prints, and the line that its reader moves."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from oms.demo import walk
from oms.demo.ground import Ground, ground
from oms.demo.situations import seed
from oms.demo.walk import Hop
from oms.errors import InvalidProcess
from oms.ports.views import OrderFilter
from oms.process.model import Process

MOVE = "Move the line `on_enter: [issue_invoice, mail_invoice]` from the state `invoiced` to the state `shipped`, and save the file."
"""The README says it in the same words."""
PROCESS = "prepayment"
FIRST, AGAIN = "DEMO-1", "DEMO-2"


def run(*, folder: Path | None = None, pause: bool | None = None) -> None:
    """Make the shop, walk, let the reader move one line, walk again.

    Args:
        folder: Where the shop is made; an earlier demo's folder is emptied. None: `demo` in the current folder.
        pause: Whether to wait for Enter. None: if somebody sits at a terminal.

    Raises:
        InvalidInput: the folder holds something that no demo made.
    """
    waits = sys.stdin.isatty() if pause is None else pause
    screen = Console(highlight=False, emoji=False, markup=False, width=None if sys.stdout.isatty() else 80)
    today = datetime.now(UTC).replace(microsecond=0)
    base = (folder or Path("demo")).resolve()
    with ground(base, beginning=today) as place:
        _shop(screen, place)
    with ground(base / "walk", beginning=today) as place:  # a shop of its own: a month passes in it
        first = _walk(screen, place, FIRST)
        _papers(screen, place)
        screen.rule("Your turn", characters="─")
        file = _shown(place.processes / f"{PROCESS}.yaml")
        screen.print(f"Which line decides when the invoice is sent? Open {file}\n\n  {MOVE}\n", soft_wrap=True)
        if not waits:
            screen.print("Then run the demo again: the same order gets its invoice at another moment.\n", soft_wrap=True)
        elif _wait_for_change(screen, place):
            _compare(screen, first, _walk(screen, place, AGAIN))
    _farewell(screen, base)


def _shop(screen: Console, place: Ground) -> None:
    screen.rule("A shop", characters="─")
    screen.print(f"Making one in {_shown(place.folder)}, with the orders of two months …", soft_wrap=True)
    count = seed(place)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("Process", "Where its orders are"):
        table.add_column(column)
    lines = place.shop.views.orders(OrderFilter(limit=1000))
    for process in dict.fromkeys(line.process for line in reversed(lines)):
        mine = [state for line in reversed(lines) if line.process == process for state in line.states]
        table.add_row(process, ", ".join(f"{mine.count(state)} {state}" for state in dict.fromkeys(mine)))
    screen.print(table)
    attention = sum(line.attention for line in lines)
    mails = len(list(place.mailbox.glob("*.eml")))
    invoices = len(place.shop.views.invoices(limit=1000))
    screen.print(f"{count} orders, {invoices} invoices, {mails} mails; {attention} orders need attention. The engine made it all.\n", soft_wrap=True)


def _walk(screen: Console, place: Ground, reference: str) -> list[Hop]:
    """One order, hop by hop."""
    process = _process(place)
    screen.rule(f"Order {reference} walks through {PROCESS}", characters="─")
    taken: list[Hop] = []
    for step in walk.STEPS:
        seen = len(taken)
        walk.take(place, reference, step)
        view = place.shop.views.order(reference)
        taken = walk.hops(view)
        screen.print(_way(process, [hop.state for hop in taken]))
        for hop in taken[seen:]:
            screen.print(Text.assemble((f"  {hop.at:%d %b %H:%M}  ", "dim"), f"{hop.actor:<7} ", (f"{hop.event:<13}", "bold"), f"→ {hop.state}"))
            for deed in hop.did:
                screen.print(Text(f"{'':24}{deed}", "green"), soft_wrap=False)
        for event, due in {timer.event: timer.due_at for timer in view.timers}.items():
            screen.print(Text(f'{"":24}timer "{event}" due {due:%d %b %H:%M}', "dim"))
        screen.print()
    return taken


def _way(process: Process, states: Sequence[str]) -> Text:
    """The usual way, with where the order has been and where it is."""
    path = [process.initial]
    for arrow in process.transitions:
        if arrow.happy and arrow.source == path[-1]:
            path.append(arrow.target)
    line = Text()
    for state in path:
        style = "bold reverse" if state == states[-1] else "" if state in states else "dim"
        line.append(f" {state} ", style)
        line.append("" if state == path[-1] else "→", "dim")
    return line


def _papers(screen: Console, place: Ground) -> None:
    """Where to find the PDF and the mail."""
    ((invoice, file),) = place.shop.views.order(FIRST).invoices
    letter = walk.invoice_letter(place, invoice.number)
    screen.rule(f"Invoice {invoice.number}", characters="─")
    paths = [("mail", letter.eml), ("envelope", letter.envelope)]
    if file is not None:
        paths.insert(0, ("PDF", place.shop.settings.archive.folder / file.key))
    for name, path in paths:
        screen.print(f"  {name:<9} {_shown(path)}", soft_wrap=True)
    screen.print(f"  to        {', '.join(address for address in letter.recipients if address not in letter.hidden)}")
    screen.print(f"  hidden    {', '.join(letter.hidden)} (in no byte of the mail)\n", soft_wrap=True)


def _wait_for_change(screen: Console, place: Ground) -> bool:
    """Until the file is moved and right. False: it was left as it is."""
    while True:
        try:
            screen.input("Press Enter when it is done … ")
        except EOFError:
            return False
        try:
            deployed = place.shop.deploy([PROCESS], actor="reader")
        except InvalidProcess as error:
            screen.print(f"\n{error}\n", soft_wrap=True)
            continue
        if not any(new for _, new in deployed):
            screen.print("The file is as it was: nothing to replay.\n")
        return any(new for _, new in deployed)


def _compare(screen: Console, before: Sequence[Hop], after: Sequence[Hop]) -> None:
    screen.rule("What the one line changed", characters="─")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("State entered", f"{FIRST}, before", f"{AGAIN}, now"):
        table.add_column(column)
    billed = [{hop.state for hop in hops if hop.billed} for hops in (before, after)]
    for state in dict.fromkeys(hop.state for hop in (*before, *after)):
        table.add_row(state, *("invoice issued and mailed" if state in states else "·" for states in billed))
    screen.print(table)
    screen.print(
        f"{FIRST} keeps the process it began with; new orders follow the new one. git restore processes/ puts the line back.\n", soft_wrap=True
    )


def _farewell(screen: Console, folder: Path) -> None:
    shop = _shown(folder)
    command = "./run oms" if Path("run").is_file() else "oms"
    screen.rule("Look around", characters="─")
    for words, why in (
        ("order list", "all orders, and which need attention"),
        ("order show P-1009", "why does this one wait?"),
        ("invoice list", "invoices, and what became of their mails"),
        ("graph prepayment", "the process as Mermaid"),
    ):
        screen.print(f"  {command} --shop {shop} {words:<20} {why}", soft_wrap=True)


def _process(place: Ground) -> Process:
    with place.shop.store.reading() as work:
        version = work.versions.deployed(PROCESS)
    if version is None:
        raise LookupError(PROCESS)
    return place.shop.engine.processes.load(version).process


def _shown(path: Path) -> str:
    """Relative to where the reader stands, if that is shorter."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
