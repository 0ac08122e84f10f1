"""`/stores/{store}/jobs`: what failed, alike ones together, and what waits for a worker. A hopeless job is skipped on its order's page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from oms.api.entry import ShopHere
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import Form, form_of
from oms.backoffice.rendering import page
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor, Visits
from oms.engine.booking import NOT_APPLIED, REFUND_FAILED
from oms.engine.care import retry_order
from oms.engine.landing import JOB_DIED
from oms.engine.reckoning import OVERPAID
from oms.engine.waiting import LATE
from oms.lookup.work import Trouble, failed, tried_again
from oms.ports.views import JobLine

router = APIRouter(prefix="/stores/{store}/jobs", route_class=PageRoute)

SHOWN = 8
"""Orders of a trouble that are named; *Try all of these again* reaches all of them."""

MAY = {"retry": "orders.retry", "alike": "operations.mend", "skip": "orders.skip"}
"""What the page offers, and the right that it asks for."""

BY_HAND = frozenset({OVERPAID, LATE, REFUND_FAILED, NOT_APPLIED})
"""Incidents that no new try mends."""


@router.get("", operation_id="listJobs")
def list_work(
    request: Request,
    visitor: Annotated[Visitor, Depends(Visits("operations.read"))],
    shop: ShopHere,
    tried: Annotated[int | None, Query(ge=0, le=10_000)] = None,
) -> Response:
    """What failed, what is tried again by itself, what waits."""
    found = shop.views.work(visitor.store)
    tongue = visitor.tongue
    said = None if tried is None else tongue.several("said_alike", tried) if tried else tongue.word("said_retried_nothing")
    given = {
        "site": visitor.site("jobs"),
        "here": visitor.at("jobs"),
        "bar": {"look": "done", "lines": [said]} if said else None,
        "may": {
            "retry": visitor.caller.may("orders.retry"),
            "alike": visitor.caller.may("operations.mend"),
            "skip": visitor.caller.may("orders.skip"),
        },
        "failed": [_trouble(each, visitor, tongue) for each in failed(found)],
        "again": [_trouble(each, visitor, tongue) for each in tried_again(found)],
        "waiting": _waiting([job for job in found.jobs if not job.error], tongue),
    }
    return page(request, "jobs.html", given)


@router.post("/retry", operation_id="retryOrder")
def retry(visitor: Annotated[Visitor, Depends(Visits("orders.retry"))], shop: ShopHere, form: Annotated[Form, Depends(form_of)]) -> Response:
    """Try again now what failed of one order. Pressed twice, it is tried once: a worker has it then."""
    tried = retry_order(shop.engine, form.one("reference"), actor=visitor.actor, store=visitor.store)
    return _back(visitor, int(bool(tried.items or tried.timers or tried.jobs)))


@router.post("/retry-alike", operation_id="retryAlike")
def retry_alike(visitor: Annotated[Visitor, Depends(Visits("operations.mend"))], shop: ShopHere, form: Annotated[Form, Depends(form_of)]) -> Response:
    """Try again now what failed alike, in all orders. Killed in between, the rest still stands there."""
    found, mark = shop.views.work(visitor.store), form.one("mark")
    alike = next((each for each in [*failed(found), *tried_again(found)] if each.mark == mark), None)
    tried = [retry_order(shop.engine, each, actor=visitor.actor, store=visitor.store) for each in (alike.references if alike else ())]
    return _back(visitor, sum(bool(each.items or each.timers or each.jobs) for each in tried))


def _back(visitor: Visitor, tried: int) -> Response:
    return RedirectResponse(f"{visitor.at('jobs')}?tried={tried}", 303)


def _trouble(trouble: Trouble, visitor: Visitor, tongue: Tongue) -> dict[str, Any]:
    return {
        "mark": trouble.mark,
        "kind": trouble.kind.replace("_", " "),
        "text": trouble.text,
        "time": tongue.when(trouble.at),
        "next": tongue.due(trouble.next_at) if trouble.next_at else None,
        "number": tongue.several("orders", len(trouble.references)),
        "several": len(trouble.references) > 1,
        "orders": [{"reference": each, "address": visitor.at("orders", each)} for each in trouble.references[:SHOWN]],
        "more": max(len(trouble.references) - SHOWN, 0),
        "dead": trouble.kind == JOB_DIED,
        "retry": trouble.kind not in BY_HAND,
    }


def _waiting(jobs: list[JobLine], tongue: Tongue) -> list[dict[str, Any]]:
    """Names of jobs, how many of each wait or run, and when the first is due."""
    groups: dict[tuple[str, str], list[JobLine]] = {}
    for job in jobs:
        groups.setdefault((job.name, "running" if job.status == "running" else "todo"), []).append(job)
    told = []
    for (name, status), alike in sorted(groups.items()):
        due = min((job.next_at for job in alike if job.next_at), default=None)
        told.append({"name": name.replace("_", " "), "number": len(alike), "runs": status == "running", "due": tongue.due(due) if due else None})
    return told
