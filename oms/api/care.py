"""`/api/v1/orders/{reference}`: what people do to an order besides its events. Mend data, hold, release, try again, skip, remark."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from oms.api.answers.lists import CommentsTold, HeldTold, RetriedTold
from oms.api.answers.orders import CommentTold
from oms.api.answers.told import TriggerTold, triggered
from oms.api.bodies import Body, body_of, described
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.once import Key, Once, OnceRoute, once_of
from oms.engine.by_hand import comment
from oms.engine.care import correct, hold_order, release_order, retry_order, skip
from oms.ports.store import UnitOfWork
from oms.ports.views import Note
from oms.rights import Caller

router = APIRouter(prefix="/orders/{reference}", tags=["care"], route_class=OnceRoute)

Reason = Annotated[str, Field(min_length=1, max_length=1000, description="why, in a few words; stands in the history")]


class Because(Body):
    """Why."""

    reason: Reason


class Correction(Body):
    """Parts of the order document, as they should be."""

    reason: Reason
    customer: dict[str, Any] | None = None
    billing_address: dict[str, Any] | None = None
    shipping_address: dict[str, Any] | None = None
    buyer_reference: str | None = Field(default=None, min_length=1, max_length=200)


class Remark(Body):
    """A comment."""

    text: str = Field(min_length=1, max_length=2000)


WHY = {"reason": "the customer called"}
MENDING = {"reason": "typing error", "customer": {"email": "jana@example.com"}}


@router.patch("", operation_id="correctOrder", openapi_extra=described(Correction, MENDING), responses=failing(400, 404, 409, 413, 422))
def mend(
    reference: str,
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("orders.correct"))],
    wanted: Annotated[Correction, Depends(body_of(Correction))],
    key: Key = None,
) -> TriggerTold:
    """Mend name, address, VAT id, mail address or buyer reference: issued papers stay, what failed for want of it is tried again at once."""
    changes = wanted.model_dump(exclude={"reason"}, exclude_unset=True)
    answer = correct(shop.engine, reference, changes, actor=caller.actor, reason=wanted.reason, store=caller.store, key=key)
    return triggered(answer, caller.store or shop.settings.default_store)


@router.post("/hold", operation_id="holdOrder", openapi_extra=described(Because, WHY), responses=failing(400, 404, 409, 413, 422))
def hold(
    reference: str,
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("orders.hold"))],
    why: Annotated[Because, Depends(body_of(Because))],
) -> HeldTold:
    """Hold an order: timers, jobs and automatic steps wait; people and payments go on."""
    hold_order(shop.engine, reference, reason=why.reason, actor=caller.actor, store=caller.store)
    return HeldTold(order=reference, held=why.reason, changed=True)


@router.post("/release", operation_id="releaseOrder", openapi_extra=described(Because, WHY), responses=failing(400, 404, 409, 413, 422))
def release(
    reference: str,
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("orders.hold"))],
    why: Annotated[Because, Depends(body_of(Because))],
) -> HeldTold:
    """Release an order that is held: what waited happens now."""
    changed = release_order(shop.engine, reference, reason=why.reason, actor=caller.actor, store=caller.store)
    return HeldTold(order=reference, held=None, changed=changed)


@router.post("/retry", operation_id="retryOrder", responses=failing(404, 409))
def retry(reference: str, shop: ShopHere, caller: Annotated[Caller, Depends(asks("orders.retry"))]) -> RetriedTold:
    """Try again what failed or was given up. A worker does it."""
    return RetriedTold.model_validate(retry_order(shop.engine, reference, actor=caller.actor, store=caller.store))


@router.post("/skip", operation_id="skipJob", openapi_extra=described(Because, WHY), responses=failing(400, 404, 409, 413, 422))
def skip_job(
    reference: str,
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("orders.skip"))],
    why: Annotated[Because, Depends(body_of(Because))],
    key: Key = None,
) -> TriggerTold:
    """Go on as if a job that was given up had done its work (rule 29)."""
    answer = skip(shop.engine, reference, actor=caller.actor, reason=why.reason, store=caller.store, key=key)
    return triggered(answer, caller.store or shop.settings.default_store)


@router.get("/comments", operation_id="listComments", responses=failing(404))
def comments(reference: str, shop: ShopHere, caller: Annotated[Caller, Depends(asks("orders.read"))]) -> CommentsTold:
    """What was remarked."""
    return CommentsTold.model_validate({"comments": shop.views.order(reference, store=caller.store).notes})


@router.post(
    "/comments",
    status_code=201,
    operation_id="comment",
    openapi_extra=described(Remark, {"text": "called back"}),
    responses=failing(400, 404, 409, 413, 422),
)
def remark(
    reference: str,
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("orders.comment"))],
    wanted: Annotated[Remark, Depends(body_of(Remark))],
    once: Annotated[Once, Depends(once_of)],
) -> CommentTold:
    """Write a comment."""
    told: list[CommentTold] = []

    def note(work: UnitOfWork, said: Note) -> None:
        told.append(CommentTold.model_validate(said))
        once.note(work, told[0], status=201)

    comment(shop.engine, reference, wanted.text, actor=caller.actor, store=caller.store, noted=note)
    return told[0]
