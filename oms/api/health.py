"""Is it there, and can it work? Asked by load balancers and supervisors, without a key; says nothing of orders."""

from __future__ import annotations

from fastapi import APIRouter

from oms.api.answers.common import HealthTold

router = APIRouter(tags=["health"])


@router.get("/healthz")
def health() -> HealthTold:
    """The process answers."""
    return HealthTold()
