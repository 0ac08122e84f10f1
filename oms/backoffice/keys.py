"""`/stores/{store}/keys`: keys of programs. A key is shown once, when it is made; what is kept is its hash."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from oms.accounts.keys import create_key, revoke_key
from oms.api.entry import ShopHere
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import Form, form_of
from oms.backoffice.rendering import page
from oms.backoffice.telling import Tongue
from oms.backoffice.trying import Tried, tried
from oms.backoffice.visitor import Visitor, Visits
from oms.bootstrap import Shop
from oms.errors import InvalidInput, Problem
from oms.ports.access import ApiKey
from oms.rights import RIGHTS

router = APIRouter(prefix="/stores/{store}/keys", route_class=PageRoute)

Manages = Annotated[Visitor, Depends(Visits("keys.manage"))]
Typed = Annotated[Form, Depends(form_of)]
MOST_DAYS = 3650
"""As the API has it."""


@router.get("", operation_id="listKeys")
def list_keys(request: Request, visitor: Manages, shop: ShopHere, said: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Keys of this store, those that count first, and a form for a new one."""
    bar = {"look": "done", "lines": [visitor.tongue.word("said_key_revoked")]} if said == "revoked" else None
    return _answer(request, visitor, shop, done=Tried(bar))


@router.post("", operation_id="makeKey")
def make(request: Request, visitor: Manages, shop: ShopHere, form: Typed) -> Response:
    """Make a key. Posted twice, the second is refused: there is a key of this name."""

    def act() -> Response:
        key = create_key(
            shop.store,
            form.one("name"),
            of_store=visitor.store,
            scopes=form.every("scopes"),
            actor=visitor.actor,
            stores=list(shop.settings.stores),
            expires_at=_until(form.one("days"), visitor.tongue.now),
            by=visitor.caller,
        )
        return _answer(request, visitor, shop, done=Tried(status=201), key=key)

    return tried(act, lambda done: _answer(request, visitor, shop, done=done, form=form))


@router.post("/revoke", operation_id="revokeKey")
def revoke(request: Request, visitor: Manages, shop: ShopHere, form: Typed) -> Response:
    """From now on it opens nothing."""

    def act() -> Response:
        revoke_key(shop.store, form.one("name"), of_store=visitor.store)
        return RedirectResponse(f"{visitor.at('keys')}?said=revoked", 303)

    return tried(act, lambda done: _answer(request, visitor, shop, done=done))


def _until(days: str, now: datetime) -> datetime | None:
    if not days:
        return None
    if not (days.isascii() and days.isdigit() and len(days) < 5 and 1 <= int(days) <= MOST_DAYS):  # noqa: PLR2004 - no more digits than that
        raise InvalidInput([Problem("days", f"is a number of days from 1 to {MOST_DAYS}; left empty, the key counts until it is revoked.")])
    return now + timedelta(days=int(days))


def _answer(request: Request, visitor: Visitor, shop: Shop, *, done: Tried, form: Form | None = None, key: str = "") -> Response:
    tongue, typed = visitor.tongue, form or Form()
    with shop.store.reading() as work:
        keys = [each for each in reversed(work.api_keys.all()) if each.store == visitor.store]
    told = sorted((_key(each, tongue) for each in keys), key=lambda each: not each["counts"])
    given = {
        "site": visitor.site("keys"),
        "here": visitor.at("keys"),
        "bar": done.bar,
        "wrong": done.wrong,
        "keys": told,
        "scopes": [(right, RIGHTS[right], right in typed.every("scopes")) for right in RIGHTS if visitor.caller.may(right)],
        "typed": {"name": typed.one("name"), "days": typed.one("days")},
        "key": key,
    }
    return page(request, "keys.html", given, status=done.status)


def _key(key: ApiKey, tongue: Tongue) -> dict[str, Any]:
    return {
        "name": key.name,
        "scopes": list(key.scopes),
        "by": key.actor,
        "made": tongue.when(key.created_at),
        "expires": tongue.when(key.expires_at) if key.expires_at else None,
        "used": tongue.when(key.used_at) if key.used_at else None,
        "counts": key.counts(tongue.now),
    }
