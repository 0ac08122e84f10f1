"""Who stands at the door, and whether the door is theirs. Each route declares the right that it asks for; a test finds those that don't."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from oms.accounts.keys import PREFIX, caller_of
from oms.accounts.login import LONGEST, session_of
from oms.accounts.people import caller_for
from oms.bootstrap import Shop
from oms.errors import NotAdmitted, NotAllowed, NotFound
from oms.ports.accounts import Account, Session
from oms.ports.deeds import Deed, visitor
from oms.rights import RIGHTS, WATCHED, Caller

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SUBJECTS = {"reference": "order", "number": "paper", "key_name": "key"}
"""What the parts of addresses name, where they are called otherwise."""
_OURS = frozenset({"same-origin", "none"})


def shop_of(request: Request) -> Shop:
    """The shop that is served."""
    shop: Shop = request.app.state.shop
    return shop


ShopHere = Annotated[Shop, Depends(shop_of)]


def cookie_name(request: Request) -> str:
    """Of the session: only ever sent over TLS, but on this machine itself, where it has another name (rule 50)."""
    return "__Host-oms" if is_secure(request) else "oms"


def is_secure(request: Request) -> bool:
    """Whether the cookie must not travel in the clear."""
    if (shop_of(request).settings.server.address or "").startswith("https:"):
        return True
    try:
        here = ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        here = False
    return request.url.scheme == "https" or not here


def keep_session(request: Request, response: Response, token: str) -> None:
    """Let the browser bring the token from now on, where no script can read it."""
    age = int(LONGEST.total_seconds())
    response.set_cookie(cookie_name(request), token, max_age=age, path="/", secure=is_secure(request), httponly=True, samesite="lax")


def forget_session(request: Request, response: Response) -> None:
    """Let it bring none."""
    response.delete_cookie(cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="lax")


def person_here(request: Request, shop: ShopHere) -> tuple[Session, Account]:
    """Who is logged in.

    Raises:
        NotAdmitted: nobody is.
        NotAllowed: the request comes from another site (S13).
    """
    token = request.cookies.get(cookie_name(request))
    found = session_of(shop.store, token) if token else None
    if found is None:
        raise NotAdmitted("Nobody is logged in. POST /api/v1/session logs in.")
    if request.method not in _SAFE and not is_from_here(request):
        visitor().means(_deed(request, Caller(found[1].email, frozenset(), id=found[1].id)), counts=False)
        raise NotAllowed("The request comes from another site. Nothing was done.")
    return found


def caller_here(request: Request, shop: ShopHere) -> Caller:
    """Who asks: the holder of the key in `Authorization: Bearer oms_…`, or who is logged in.

    Raises:
        NotAdmitted: there is no key that counts, and nobody is logged in.
        NotFound: the address names a store that isn't theirs.
    """
    in_store: str | None = request.path_params.get("store")
    if "authorization" not in request.headers and cookie_name(request) in request.cookies:
        _, account = person_here(request, shop)
        caller = caller_for(account, in_store=in_store, stores=list(shop.settings.stores))
    else:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        caller = caller_of(shop.store, key.strip()) if scheme.lower() == "bearer" and key.strip().startswith(PREFIX) else None
        if caller is None:
            raise NotAdmitted("This address asks for a key that counts, as `Authorization: Bearer oms_…`. `oms key create` makes one.")
        caller = caller if in_store in (None, caller.store) else None
    if caller is None:
        raise NotFound("There is no such store, or nothing of it is yours. Name one of yours: /api/v1/stores/NAME/…")
    return caller


def let_in(request: Request, caller: Caller, right: str) -> None:
    """Whatever comes of it, it is known who wanted what.

    Raises:
        NotAllowed: they lack the right.
    """
    request.state.actor = caller.actor
    visitor().means(_deed(request, caller), counts=request.method not in _SAFE and not right.endswith(".read"))
    if right in WATCHED:
        visitor().is_given()
    if not caller.may(right):
        raise NotAllowed(f"{caller.actor} may not {RIGHTS[right]}: that asks for {right}.")


class Asks:
    """A dependency that lets in who has a right."""

    def __init__(self, right: str) -> None:
        if right not in RIGHTS:
            raise ValueError(f"{right} is no right of oms.rights.")
        self.right = right

    def __call__(self, request: Request, caller: Annotated[Caller, Depends(caller_here)]) -> Caller:
        """Raises NotAllowed."""
        let_in(request, caller, self.right)
        return caller


def asks(right: str) -> Callable[..., Caller]:
    """For `Annotated[Caller, Depends(asks("orders.read"))]`."""
    return Asks(right)


def _deed(request: Request, caller: Caller) -> Deed:
    """What a request wants, by its route: the operation, and the first thing that the address names."""
    named = ((name, value) for name, value in request.path_params.items() if name != "store")
    name, value = next(named, ("", ""))
    what = getattr(request.scope["route"], "operation_id", None) or request.scope["route"].name
    subject = f"{_SUBJECTS.get(name, name)}:{value}" if name else ""
    return Deed(what=what, actor=caller.actor, actor_id=caller.id, subject=subject[:200], store=caller.store)


def refuse_other_sites(request: Request) -> None:
    """For who isn't known yet: programs say nothing of a site and may come, a browser that another site sent may not (S12).

    Raises:
        NotAllowed: another site sent it. Somebody would be logged in as somebody else, and not know it.
    """
    if {"sec-fetch-site", "origin"} & set(request.headers) and not is_from_here(request):
        raise NotAllowed("The request comes from another site. Nothing was done.")


def is_from_here(request: Request) -> bool:
    """By what every browser says of late, and no script can change; older ones say `Origin`."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in _OURS
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")
