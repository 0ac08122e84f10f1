"""`/api/v1/keys`: keys of programs. The secret is told once, when it is made: that POST is not answered again."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from oms.accounts.keys import create_key, revoke_key
from oms.api.addresses import at
from oms.api.answers.access import KeyMadeTold, KeyRevokedTold, KeysTold, KeyTold
from oms.api.bodies import Body, body_of, described
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.paging import Cursor, Limit, after, cursor_of
from oms.rights import Caller

router = APIRouter(prefix="/keys", tags=["access"])

Manages = Annotated[Caller, Depends(asks("keys.manage"))]


class KeyWanted(Body):
    """A key for a program."""

    name: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$", description="what the history calls it")
    scopes: list[str] = Field(min_length=1, max_length=64, description="rights; no more than who makes it has")
    store: str | None = Field(default=None, max_length=64, description="the only one that it sees; left out: the caller's, or the first")
    days: int | None = Field(default=None, ge=1, le=3650, description="it counts so long; left out: until it is revoked")


EXAMPLE = {"name": "webshop", "scopes": ["orders.place", "orders.read"], "days": 365}


@router.get("", operation_id="listKeys", responses=failing(422))
def list_keys(shop: ShopHere, caller: Manages, limit: Limit = 50, cursor: Cursor = None) -> KeysTold:
    """List keys, the newest first, those that count no longer among them: what they may, and when they were used last. Never the keys themselves."""
    before = after(cursor)
    with shop.store.reading() as work:
        keys, now = work.api_keys.all(), work.now()
    found = [key for key in reversed(keys) if caller.store in (None, key.store) and (before is None or key.id < before)]
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    return KeysTold(keys=[KeyTold.of(key, now) for key in found[:limit]], next=more)


@router.post("", status_code=201, operation_id="makeKey", openapi_extra=described(KeyWanted, EXAMPLE), responses=failing(400, 409, 413, 422))
def make(shop: ShopHere, caller: Manages, wanted: Annotated[KeyWanted, Depends(body_of(KeyWanted))], response: Response) -> KeyMadeTold:
    """Make a key. It is told this once: what is kept is its hash."""
    of_store = wanted.store or caller.store or shop.settings.default_store
    until = shop.store.now() + timedelta(days=wanted.days) if wanted.days else None
    stores = list(shop.settings.stores)
    key = create_key(shop.store, wanted.name, of_store=of_store, scopes=wanted.scopes, actor=caller.actor, stores=stores, expires_at=until, by=caller)
    response.headers["Location"] = at("keys", wanted.name)
    return KeyMadeTold(name=wanted.name, store=of_store, scopes=sorted(set(wanted.scopes)), expires_at=until, key=key)


@router.delete("/{key_name}", operation_id="revokeKey", responses=failing(404))
def revoke(key_name: str, shop: ShopHere, caller: Manages) -> KeyRevokedTold:
    """Revoke a key by its name: from now on it opens nothing."""
    revoke_key(shop.store, key_name, of_store=caller.store)
    return KeyRevokedTold(name=key_name, revoked=True)
