"""Is it there, and can it work? Asked by load balancers and supervisors, without a key; says nothing of orders."""

from __future__ import annotations

from fastapi import APIRouter, Response

from oms.api.answers.told import HealthTold, ReadinessTold
from oms.api.documented import failing
from oms.api.entry import ShopHere
from oms.lookup.readiness import readiness

router = APIRouter(tags=["health"])


@router.get("/healthz", operation_id="isAlive", responses=failing(always=(500,)))
def health() -> HealthTold:
    """The process answers."""
    return HealthTold()


@router.get(
    "/readyz",
    operation_id="isReady",
    responses=failing(always=(500,)) | {503: {"model": ReadinessTold, "description": "It can't work now: what is wrong."}},
)
def ready(shop: ShopHere, response: Response) -> ReadinessTold:
    """The database is there and of the newest form, somebody works, nothing is overdue; 503 with what is wrong."""
    found = readiness(shop)
    response.status_code = 200 if found.is_ready else 503
    return ReadinessTold(ready=found.is_ready, database=found.database, workers=found.workers, work=found.work)
