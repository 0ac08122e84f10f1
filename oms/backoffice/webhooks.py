"""`/stores/{store}/webhooks`: whom the shop tells what happens, and what came of it. A secret is shown once, when its endpoint is added."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from oms.api.entry import ShopHere
from oms.api.paging import after, cursor_of
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import Form, form_of
from oms.backoffice.rendering import page
from oms.backoffice.telling import Tongue
from oms.backoffice.trying import Tried, tried
from oms.backoffice.visitor import Visitor, Visits
from oms.bootstrap import Shop
from oms.engine.endpoints import Again, add_endpoint, enable_endpoint, endpoint_of, ping, remove_endpoint, resend
from oms.engine.notices import TYPES
from oms.ports.endpoints import Delivery, Endpoint

router = APIRouter(prefix="/stores/{store}/webhooks", route_class=PageRoute)

Manages = Annotated[Visitor, Depends(Visits("webhooks.manage"))]
Typed = Annotated[Form, Depends(form_of)]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
PAGE = 50
SAID = frozenset({"pinged", "enabled", "removed", "resent"})
_LOOKS = {"waiting": "wait", "delivered": "done", "failed": "fail"}


@router.get("", operation_id="listWebhooks")
def list_endpoints(request: Request, visitor: Manages, shop: ShopHere, said: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Who is told of what, and a form for somebody more."""
    return _answer(request, visitor, shop, done=_said(visitor, said))


@router.post("", operation_id="addWebhook")
def add(request: Request, visitor: Manages, shop: ShopHere, form: Typed) -> Response:
    """Tell an address what happens from now on."""

    def act() -> Response:
        added = add_endpoint(shop.engine, form.one("url"), store=visitor.store, types=form.every("types"), actor=visitor.actor)
        return _answer(request, visitor, shop, done=Tried(status=201), secret=added.secret)

    return tried(act, lambda done: _answer(request, visitor, shop, done=done, form=form))


@router.get("/{endpoint}", operation_id="getWebhook")
def show_endpoint(
    request: Request,
    endpoint: Number,
    visitor: Manages,
    shop: ShopHere,
    said: Annotated[str, Query(max_length=20)] = "",
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """What it was told, the newest first."""
    return _one(request, endpoint, visitor, shop, done=_said(visitor, said), cursor=cursor)


@router.post("/{endpoint}/ping", operation_id="pingWebhook")
def send_ping(request: Request, endpoint: Number, visitor: Manages, shop: ShopHere) -> Response:
    """Send it a message that tells nothing; a worker does it."""

    def act() -> Response:
        ping(shop.engine, endpoint, store=visitor.store)
        return _back(visitor, "pinged", endpoint)

    return tried(act, lambda done: _one(request, endpoint, visitor, shop, done=done))


@router.post("/{endpoint}/resend", operation_id="resendWebhook")
def send_again(request: Request, endpoint: Number, visitor: Manages, shop: ShopHere, form: Typed) -> Response:
    """Tell it a message again, under the same id."""

    def act() -> Response:
        resend(shop.engine, endpoint, Again(form.one("message")), store=visitor.store, actor=visitor.actor)
        return _back(visitor, "resent", endpoint)

    return tried(act, lambda done: _one(request, endpoint, visitor, shop, done=done))


@router.post("/{endpoint}/enable", operation_id="enableWebhook")
def enable(endpoint: Number, visitor: Manages, shop: ShopHere) -> Response:
    """Tell it again what happens from now on."""
    enable_endpoint(shop.engine, endpoint, store=visitor.store, actor=visitor.actor)
    return _back(visitor, "enabled", endpoint)


@router.post("/{endpoint}/remove", operation_id="removeWebhook")
def remove(endpoint: Number, visitor: Manages, shop: ShopHere) -> Response:
    """Tell it nothing any more, for good."""
    remove_endpoint(shop.engine, endpoint, store=visitor.store, actor=visitor.actor)
    return _back(visitor, "removed")


def _back(visitor: Visitor, said: str, endpoint: int | None = None) -> Response:
    here = visitor.at("webhooks", *([str(endpoint)] if endpoint else []))
    return RedirectResponse(f"{here}?said={said}", 303)


def _said(visitor: Visitor, said: str) -> Tried:
    return Tried({"look": "done", "lines": [visitor.tongue.word(f"said_webhook_{said}")]} if said in SAID else None)


def _answer(request: Request, visitor: Visitor, shop: Shop, *, done: Tried, form: Form | None = None, secret: str = "") -> Response:
    with shop.store.reading() as work:
        endpoints = work.endpoints.all(visitor.store)
    typed = form or Form()
    given = {
        "site": visitor.site("webhooks"),
        "here": visitor.at("webhooks"),
        "bar": done.bar,
        "wrong": done.wrong,
        "endpoints": [_endpoint(each, visitor) for each in endpoints],
        "types": [(name, name in typed.every("types")) for name in TYPES],
        "url": typed.one("url"),
        "secret": secret,
    }
    return page(request, "webhooks.html", given, status=done.status)


def _one(request: Request, endpoint: int, visitor: Visitor, shop: Shop, *, done: Tried, cursor: str | None = None) -> Response:
    with shop.store.reading() as work:
        found = endpoint_of(work, endpoint, store=visitor.store)
        calls = work.endpoints.deliveries(endpoint, status=None, after=after(cursor), limit=PAGE + 1)
    here, tongue = visitor.at("webhooks", str(endpoint)), visitor.tongue
    given = {
        "site": visitor.site("webhooks"),
        "list": visitor.at("webhooks"),
        "here": here,
        "bar": done.bar,
        "endpoint": _endpoint(found, visitor),
        "calls": [_call(each, tongue) for each in calls[:PAGE]],
        "next": f"{here}?cursor={cursor_of(calls[PAGE - 1].id)}" if len(calls) > PAGE else None,
    }
    return page(request, "webhook.html", given, status=done.status)


def _endpoint(each: Endpoint, visitor: Visitor) -> dict[str, Any]:
    status = "disabled" if each.disabled_at else "failing" if each.failing_since else "fine"
    return {
        "url": each.url,
        "address": visitor.at("webhooks", str(each.id)),
        "types": list(each.types),
        "status": status,
        "look": {"disabled": "fail", "failing": "attn", "fine": "done"}[status],
        "why": each.disabled_why or "",
    }


def _call(each: Delivery, tongue: Tongue) -> dict[str, Any]:
    return {
        "message": each.notice,
        "type": each.type,
        "look": _LOOKS[each.status],
        "status": tongue.word(f"status_{each.status}"),
        "attempts": each.attempts,
        "said": " ".join(filter(None, (str(each.code) if each.code else "", each.said if each.status != "delivered" else ""))),
        "time": tongue.when(each.tried_at or each.created_at),
        "next": tongue.due(each.next_at) if each.next_at and each.status == "waiting" else None,
    }
