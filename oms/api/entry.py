"""Who stands at the door, and whether the door is theirs. Each route declares the right that it asks for; a test finds those that don't."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from oms.accounts.keys import PREFIX, caller_of
from oms.bootstrap import Shop
from oms.errors import NotAdmitted, NotAllowed
from oms.rights import RIGHTS, Caller


def shop_of(request: Request) -> Shop:
    """The shop that is served."""
    shop: Shop = request.app.state.shop
    return shop


ShopHere = Annotated[Shop, Depends(shop_of)]


def caller_here(request: Request, shop: ShopHere) -> Caller:
    """Who asks: the holder of the key in `Authorization: Bearer oms_…`.

    Raises:
        NotAdmitted: there is no key, or it counts no longer.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    caller = caller_of(shop.store, key.strip()) if scheme.lower() == "bearer" and key.strip().startswith(PREFIX) else None
    if caller is None:
        raise NotAdmitted("This address asks for a key that counts, as `Authorization: Bearer oms_…`. `oms key create` makes one.")
    return caller


class Asks:
    """A dependency that lets in who has a right."""

    def __init__(self, right: str) -> None:
        if right not in RIGHTS:
            raise ValueError(f"{right} is no right of oms.rights.")
        self.right = right

    def __call__(self, caller: Annotated[Caller, Depends(caller_here)]) -> Caller:
        """Raises NotAllowed."""
        if not caller.may(self.right):
            raise NotAllowed(f"{caller.actor} may not {RIGHTS[self.right]}: that asks for {self.right}.")
        return caller


def asks(right: str) -> Callable[..., Caller]:
    """For `Annotated[Caller, Depends(asks("orders.read"))]`."""
    return Asks(right)
