"""Everything that happened to an order, in one list: hops, remarks, papers, mails, money. The newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from oms.backoffice.showing import Showing

AT_ONCE = 40
"""So many are shown; the rest on a click."""
Entry = tuple[datetime, int, dict[str, Any]]


def timeline_of(show: Showing, *, everything: bool) -> tuple[list[dict[str, Any]], int]:
    """The entries, and how many are left out."""
    entries = [*_hops(show), *_notes(show), *_papers(show), *_mails(show), *_payments(show)]
    entries.sort(key=lambda entry: entry[:2], reverse=True)
    shown = entries if everything else entries[:AT_ONCE]
    return [{"time": show.tongue.when(at), **told} for at, _, told in shown], len(entries) - len(shown)


def _hops(show: Showing) -> Iterator[Entry]:
    triggers = {row.id: row for row in show.page.view.triggers}
    groups: dict[tuple[Any, ...], list[str]] = {}
    rows = {}
    for row in show.page.view.history:
        key = (row.trigger, row.hop, row.event, row.source, row.target, row.error)
        groups.setdefault(key, []).append(show.page.label(row.item))
        rows[key] = row
    for place, (key, labels) in enumerate(groups.items()):
        row = rows[key]
        trigger = triggers[row.trigger]
        source = show.state(row.source) if row.source else ""
        yield (
            row.at,
            place,
            {
                "look": "fail" if row.error else "",
                "source": source if row.source != row.target else "",
                "target": show.state(row.target),
                "items": "" if len(labels) == len(show.page.view.items) else show.items(labels),
                "event": show.event(row.event),
                "actor": row.actor,
                "why": row.reason or "",
                "error": show.told(row.error or ""),
                "cause": "" if (trigger.cause or "").startswith("job:") else trigger.cause or "",
            },
        )


def _notes(show: Showing) -> Iterator[Entry]:
    for place, note in enumerate(show.page.view.notes):
        yield note.at, 1_000_000 + place, {"look": "me", "title": show.tongue.said(note.text), "actor": note.actor}


def _papers(show: Showing) -> Iterator[Entry]:
    for paper, _ in show.page.view.invoices:
        title = show.tongue.word(f"issued_{paper.kind}", number=paper.number)
        yield paper.created_at, 2_000_000 + paper.id, {"look": "", "title": title, "minor": paper.payable_minor, "currency": paper.currency}
    for line in show.page.papers:
        yield line.paper.created_at, 2_000_000, {"look": "", "title": show.tongue.word("paper_made", paper=line.name.replace("_", " "))}


def _mails(show: Showing) -> Iterator[Entry]:
    numbers = {paper.id: paper.number for paper, _ in show.page.view.invoices}
    for message, recipients in show.page.view.mails:
        what = numbers.get(message.document or 0, message.template.replace("_", " "))
        if message.reason != "auto":
            to = ", ".join(each.address for each in recipients if each.role == "to")
            title = show.tongue.word("mail_again", what=what, address=to)
            yield message.created_at, 3_000_000 + message.id, {"look": "me", "title": title, "actor": message.actor}
        for each in recipients:
            title = show.tongue.word(f"mail_{each.status}", what=what, address=each.address)
            look = "fail" if each.status in {"refused", "gave_up"} else ""
            said = " ".join(filter(None, (each.code, each.text)))
            yield each.sent_at or message.created_at, 3_000_000 + message.id, {"look": look, "title": title, "said": said}


def _payments(show: Showing) -> Iterator[Entry]:
    for each in show.page.view.payments:
        reference = f"{each.reference} ({each.provider})" if each.provider else each.reference
        title = show.tongue.word(f"money_{each.kind}", reference=reference)
        yield each.at, 4_000_000 + each.id, {"look": "", "title": title, "minor": each.amount_minor, "currency": each.currency}
