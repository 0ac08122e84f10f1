"""`/stores/{store}/imports`: events and payments from files. What each row would do is shown first; a repeated file changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from oms.api.entry import ShopHere
from oms.backoffice.failures import PageRoute
from oms.backoffice.rendering import page
from oms.backoffice.telling import Tongue
from oms.backoffice.uploads import Upload, upload_of
from oms.backoffice.visitor import Visitor, Visits
from oms.engine.event_list import RowResult, import_events, read_events
from oms.engine.statements import EntryResult, import_statement
from oms.errors import InvalidInput, Problem
from oms.statements import read_statement

router = APIRouter(prefix="/stores/{store}/imports", route_class=PageRoute)

MOST = 2_000
"""Rows of a file that a browser waits for."""
_LOOKS = {"failed": "fail", "not matched": "fail", "repeated": "neut", "no payment": "neut", "overpayment": "attn", "part payment": "attn"}
"""Of outcomes; all others are done."""
File = Annotated[Upload, Depends(upload_of)]


@router.get("", operation_id="seeImports")
def choose(request: Request, visitor: Annotated[Visitor, Depends(Visits("orders.trigger"))]) -> Response:
    """Choose a file."""
    return _answer(request, visitor)


@router.post("/events", operation_id="importEvents")
def events(request: Request, visitor: Annotated[Visitor, Depends(Visits("orders.trigger"))], shop: ShopHere, file: File) -> Response:
    """What the events of a file would do, or let them happen."""
    try:
        _require_few(len(read_events(file.content)), "oms events import")
        results = import_events(
            shop.engine, file.content, actor=visitor.actor, store=visitor.store, preview=not file.agreed, roles=visitor.caller.acts_as
        )
    except InvalidInput as error:
        return _answer(request, visitor, wrong=("events", error))
    tongue = visitor.tongue
    return _answer(request, visitor, result=_told("events", file, [_event(each, visitor, tongue) for each in results], tongue))


@router.post("/payments", operation_id="importPayments")
def payments(request: Request, visitor: Annotated[Visitor, Depends(Visits("payments.record"))], shop: ShopHere, file: File) -> Response:
    """What the entries of a bank's statement would pay, or book them."""
    try:
        entries = read_statement(file.content)
        _require_few(len(entries), "oms payment import")
    except InvalidInput as error:
        return _answer(request, visitor, wrong=("payments", error))
    results = import_statement(shop.engine, entries, actor=visitor.actor, store=visitor.store, preview=not file.agreed)
    tongue = visitor.tongue
    return _answer(request, visitor, result=_told("payments", file, [_entry(each, visitor, tongue) for each in results], tongue))


def _require_few(rows: int, command: str) -> None:
    if rows > MOST:
        raise InvalidInput([Problem("file", f"has {rows:,} rows, more than {MOST:,} are too many for a page: `{command}` takes them.")])


def _answer(request: Request, visitor: Visitor, *, result: dict[str, Any] | None = None, wrong: tuple[str, InvalidInput] | None = None) -> Response:
    may = {"events": True, "payments": visitor.caller.may("payments.record")}
    given = {
        "site": visitor.site("imports"),
        "here": visitor.at("imports"),
        "kinds": [kind for kind, allowed in may.items() if allowed],
        "result": result,
        "wrong": {wrong[0]: [str(problem) for problem in wrong[1].problems]} if wrong else {},
    }
    return page(request, "imports.html", given, status=422 if wrong else 200)


def _told(kind: str, file: Upload, rows: Sequence[dict[str, Any]], tongue: Tongue) -> dict[str, Any]:
    counts = Counter((row["look"], row["outcome"]) for row in rows)
    return {
        "kind": kind,
        "name": file.name,
        "content": "" if file.agreed else file.kept,
        "bar": {"look": "done" if file.agreed else "wait", "lines": [tongue.word("import_happened" if file.agreed else "import_foreseen")]},
        "counts": [(look, outcome, number) for (look, outcome), number in counts.most_common()],
        "rows": rows,
    }


def _event(each: RowResult, visitor: Visitor, tongue: Tongue) -> dict[str, Any]:
    return _row(each.outcome, visitor, tongue, place=f"{each.line}", what=each.event, order=each.reference, said=each.said)


def _entry(each: EntryResult, visitor: Visitor, tongue: Tongue) -> dict[str, Any]:
    what = f"{each.amount} {each.currency} · {' · '.join(filter(None, (each.payer, each.text)))}"
    return _row(each.outcome, visitor, tongue, place=each.place, what=what, order=each.order or "", said=each.said)


def _row(outcome: str, visitor: Visitor, tongue: Tongue, *, place: str, what: str, order: str, said: str) -> dict[str, Any]:
    return {
        "place": place,
        "what": what,
        "order": order,
        "address": visitor.at("orders", order) if order else "",
        "look": _LOOKS.get(outcome, "done"),
        "outcome": tongue.word(f"outcome_{outcome.replace(' ', '_')}"),
        "said": said,
    }
