"""`/api/v1/customers`: what is kept of a customer, given out and erased."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from pydantic import Field

from oms.api.answers.erased import ErasedTold
from oms.api.bodies import Body, body_of, described
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.once import OnceRoute
from oms.engine.erasing import Customer, erase
from oms.lookup.export import export
from oms.rights import Caller

once = APIRouter(prefix="/customers", tags=["customer"], route_class=OnceRoute)
anew = APIRouter(prefix="/customers", tags=["customer"])

MOST = 1_000
Erases = Annotated[Caller, Depends(asks("customer.erase"))]


class Whom(Body):
    """A customer: by mail address, by orders, or both."""

    email: str | None = Field(default=None, min_length=1, max_length=254)
    orders: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(default=[], max_length=MOST, description="references")

    def of(self, store: str | None) -> Customer:
        """In the store of the caller."""
        return Customer(email=self.email, orders=tuple(self.orders), store=store)


class Erasing(Whom):
    """Who is erased, and why."""

    reason: str = Field(min_length=1, max_length=1000, description="why; it is kept, so name nobody in it")
    force: bool = Field(default=False, description="also orders that are open, unless something is under way")
    dry_run: bool = Field(default=False, description="only say what would be erased, and what stands in the way")


WHOM = {"email": "jana@example.com"}
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"description": "JSON and files, as a ZIP.", "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@once.post(
    "/erase",
    operation_id="eraseCustomer",
    openapi_extra=described(Erasing, WHOM | {"reason": "request 4711", "dry_run": True}),
    responses=failing(400, 404, 409, 413, 422),
)
def erase_customer(shop: ShopHere, caller: Erases, wanted: Annotated[Erasing, Depends(body_of(Erasing))]) -> ErasedTold:
    """Erase what is kept of a customer. Invoices and credit notes stay as they were issued; open orders stand in the way: 409 says which."""
    done = erase(shop.engine, wanted.of(caller.store), actor=caller.actor, reason=wanted.reason, force=wanted.force, dry_run=wanted.dry_run)
    return ErasedTold.model_validate(done)


@anew.post(
    "/export",
    operation_id="exportCustomer",
    response_class=StreamingResponse,
    openapi_extra=described(Whom, WHOM),
    responses=_ZIP | failing(400, 404, 413, 422),
)
def export_customer(shop: ShopHere, caller: Erases, wanted: Annotated[Whom, Depends(body_of(Whom))]) -> StreamingResponse:
    """All that is kept of a customer, as a ZIP that is written while it is sent. Repeated, it is written anew: nothing changes by it."""
    heads = {"Content-Disposition": 'attachment; filename="customer.zip"'}
    return StreamingResponse(export(shop, wanted.of(caller.store)), media_type="application/zip", headers=heads)


router = APIRouter()
router.include_router(once)
router.include_router(anew)
