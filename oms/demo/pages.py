"""What the demo prints, piece by piece, for 80 columns: with colours on a terminal, and without them it says the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from oms.demo.ground import Ground
from oms.demo.letters import Letter
from oms.demo.situations import Story
from oms.demo.walk import Hop, Walk
from oms.engine.waiting import Kind, Waiting, waiting
from oms.outbox import NOT_DELIVERED
from oms.ports.views import OrderFilter, OrderView
from oms.process.model import Process

WAITS_FOR: Mapping[Kind, str] = {
    "failed": "somebody to mend it",
    "held": "the end of a hold",
    "person": "a person of the shop",
    "outside": "word from outside",
    "timer": "a timer",
    "engine": "the engine",
    "nobody": "nobody: they are done",
}
"""In the order of the table: what needs attention comes first."""

BILLS, BILLING, MOVED_TO = "issue_invoice", "invoiced", "shipped"
"""The command that bills, the state whose line has it, and where the reader moves it."""

DONE, HERE, AHEAD = "✓", "●", "○"
DEEDS = " " * 24
"""Where what happened at a hop is printed, below its event."""


# ---- The shop ----


def overview(ground: Ground) -> RenderableType:
    """For whom the orders wait, and in which states."""
    found: dict[Kind, list[OrderView]] = {kind: [] for kind in WAITS_FOR}
    for line in ground.shop.views.orders(OrderFilter(limit=1000)):
        view = ground.shop.views.order(line.reference)
        found[first_reason(ground, view).kind].append(view)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Waits for", no_wrap=True)
    table.add_column("Orders", justify="right")
    table.add_column("In the states")
    for kind, views in found.items():
        states = [item.state for view in reversed(views) for item in view.items]
        if views:
            counted = ", ".join(f"{state} {states.count(state)}" for state in dict.fromkeys(states))
            table.add_row(Text(WAITS_FOR[kind], "bold red" if kind == "failed" else ""), str(len(views)), counted)
    return table


def troubled(ground: Ground, stories: Sequence[Story]) -> Iterator[RenderableType]:
    """The orders that need attention, and why: what `oms order show` says first."""
    for story in stories:
        view = ground.shop.views.order(story.reference)
        why = first_reason(ground, view)
        if view.incidents or why.kind in {"failed", "held"}:
            yield Text.assemble("  ", (story.reference, "bold"), f"  {story.what}")
            refused = [incident.text for incident in view.incidents if incident.kind == NOT_DELIVERED]  # keeps no item from moving
            yield from (Padding(Text(sentence, "dim"), (0, 0, 0, 10)) for sentence in refused or [why.sentence])


def first_reason(ground: Ground, view: OrderView) -> Waiting:
    """What the most troubled item of an order waits for."""
    with ground.shop.store.reading() as work:
        process = ground.shop.engine.processes.get(work, view.head.version).process
    kinds, reported = list(WAITS_FOR), {incident.item for incident in view.incidents}
    reasons = [(item.id in reported, waiting(view, process, item, ground.clock())) for item in view.items]
    return min(reasons, key=lambda each: (kinds.index(each[1].kind), not each[0]))[1]


# ---- The walk ----


def walk_page(walk: Walk, *, zone: str) -> Iterator[Text]:
    """Stage by stage: where the order has been and is, what happened, and which timers wait."""
    states: list[str] = []
    for stage in walk.stages:
        states += [hop.state for hop in stage.hops]
        yield Text(stage.title, "bold")
        if states:
            yield way(states, walk.process)
        for hop in stage.hops:
            yield from _hop(hop, zone=zone)
        for event, due in stage.timers:
            yield Text(f'{DEEDS}timer "{event}" due {_at(due, zone)}', "yellow")
        if stage.refused:
            yield Text(f"  It got no further: {stage.refused}", "bold red")
        yield Text()


def _hop(hop: Hop, *, zone: str) -> Iterator[Text]:
    yield Text.assemble((f"  {_at(hop.at, zone)}  ", "dim"), f"{hop.actor:<7} ", (f"{hop.event:<13}", "bold"), "→ ", (hop.state, "bold cyan"))
    yield from (Text(f"{DEEDS}{key}", "dim") for key in hop.ran)
    yield from (Text(f"{DEEDS}{deed}", "green") for deed in hop.came)


def way(states: Sequence[str], process: Process) -> Text:
    """The usual way through the process: where the order has been, where it is, what is ahead."""
    path = [process.initial]
    while ahead := next((arrow.target for arrow in process.transitions if arrow.happy and arrow.source == path[-1]), None):
        if ahead in path:
            break
        path.append(ahead)
    path += [state for state in dict.fromkeys(states) if state not in path]
    line = Text(" ")
    for state in path:
        mark, style = (HERE, "bold reverse") if state == states[-1] else (DONE, "green") if state in states else (AHEAD, "dim")
        line.append(" → " if state != path[0] else "", "dim")
        line.append(f"{mark} {state}", style)
    return line


def comparison(before: Sequence[Hop], after: Sequence[Hop]) -> RenderableType:
    """At which hop the invoice was issued and mailed, side by side."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for column in ("The order enters", "before", "now"):
        table.add_column(column)
    for state in dict.fromkeys(hop.state for hop in (*before, *after)):
        table.add_row(state, _billed(before, state), _billed(after, state))
    return table


