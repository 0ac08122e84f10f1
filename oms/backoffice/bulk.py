"""`/stores/{store}/bulk`: one event for many orders. Looked at first, then done by the worker; its page says how far it is, and what came of each."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from oms.api.entry import ShopHere
from oms.backoffice.dialogs import FIELD, field_of
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import Form, form_of
from oms.backoffice.rendering import page
from oms.backoffice.search import sought
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor, Visits
from oms.bootstrap import Shop
from oms.engine.bulk import MOST, draw_up, start, stop
from oms.errors import InvalidInput, NotAllowed, NotPossible
from oms.lookup.bulk import BulkPage, all_matching, bulk_page, bulk_run, chosen, printed
from oms.ports.bulk import BulkOrder, BulkRun

router = APIRouter(prefix="/stores/{store}/bulk", route_class=PageRoute)

Reads = Annotated[Visitor, Depends(Visits("orders.read"))]
Lets = Annotated[Visitor, Depends(Visits("orders.trigger"))]
Typed = Annotated[Form, Depends(form_of)]
PAGE = 100
"""Orders at once."""
RUNS = 50
LOOKS = {"moved": "done", "stayed": "wait", "cannot": "attn", "failed": "fail", "todo": "neut"}
STATUS = {"draft": "attn", "running": "wait", "done": "done", "stopped": "neut"}


@router.get("", operation_id="listRuns")
def list_runs(request: Request, visitor: Reads, shop: ShopHere) -> Response:
    """What was done to many orders, the newest first."""
    with shop.store.reading() as work:
        runs, tongue = work.bulk.started(visitor.store, limit=RUNS), visitor.tongue
    told = [_head(run, visitor, tongue) for run in runs]
    return page(request, "bulk_runs.html", {"site": visitor.site("orders"), "runs": told})


@router.post("", operation_id="drawUpRun")
def draw(visitor: Lets, shop: ShopHere, form: Typed) -> Response:
    """Look which of the orders can. Nothing happens to them yet."""
    now, everything = visitor.tongue.now, form.one("which") == "all"
    if everything:
        orders = all_matching(shop, sought(form.one("q"), store=visitor.store, now=now, limit=1), most=MOST)
    else:
        orders = chosen(shop, form.every("order"), store=visitor.store)
    query = form.one("q") if everything else ""
    run = draw_up(shop.engine, form.one("event"), orders, store=visitor.store, actor=visitor.actor, key=form.one("key"), query=query)
    return RedirectResponse(visitor.at("bulk", str(run)), 303)


@router.get("/{run}", operation_id="getRun")
def show(request: Request, run: int, visitor: Reads, shop: ShopHere, after: Annotated[int, Query(ge=0, le=MOST)] = 0) -> Response:
    """A run: what it would do, how far it is, what came of it."""
    return _answer(request, run, visitor, shop, form=Form(), after=after)


@router.get("/{run}/progress", operation_id="getRun")
def progress(request: Request, run: int, visitor: Reads, shop: ShopHere) -> Response:
    """The part of its page that changes."""
    return page(request, "_bulk.html", _given(_read(shop, visitor, run), visitor, Form(), after=0))


@router.post("/{run}/start", operation_id="startRun")
def begin(request: Request, run: int, visitor: Lets, shop: ShopHere, form: Typed) -> Response:
    """Let the worker do it."""
    _require_here(shop, visitor, run)
    payload = {name: value for name, value in form.below(FIELD).items() if value}
    try:
        start(shop.engine, run, actor=visitor.actor, roles=visitor.caller.acts_as, reason=form.said("reason"), payload=payload)
    except InvalidInput as error:
        wrong = {problem.where.replace("payload/", FIELD): problem.sentence for problem in error.problems}
        return _answer(request, run, visitor, shop, form=form, wrong=wrong, status=422)
    except (NotPossible, NotAllowed) as error:
        status = 403 if isinstance(error, NotAllowed) else 409
        return _answer(request, run, visitor, shop, form=form, said=str(error), status=status)
    return RedirectResponse(visitor.at("bulk", str(run)), 303)


@router.post("/{run}/stop", operation_id="stopRun")
def end(run: int, visitor: Lets, shop: ShopHere) -> Response:
    """Leave undone what is not done yet."""
    _require_here(shop, visitor, run)
    stop(shop.engine, run, actor=visitor.actor)
    return RedirectResponse(visitor.at("bulk", str(run)), 303)


@router.get("/{run}/papers.zip", operation_id="printRun")
def papers(run: int, visitor: Annotated[Visitor, Depends(Visits("invoices.read"))], shop: ShopHere) -> Response:
    """The PDFs of what it issued, as one file."""
    heads = {"Content-Disposition": f'attachment; filename="{visitor.store}-{run}.zip"', "Cache-Control": "no-store"}
    return StreamingResponse(printed(shop, run, store=visitor.store), media_type="application/zip", headers=heads)


def _require_here(shop: Shop, visitor: Visitor, number: int) -> None:
    with shop.store.reading() as work:
        bulk_run(work, number, store=visitor.store)


def _read(shop: Shop, visitor: Visitor, number: int, *, after: int = 0) -> BulkPage:
    return bulk_page(shop, number, store=visitor.store, locale=visitor.locale, after=after, limit=PAGE)


def _answer(
    request: Request,
    number: int,
    visitor: Visitor,
    shop: Shop,
    *,
    form: Form,
    wrong: dict[str, str] | None = None,
    said: str = "",
    after: int = 0,
    status: int = 200,
) -> Response:
    given = _given(_read(shop, visitor, number, after=after), visitor, form, after=after)
    bar = {"look": "fail", "lines": [], "said": said} if said else None
    return page(request, "bulk.html", given | {"site": visitor.site("orders"), "wrong": wrong or {}, "bar": bar}, status=status)


def _given(found: BulkPage, visitor: Visitor, form: Form, *, after: int) -> dict[str, Any]:
    tongue = visitor.tongue
    here, whole, typed = visitor.at("bulk", str(found.run.id)), found.count(), form.below(FIELD)
    return {
        "here": here,
        "run": _head(found.run, visitor, tongue) | {"title": found.title},
        "numbers": [(LOOKS[name], tongue.word(f"bulk_{name}"), found.count(name)) for name in LOOKS if found.count(name)],
        "preview": tongue.word("bulk_preview", all=whole, can=found.count("todo"), cannot=found.count("cannot")),
        "why_not": [(each.orders, each.said) for each in found.tally if each.outcome == "cannot"],
        "all": whole,
        "can": found.count("todo"),
        "ready": whole - found.count("todo"),
        "orders": [_order(each, visitor, tongue) for each in found.orders],
        "next": f"{here}?after={after + PAGE}" if after + PAGE < whole else None,
        "first": here if after else None,
        "papers": found.papers,
        "printable": found.printable,
        "zip": f"{here}/papers.zip" if found.printable and visitor.caller.may("invoices.read") else None,
        "fields": [field_of(each, typed.get(each.name, "")) for each in found.fields],
        "wants_reason": any(event.reason for event in found.events),
        "confirm": any(event.confirm for event in found.events),
        "reason": form.one("reason"),
        "may": visitor.caller.may("orders.trigger"),
        "wrong": {},
    }


def _head(run: BulkRun, visitor: Visitor, tongue: Tongue) -> dict[str, Any]:
    return {
        "number": run.id,
        "address": visitor.at("bulk", str(run.id)),
        "title": run.event,
        "query": run.query,
        "status": run.status,
        "look": STATUS[run.status],
        "word": tongue.word(f"bulk_is_{run.status}"),
        "actor": run.actor,
        "time": tongue.when(run.started_at or run.created_at),
        "ended_by": run.ended_by or "",
    }


def _order(each: BulkOrder, visitor: Visitor, tongue: Tongue) -> dict[str, Any]:
    return {
        "reference": each.reference,
        "address": visitor.at("orders", each.reference),
        "look": LOOKS[each.outcome],
        "word": tongue.word(f"bulk_{each.outcome}"),
        "state": each.state or "",
        "said": each.said or "",
    }
