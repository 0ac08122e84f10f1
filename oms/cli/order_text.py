"""One order as people read it, at 80 columns: why it waits first, then everything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from oms.cli.screen import coming, counted, money, section, table, when
from oms.engine.request import IMPORT, PLACE, SKIP, SPLIT
from oms.engine.waiting import Waiting, roughly
from oms.lookup.order import ENDED, OrderPage
from oms.ports.records import HistoryRow, Item

STYLES = {"failed": "bold red", "held": "bold yellow", "person": "bold", "nobody": "dim"}
"""How a reason to wait looks, beside what it says."""


def as_text(page: OrderPage) -> Iterator[RenderableType]:
    """The order as it is read at 80 columns."""
    yield from _head(page)
    yield from section("Why it waits", _why(page))
    yield from section("Items", _items(page))
    if events := page.events:
        yield from section("Possible now", Text(f"{', '.join(map(_as_typed, events))}\noms order trigger {page.view.head.reference} EVENT"))
    for title, lines in (
        ("Timers", _timers(page)),
        ("Jobs", _jobs(page)),
        ("Payments", _payments(page)),
        ("Invoices", _invoices(page)),
        ("Other papers", _papers(page)),
    ):
        if lines:
            yield from section(title, *lines)
    if page.view.incidents:
        yield from section("Needs attention", *(Text(f"{incident.kind}: {incident.text}", style="red") for incident in page.view.incidents))
    if page.view.notes:
        yield from section("Notes", *(f"{when(note.at, page.zone)}  {note.text} ({note.actor})" for note in page.view.notes))
    yield from section("History", history_text(page))


def _as_typed(event: str) -> str:
    """As it is written on a command line."""
    return f'"{event}"' if " " in event else event


def _head(page: OrderPage) -> Iterator[RenderableType]:
    view, head = page.view, page.view.head
    mail = f" <{view.customer_email}>" if view.customer_email else ", no mail address"
    yield Text.assemble((f"Order {head.reference}", "bold"), f"  {page.amount(view.gross_minor)}, {view.customer_name}{mail}")
    yield f"Process {view.process}, version {view.process_number}. Store {head.store}. Placed {when(head.placed_at, page.zone)} ({page.zone})."
    if view.erased_at is not None:
        yield Text(f"The customer was erased on {when(view.erased_at, page.zone)}: papers and sums stay.", style="yellow")


def _items(page: OrderPage) -> RenderableType:
    rows = []
    for item in page.view.items:
        line = page.order.lines[item.line - 1]
        rows.append((item.label, str(item.quantity), line.name, item.state, roughly(page.now - item.entered_at)))
    return table(("Item", ">Units", "What", "State", "For"), rows)


def _why(page: OrderPage) -> RenderableType:
    """One row for all items that wait for the same."""
    groups: dict[tuple[str, Waiting], list[Item]] = {}
    for item, waits in zip(page.view.items, page.waits, strict=True):
        groups.setdefault((item.state, waits), []).append(item)
    return table(("Item", "State", "Reason"), [(", ".join(item.label for item in items), *_reason(*why)) for why, items in groups.items()])


def _reason(state: str, waits: Waiting) -> tuple[str, Text]:
    others = [Text(f"or {other}") for other in waits.others]
    return state, Text("\n").join([Text(waits.sentence, style=STYLES.get(waits.kind, "")), *others])


def _mail_status(page: OrderPage, document: int) -> str:
    """What became of the mails that carry a paper, or of the print that does."""
    newest = {each.address: each.status for message, recipients in page.view.mails if message.document == document for each in recipients}
    printing = next((each for each in page.view.printing if each.document == document), None)
    if printing is None:
        return ", ".join(f"{address}: {status}" for address, status in newest.items()) or "no mail"
    return f"printed by {printing.printed_by}" if printing.printed_at else "print it: no mail address"


def _timers(page: OrderPage) -> list[str]:
    timers = sorted(page.view.timers, key=lambda timer: (timer.due_at, timer.event))
    return [
        f"{event}: {coming(due_at, page.zone, now=page.now)} (item {_labels(page, [timer.item for timer in group])})"
        for (due_at, event), group in groupby(timers, key=lambda timer: (timer.due_at, timer.event))
    ]


def _jobs(page: OrderPage) -> list[str]:
    """Those that are not done, and why."""
    return [
        f"{job.name}: {job.status}, {counted(job.attempts, 'try', 'tries')}{f': {job.error}' if job.error else ''}"
        for job in page.view.jobs
        if job.status not in ENDED
    ]


def _payments(page: OrderPage) -> list[str | Text]:
    """What came and went, and what that leaves open."""
    lines = [f"{when(each.at, page.zone)}  {each.kind} {money(each.amount_minor, each.currency)}, {each.reference}" for each in page.view.payments]
    return [*lines, _balance(page)] if lines or page.due_minor else []


def _balance(page: OrderPage) -> Text:
    open_minor = page.due_minor - page.paid_minor
    told = f"{page.amount(page.paid_minor)} paid of {page.amount(page.due_minor)} due: "
    if open_minor < 0:
        return Text.assemble(told, (f"overpaid by {page.amount(-open_minor)}", "bold red"))
    return Text(told + (f"{page.amount(open_minor)} open" if open_minor else "settled"))


def _invoices(page: OrderPage) -> list[str]:
    return [
        f"{paper.number}  of {paper.issued_on}, {page.amount(paper.signed_minor)}; {'PDF made' if file else 'PDF not made yet'}; "
        f"{_mail_status(page, paper.id)}"
        for paper, file in page.view.invoices
    ]


def _papers(page: OrderPage) -> list[str]:
    return [
        f"{line.name}  of {when(line.paper.created_at, page.zone)}, item {', '.join(line.items)}; {'PDF made' if line.file else 'PDF not made yet'}"
        for line in page.papers
    ]


def history_text(page: OrderPage) -> RenderableType:
    """Hops of several items that went together are one row."""
    rows = []
    for _, group in groupby(page.view.history, key=lambda row: (row.trigger, row.hop, row.event, row.source, row.target, row.error)):
        hop = list(group)
        rows.append((when(hop[0].at, page.zone), _labels(page, [row.item for row in hop]), *_told(hop[0])))
    return table(("When", "Items", "What", "By"), rows)


_WAYS = {PLACE: "placed", IMPORT: "taken over", SPLIT: "split off", SKIP: "job skipped"}
"""How it is told what is no event of a process."""


def _told(row: HistoryRow) -> tuple[str, str]:
    event = "" if row.event in (None, "", *_WAYS) else f" ({row.event})"
    way = f"{_WAYS[row.event]}: {row.target}" if row.event in _WAYS else f"{row.source} → {row.target}"
    failed = f"\nfailed: {row.error}" if row.error else ""
    reason = f"\n{row.reason}" if row.reason else ""
    return f"{way}{event}{failed}", f"{row.actor}{reason}"


def _labels(page: OrderPage, items: Iterable[int]) -> str:
    return ", ".join(page.label(item) for item in items)
