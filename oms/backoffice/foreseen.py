"""What an event would do, in the words of whoever is about to let it happen. An amount is said where it is known, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from oms.backoffice.dialogs import units_of
from oms.backoffice.rendering import words_in
from oms.backoffice.showing import Showing
from oms.bootstrap import Shop
from oms.engine.overlays import OfTheShop, Remark, ToPrint, Written
from oms.engine.reckoning import BY_HAND, REFUND
from oms.engine.rehearsal import Foreseen, Move
from oms.invoicing import CREDIT_NOTE
from oms.lookup.foreseen import foresee, goes_back_by_hand
from oms.outbox import Job
from oms.ports.drafts import NewMessage
from oms.ports.records import Document, Paper, Payment
from oms.process.model import Call

CAPTURE = "capture_payment"
"""The job that fetches what a bank has promised."""


def foreseen_of(shop: Shop, show: Showing, dialog: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the event of a form would do to the items that are chosen in it; None: it can't happen to them, or none is."""
    named = [(item["label"], units_of(item["units"], f"{item['quantity']}")) for item in dialog["items"] if item["chosen"]]
    found = foresee(shop, show.page, dialog["event"], named) if named else None
    if found is None:
        return None
    return {
        "moves": list(_moves(show, found)),
        "lines": list(_Telling(shop, show, found).lines()),
        "may": [_may(show, call) for call in found.may],
        "why_not": show.told(found.why_not) if found.why_not else "",
    }


def _moves(show: Showing, found: Foreseen) -> Iterator[str]:
    """Items that go the same way together."""
    groups: dict[tuple[str, tuple[str, ...]], list[Move]] = {}
    for move in found.moves:
        groups.setdefault((move.item.state, move.targets), []).append(move)
    for (source, targets), moves in groups.items():
        items = show.items([move.item.label for move in moves])
        units = show.tongue.several("units", sum(move.quantity for move in moves))
        ways = f" {show.tongue.word('or')} ".join(show.state(target) for target in targets) or show.tongue.word("fore_stays")
        yield f"{items} ({units}): {show.state(source)} → {ways}"


class _Telling:
    """What is written, line by line."""

    def __init__(self, shop: Shop, show: Showing, found: Foreseen) -> None:
        self._shop, self._show, self._tongue, self._found = shop, show, show.tongue, found
        self._is_known = True  #: no command of the shop's own has written anything yet

    def lines(self) -> Iterator[str]:
        before: Written | None = None
        for each in self._found.written:
            if not (isinstance(each, Remark) and isinstance(before, ToPrint)):  # it says the same, by a number that nothing has yet
                yield from self._line(each)
            before = each

    def _line(self, each: Written) -> Iterator[str]:
        match each:
            case Document():
                yield self._document(each)
            case NewMessage():
                yield self._mail(each)
            case Payment() if (each.kind, each.provider) == ("refund", BY_HAND):
                yield self._word("refunded", amount=self._amount(each.amount_minor))
            case Job():
                yield from self._job(each)
            case _:
                yield from self._other(each)

    def _other(self, each: Written) -> Iterator[str]:
        match each:
            case Paper():
                yield self._word("paper", what=_named(self._show, each.template))
            case ToPrint():
                yield self._word("print", what=self._number(each.document))
            case Remark():
                yield self._tongue.said(each.text)
            case OfTheShop():
                self._is_known = False
                yield self._word("own", what=_named(self._show, each.name))

    def _document(self, paper: Document) -> str:
        amount = self._amount(paper.payable_minor)
        if paper.kind == CREDIT_NOTE:
            return self._word("credit", number=self._number(int(paper.parent)), amount=amount)
        return self._word("invoice", amount=amount)

    def _mail(self, mail: NewMessage) -> str:
        to, copies = (", ".join(address for address, role in mail.recipients if role == wanted) for wanted in ("to", "bcc"))
        told = self._word("mail", what=_named(self._show, mail.template), address=to)
        return f"{told} {self._word('copy', address=copies)}" if copies else told

    def _job(self, job: Job) -> Iterator[str]:
        if job.name not in {REFUND, CAPTURE}:
            if job.state is not None:
                yield self._word("own", what=_named(self._show, job.name))
            return
        minor, what = int(str(job.arguments["amount_minor"])), "refund" if job.name == REFUND else "capture"
        by_hand = job.name == REFUND and goes_back_by_hand(self._shop, self._show.page, minor)
        said = f"{what}_none" if not minor and self._is_known else f"{what}_by_hand" if by_hand else what
        yield self._word(said, amount=self._amount(minor))

    def _amount(self, minor: int) -> str:
        return self._tongue.money(minor, self._show.page.view.head.currency) if self._is_known else self._word("amount_unknown")

    def _number(self, document: int) -> str:
        """Of a paper that there is; of one that would be, what it is."""
        known = {paper.id: paper.number for paper, _ in self._show.page.view.invoices}
        made = {paper.id: self._tongue.word(f"kind_{paper.kind}") for paper in self._found.written if isinstance(paper, Document)}
        return (known | made)[document]

    def _word(self, name: str, **values: object) -> str:
        return self._tongue.word(f"fore_{name}", **values)


def _may(show: Showing, call: Call) -> str:
    """What a call of the process does, without amounts."""
    words, name = words_in(show.tongue.locale), _named(show, str(call.arguments.get("template", call.name)))
    return words.get(f"may_{call.name}", words["may_own"]).format(what=name)


def _named(show: Showing, name: str) -> str:
    """What a template is called; those of a shop, and its commands and jobs, by their own names."""
    return words_in(show.tongue.locale).get(f"named_{name}", name.replace("_", " "))
