"""`/api/v1/stock`: what is reserved by orders that are on their way."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from oms.api.answers.customer import ReservationsTold, ReservationTold
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.paging import Limit
from oms.lookup.orders import reservations
from oms.rights import Caller

router = APIRouter(prefix="/stock", tags=["stock"])

Reads = Annotated[Caller, Depends(asks("stock.read"))]


@router.get("", operation_id="listReservations", responses=failing(422))
def list_reserved(
    shop: ShopHere, caller: Reads, limit: Limit = 50, after: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = ""
) -> ReservationsTold:
    """Each article of which units are reserved: they stand in states that the process flags `reserved`."""
    found = reservations(shop, store=caller.store, after=after, limit=limit + 1)
    told = [ReservationTold(sku=sku, reserved=units) for sku, units in list(found.items())[:limit]]
    return ReservationsTold(reservations=told, next=told[-1].sku if len(found) > limit else None)


@router.get("/{sku}", operation_id="getReservation", responses=failing(422))
def show(sku: str, shop: ShopHere, caller: Reads) -> ReservationTold:
    """How many units of an article are reserved; 0, if nobody knows it."""
    return ReservationTold(sku=sku, reserved=reservations(shop, store=caller.store, sku=sku, limit=1).get(sku, 0))
