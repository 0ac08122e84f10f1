"""The show: a shop with thirty orders, one order that walks, and one line of its process that the reader moves."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.status import Status
from rich.text import Text

from oms.demo.ground import Ground, ground, in_clone, processes_for
from oms.demo.letters import Letter, letter_with
from oms.demo.pages import comparison, letter_page, overview, shown, troubled, turn_page, walk_page
from oms.demo.situations import STORIES, Story, seed
from oms.demo.walk import PROCESS, REFERENCE, Walk, walk
from oms.process.check.formats import as_text
from oms.process.load import check_folder
from oms.process.model import Process
from oms.process.vocabulary import Vocabulary

MOVE = "Move the line `on_enter: [issue_invoice, mail_invoice]` from the state `invoiced` to the state `shipped`, and save the file."
"""The README says it in the same words."""

WALKED = timedelta(days=95)
"""So long ago the walk begins: it ends before the first of the other orders is placed."""

READY, WITHOUT = "Press Enter when it is done … ", "Press Enter when it is, or just to go on without … "

Arrived = tuple[Letter, Path]
"""A mail with an invoice, and where its PDF was put."""
Ask = Callable[[str], bool]
"""Waits until the reader is ready. False: nobody is there any more."""


def run(*, folder: Path | None = None, pause: bool | None = None, quiet: bool = False, stories: Sequence[Story] = STORIES) -> dict[str, Any]:
    """Make the shop, walk, let the reader move one line, walk again.

    Args:
        folder: Where the shop is made; an earlier demo's folder is emptied. None: `demo` in the current folder.
        pause: Whether to wait for Enter. None: if somebody sits at a terminal.
        quiet: Whether nothing is printed, and nobody waited for.
        stories: The orders beside the one that walks.

    Returns:
        Where the shop is, and where PDF and mail of the order that walked.

    Raises:
        InvalidInput: the folder holds something that no demo made, or the environment would send mails elsewhere.
        InvalidProcess: a process file has errors.
    """
    screen = Console(highlight=False, emoji=False, markup=False, width=None if sys.stdout.isatty() else 80, quiet=quiet)

    def ask(words: str) -> bool:
        try:
            screen.input(words)
        except EOFError:
            return False
        return True

    base = (folder or Path("demo")).resolve()
    waits = not quiet and (sys.stdin.isatty() if pause is None else pause)
    arrived = demonstrate(screen, base, processes=processes_for(base), ask=ask if waits else None, stories=stories)
    return {"shop": base, "order": REFERENCE, "invoices": [_told(letter, pdf) for letter, pdf in arrived]}


def _told(letter: Letter, pdf: Path) -> dict[str, object]:
    return {"pdf": pdf, "mail": letter.eml, "envelope": letter.envelope, "recipients": letter.recipients, "hidden": letter.hidden}


def demonstrate(screen: Console, folder: Path, *, processes: Path, ask: Ask | None, stories: Sequence[Story] = STORIES) -> list[Arrived]:
    """The whole show. Returns the mails with the invoices of the order that walks, and where each PDF was put.

    Args:
        screen: Where it is printed.
        folder: Where the shop is made.
        processes: The files that are executed, and that the reader edits.
        ask: Waits for the reader; None: nobody is there.
        stories: The orders beside the one that walks.
    """
    today = datetime.now(UTC).replace(microsecond=0)
    with ground(folder, processes=processes, beginning=today - WALKED) as place:
        with screen.status("") as status:
            count = partial(_count, screen, status, total=len(stories) + 1)
            count(0)
            first = walk(place)
            refused = seed(place, today=today, stories=stories, told=lambda begun: count(begun + 1))
        _show_shop(screen, place, stories=stories, refused=refused)
        arrived = show_walk(screen, place, first)
        vocabulary = place.shop.vocabulary
    _title(screen, "Your turn")
    screen.print(*turn_page(first.process, processes / f"{PROCESS}.yaml", sentence=MOVE), sep="\n")
    if ask is None:
        screen.print("Then run the demo again: the order gets its invoice at another moment.\n")
    else:
        _replay(screen, folder, first=first, processes=processes, vocabulary=vocabulary, ask=ask)
    _farewell(screen, folder, processes)
    return arrived


def _count(screen: Console, status: Status, begun: int, *, total: int) -> None:
    """How far the three months are, for they take a while. Where nothing can be written over, every tenth order is a line."""
    words = f"{begun} of {total} orders are placed, three months pass …"
    if screen.is_interactive:
        status.update(words)
    elif begun % 10 == 0:
        screen.print(words)


def _show_shop(screen: Console, place: Ground, *, stories: Sequence[Story], refused: Sequence[str]) -> None:
    _title(screen, "A shop")
    orders, invoices, mails = len(stories) + 1, len(place.shop.views.invoices(limit=1000)), len(list(place.mailbox.glob("*.eml")))
    screen.print(
        f"In {shown(place.folder)}: four processes, {orders} orders of three months, {invoices} invoices, {mails} mails.\n"
        "The engine made all of it, under a clock that was moved.",
        soft_wrap=True,
    )
    screen.print(overview(place))
    screen.print(*troubled(place, stories), "", sep="\n")
    if refused:
        screen.print(f"The processes were edited, so {len(refused)} things could not happen, the first:\n  {refused[0]}\n", style="yellow")


def show_walk(screen: Console, place: Ground, walked: Walk) -> list[Arrived]:
    """The way of the order and the papers that came of it; each PDF is put where it is found."""
    arrived: list[Arrived] = []
    _title(screen, f"Order {REFERENCE} walks through {PROCESS}")
    screen.print(*walk_page(walked, zone=place.shop.engine.profile(place.shop.settings.default_store).zone), sep="\n")
    for number in (number for hop in walked.hops for number in hop.invoices):
        letter = letter_with(number, place.mailbox)
        if letter is not None:
            _title(screen, f"Invoice {number}, as it arrived")
            pdf = place.folder / letter.attached
            pdf.write_bytes(letter.pdf)
            screen.print(letter_page(letter, pdf=pdf), soft_wrap=True)
            screen.print()
            arrived.append((letter, pdf))
    return arrived


def _replay(screen: Console, folder: Path, *, first: Walk, processes: Path, vocabulary: Vocabulary, ask: Ask) -> None:
    """The same order again, in a shop of its own, as soon as the file is changed and right."""
    began = datetime.now(UTC).replace(microsecond=0) - WALKED
    known = first.process
    while _wait_for_change(screen, known, processes=processes, vocabulary=vocabulary, ask=ask):
        with ground(folder / "replay", processes=processes, beginning=began) as place:
            again = walk(place)
            show_walk(screen, place, again)
        if not again.refused:
            _title(screen, "What the one line changed")
            screen.print(comparison(first.hops, again.hops))
            return
        known = again.process


def _wait_for_change(screen: Console, known: Process, *, processes: Path, vocabulary: Vocabulary, ask: Ask) -> bool:
    """Until the file is changed and right. False: the reader goes on without."""
    words = READY
    while ask(words):
        report = check_folder(Path(shown(processes)), vocabulary)
        loaded = report.processes.get(PROCESS)
        if report.errors:
            screen.print(f"\n{as_text(report)}\nNothing was replayed. Mend it and save it.\n", soft_wrap=True)
            words = READY
        elif loaded is not None and loaded.process != known:
            return True
        elif words == WITHOUT:
            return False
        else:
            screen.print("The file is as it was: is it saved?\n")
            words = WITHOUT
    return False


def _farewell(screen: Console, folder: Path, processes: Path) -> None:
    shop, command = shown(folder), "./run oms" if Path("run").is_file() and in_clone() else "oms"
    _title(screen, "Look around")
    for words, why in (
        ("order list", "all orders, and for whom each waits"),
        ("order show P-1009", "why does this one wait?"),
        ("incident list", "what needs attention, and what mends it"),
        ("invoice list", "what became of invoices and mails"),
        (f"graph {PROCESS}", "the process as Mermaid"),
        ("deploy", "let new orders take your edits"),
    ):
        screen.print(Text.assemble(f"  {command} --shop {shop} {words:<19}", (why, "dim")), soft_wrap=True)
    back = " `git restore processes` takes it back." if in_clone() else f" Delete {shown(processes)} to begin with the shipped ones."
    screen.print(f"\nEdit {shown(processes)}/*.yaml as you like, and run the demo again.{back}")


def _title(screen: Console, words: str) -> None:
    screen.rule(Text(words, "bold"), characters="─", align="left", style="dim")
    screen.print()
