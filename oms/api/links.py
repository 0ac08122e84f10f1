"""Signed links to issued papers: made and revoked with a key, opened at `/documents/{token}` by whoever holds one, without a login."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from oms.api.addresses import Number
from oms.api.answers.papers import LinkTold, RevokedTold
from oms.api.bodies import Body, body_of, described
from oms.api.documented import OPEN, a_file, failing
from oms.api.entry import ShopHere, asks
from oms.api.files import file_answer
from oms.api.invoices import paper_of
from oms.api.once import OnceRoute
from oms.bootstrap import Shop
from oms.engine.linking import opened, revoke, token_of
from oms.links import address
from oms.ports.deeds import visitor
from oms.ports.records import Document
from oms.rights import Caller

OPENED_AT = "/documents/"

router = APIRouter(prefix="/invoices/{number:paper}/links", tags=["links"], route_class=OnceRoute)
opening = APIRouter(prefix=OPENED_AT.rstrip("/"), tags=["links"])

Sends = Annotated[Caller, Depends(asks("invoices.send"))]


class Linking(Body):
    """A link to a paper."""

    days: int = Field(default=30, ge=1, le=3650, description="how long it counts")


@router.post("", status_code=201, operation_id="makeLink", openapi_extra=described(Linking, {"days": 14}), responses=failing(400, 404, 413, 422))
def make(number: Number, request: Request, shop: ShopHere, caller: Sends, wanted: Annotated[Linking, Depends(body_of(Linking))]) -> LinkTold:
    """Make a link that opens a paper, without a login, until its time is over or it is revoked. Before it stands the store's `link_base`."""
    visitor().is_given()
    paper = paper_of(shop, number, caller)
    link = link_to(shop, paper, request, days=wanted.days)
    return LinkTold(number=paper.number, link=link, until=shop.today(paper.store) + timedelta(days=wanted.days))


def link_to(shop: Shop, paper: Document, request: Request, *, days: int) -> str:
    """A link that opens a paper for so many days after today: behind the store's `link_base`, else at this server."""
    profile = shop.engine.profile(paper.store)
    with shop.store.reading() as work:
        token = token_of(work, paper, key=shop.link_key(), zone=profile.zone, days=days)
    base = profile.link_base or f"{str(request.base_url).rstrip('/')}{OPENED_AT}"
    return address(base, token)


@router.delete("", operation_id="revokeLinks", responses=failing(404))
def withdraw(number: Number, shop: ShopHere, caller: Sends) -> RevokedTold:
    """Let no link to this paper count that was given away before."""
    paper = paper_of(shop, number, caller)
    revoke(shop.engine, paper, actor=caller.actor)
    return RevokedTold(number=paper.number, revoked_at=shop.store.now())


@opening.get(
    "/{token}", operation_id="openLink", response_class=Response, responses=failing(404, always=OPEN) | a_file("application/pdf", "The PDF.")
)
def open_link(token: str, request: Request, shop: ShopHere) -> Response:
    """The stored PDF. A link that is wrong, over or revoked opens nothing, and nobody is told which it is."""
    document, data = opened(shop.engine, token, key=shop.link_key())
    return file_answer(request, data, name=f"{document.number}.pdf")
