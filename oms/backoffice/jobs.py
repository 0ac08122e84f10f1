"""`/stores/{store}/jobs`: what failed, alike ones together, and what waits for a worker. A hopeless job is skipped on its order's page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from oms.api.entry import ShopHere
from oms.backoffice.arriving import PAGE, Arriving, arrived, arriving_here
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import Form, form_of
from oms.backoffice.naming import titles_of
from oms.backoffice.rendering import page
from oms.backoffice.telling import Tongue
from oms.backoffice.troubles import bar_of, offered, told
from oms.backoffice.visitor import Visitor, Visits
from oms.engine.care import retry_order
from oms.lookup.orders import processes_in_use
from oms.lookup.work import failed, tried_again
from oms.ports.views import JobLine, Work

router = APIRouter(prefix="/stores/{store}/jobs", route_class=PageRoute)

BACK = frozenset({"jobs", "overview"})
"""Pages with such buttons: who presses one comes back to it."""


@router.get("", operation_id="listJobs")
def list_work(
    request: Request,
    visitor: Annotated[Visitor, Depends(Visits("operations.read"))],
    shop: ShopHere,
    tried: Annotated[int | None, Query(ge=0, le=10_000)] = None,
) -> Response:
    """What failed, what is tried again by itself, what waits."""
    found = shop.views.work(visitor.store)
    tongue, here = visitor.tongue, visitor.at("jobs")
    titles = titles_of(processes_in_use(shop).values(), tongue)
    given = {
        "site": visitor.site("jobs"),
        "jobs": here,
        "back": "jobs",
        "bar": bar_of(tried, tongue),
        "may": offered(visitor),
        "news": arrived(visitor, here, {}, _ids(found)),
        "failed": [told(each, visitor, tongue, titles) for each in failed(found)],
        "again": [told(each, visitor, tongue, titles) for each in tried_again(found)],
        "waiting": _waiting([job for job in found.jobs if not job.error], tongue),
    }
    return page(request, "jobs.html", given)


@router.get("/new", operation_id="listJobs")
def news(
    request: Request,
    visitor: Annotated[Visitor, Depends(Visits("operations.read"))],
    shop: ShopHere,
    asks: Annotated[Arriving, Depends(arriving_here)],
) -> Response:
    """How many failures an open page lacks."""
    return asks.answer(request, visitor, visitor.at("jobs"), {}, _ids(shop.views.work(visitor.store)))


@router.post("/retry", operation_id="retryOrder")
def retry(visitor: Annotated[Visitor, Depends(Visits("orders.retry"))], shop: ShopHere, form: Annotated[Form, Depends(form_of)]) -> Response:
    """Try again now what failed of one order. Pressed twice, it is tried once: a worker has it then."""
    tried = retry_order(shop.engine, form.one("reference"), actor=visitor.actor, store=visitor.store)
    return _back(visitor, form, int(bool(tried.items or tried.timers or tried.jobs)))


@router.post("/retry-alike", operation_id="retryAlike")
def retry_alike(visitor: Annotated[Visitor, Depends(Visits("operations.mend"))], shop: ShopHere, form: Annotated[Form, Depends(form_of)]) -> Response:
    """Try again now what failed alike, in all orders. Killed in between, the rest still stands there."""
    found, mark = shop.views.work(visitor.store), form.one("mark")
    alike = next((each for each in [*failed(found), *tried_again(found)] if each.mark == mark), None)
    tried = [retry_order(shop.engine, each, actor=visitor.actor, store=visitor.store) for each in (alike.references if alike else ())]
    return _back(visitor, form, sum(bool(each.items or each.timers or each.jobs) for each in tried))


def _ids(found: Work) -> list[int]:
    """Of what failed, the newest first."""
    return [line.incident.id for line in found.incidents[: PAGE + 1]]


def _back(visitor: Visitor, form: Form, tried: int) -> Response:
    page_of = form.one("back") if form.one("back") in BACK else "jobs"
    return RedirectResponse(f"{visitor.at(page_of)}?tried={tried}", 303)


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