def _billed(hops: Sequence[Hop], state: str) -> Text:
    entered = [hop for hop in hops if hop.state == state]
    issued = [number for hop in entered for number in hop.invoices]
    mailed = any(deed.startswith('mail "invoice"') for hop in entered for deed in hop.came)
    words = " and ".join(filter(None, ["issued" if issued else "", "mailed" if mailed else ""]))
    if words:
        return Text(f"invoice {words}", "bold green")
    return Text("·" if entered else "", "dim")


# ---- The line ----


def turn_page(process: Process, file: Path, *, sentence: str) -> Iterator[RenderableType]:
    """Which line is to be moved; or that it was moved already."""
    billing = [state.name for state in process.states.values() if any(call.name == BILLS for call in state.on_enter)]
    if billing == [BILLING]:
        yield f"One line of {shown(file)} decides when the invoice is sent:\n"
        yield from _excerpt(file.read_text(encoding="utf-8").splitlines())
        yield Padding(Text(sentence, "bold"), (1, 2))
    else:
        there = " and ".join(f"`{state}`" for state in billing) or "no state"
        yield Text(
            f"In {shown(file)} the line with {BILLS} once stood in `{BILLING}`. Now it stands in {there}: "
            "that is why the invoice came when it did. Move it again, to wherever you like, and save the file.\n"
        )


def _excerpt(lines: Sequence[str]) -> Iterator[Text]:
    """From the state that has the line to the one that is to get it, with the file's own numbers; nothing if it is written otherwise."""
    places = {line.strip(): number for number, line in enumerate(lines) if line.strip() in {f"{BILLING}:", f"{MOVED_TO}:"}}
    for number in range(places.get(f"{BILLING}:", 0), places.get(f"{MOVED_TO}:", -2) + 2):
        line = lines[number].partition("#")[0].rstrip()
        mark, style = ("▶", "bold green") if BILLS in line else (" ", "dim")
        yield Text(f"  {mark} {number + 1:>3} {line}", style)


# ---- The papers ----


def letter_page(letter: Letter, *, pdf: Path) -> RenderableType:
    """The mail with its envelope, and where to find it."""
    rows = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name, value in (("From", letter.sender), ("To", letter.to), ("Subject", letter.subject), ("Attached", letter.attached)):
        rows.add_row(Text(name, "dim"), value)
    for number, address in enumerate(letter.recipients):
        hidden = Text("  hidden: in no byte of the mail", "bold green") if address in letter.hidden else ""
        rows.add_row(Text("" if number else "Envelope", "dim"), Text.assemble(address, hidden))
    paths = [Text(f"  {name:<9} {shown(path)}") for name, path in (("PDF", pdf), ("mail", letter.eml), ("envelope", letter.envelope))]
    return Group(Padding(rows, (0, 0, 1, 2)), *paths)


def shown(path: Path) -> str:
    """Relative to where the reader stands, if that is shorter."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _at(moment: datetime, zone: str) -> str:
    """As the clock of the shop shows it."""
    return f"{moment.astimezone(ZoneInfo(zone)):%d %b %H:%M}"
