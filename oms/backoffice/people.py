"""`/stores/{store}/people`: who may log in, and what they may. Who has the right in all stores sees all, who has it in one sees those of it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from oms.accounts.people import caller_for, change_account, create_account, invitation_address, invite
from oms.api.entry import ShopHere
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import Form, form_of
from oms.backoffice.rendering import page
from oms.backoffice.telling import Tongue
from oms.backoffice.trying import Tried, tried
from oms.backoffice.visitor import Visitor, Visits
from oms.bootstrap import Shop
from oms.ports.accounts import Account
from oms.rights import ROLES, Caller

router = APIRouter(prefix="/stores/{store}/people", route_class=PageRoute)

RIGHT = "people.manage"
Manages = Annotated[Visitor, Depends(Visits(RIGHT))]
Typed = Annotated[Form, Depends(form_of)]
SAID = frozenset({"changed", "closed", "opened"})


@router.get("", operation_id="listPeople")
def list_people(
    request: Request,
    visitor: Manages,
    shop: ShopHere,
    who: Annotated[str, Query(max_length=254)] = "",
    said: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Who is there; the address may ask for somebody's roles."""
    bar = {"look": "done", "lines": [visitor.tongue.word(f"said_person_{said}")]} if said in SAID else None
    return _answer(request, visitor, shop, who=who, done=Tried(bar))


@router.post("", operation_id="invitePerson")
def let_in(request: Request, visitor: Manages, shop: ShopHere, form: Typed) -> Response:
    """Let somebody in. The link by which they choose a password is shown this once."""
    email, name, roles = form.one("email"), form.one("name"), form.every("roles")

    def act() -> Response:
        by = _reach(visitor, shop)
        create_account(shop.store, email, name=name, roles=roles, password=None, stores=list(shop.settings.stores), by=by)
        return _answer(
            request, visitor, shop, done=Tried(status=201), link=_link(request, shop, invite(shop.store, email, by=by).token), invited=email
        )

    return tried(act, lambda done: _answer(request, visitor, shop, done=done, form=form))


@router.post("/invite", operation_id="invitePersonAgain")
def invite_again(request: Request, visitor: Manages, shop: ShopHere, form: Typed) -> Response:
    """Let somebody choose a new password; links from before count no longer."""

    def act() -> Response:
        token = invite(shop.store, form.one("email"), by=_reach(visitor, shop)).token
        return _answer(request, visitor, shop, done=Tried(), link=_link(request, shop, token), invited=form.one("email"))

    return tried(act, lambda done: _answer(request, visitor, shop, done=done))


@router.post("/change", operation_id="changePerson")
def change(request: Request, visitor: Manages, shop: ShopHere, form: Typed) -> Response:
    """Give and take roles, close an account or open it; whoever it is, is logged out everywhere."""
    email, active = form.one("email"), {"close": False, "open": True}.get(form.one("active"))
    roles = form.every("roles") if active is None else None

    def act() -> Response:
        change_account(shop.store, email, roles=roles, active=active, stores=list(shop.settings.stores), by=_reach(visitor, shop))
        said = "changed" if active is None else "opened" if active else "closed"
        return RedirectResponse(f"{visitor.at('people')}?said={said}", 303)

    return tried(act, lambda done: _answer(request, visitor, shop, done=done, who=email if active is None else ""))


def _answer(
    request: Request,
    visitor: Visitor,
    shop: Shop,
    *,
    done: Tried,
    form: Form | None = None,
    who: str = "",
    link: str = "",
    invited: str = "",
) -> Response:
    by, tongue, typed = _reach(visitor, shop), visitor.tongue, form or Form()
    with shop.store.reading() as work:
        accounts = [each for each in work.accounts.all() if by.store is None or any(role.endswith(f"@{by.store}") for role in each.roles)]
    chosen = next((each for each in accounts if each.email == who), None)
    given = {
        "site": visitor.site("people"),
        "here": visitor.at("people"),
        "bar": done.bar,
        "wrong": done.wrong,
        "people": [_person(each, tongue) | {"edit": f"{visitor.at('people')}?{urlencode({'who': each.email})}"} for each in accounts],
        "typed": {"name": typed.one("name"), "email": typed.one("email")},
        "roles": _roles(by, shop, typed.every("roles")),
        "chosen": {"email": chosen.email, "name": chosen.name, "roles": _roles(by, shop, chosen.roles)} if chosen else None,
        "link": link,
        "invited": invited,
    }
    return page(request, "people.html", given, status=done.status)


def _person(account: Account, tongue: Tongue) -> dict[str, Any]:
    status = "closed" if not account.active else "invited" if account.invitation_sha256 and account.password_hash is None else "open"
    return {
        "email": account.email,
        "name": account.name,
        "roles": list(account.roles),
        "status": status,
        "look": {"closed": "neut", "invited": "wait", "open": "done"}[status],
        "since": tongue.when(account.created_at),
    }


def _roles(by: Caller, shop: Shop, chosen: Any) -> list[tuple[str, bool]]:
    """Roles that this person may give: those that hold nothing they haven't, in their reach; and whether each is chosen."""
    given = [role for role, rights in ROLES.items() if not rights - by.rights]
    stores = [by.store] if by.store else list(shop.settings.stores) if len(shop.settings.stores) > 1 else []
    everywhere = [] if by.store else given
    return [(role, role in chosen) for role in [*everywhere, *(f"{role}@{store}" for store in stores for role in given)]]


def _reach(visitor: Visitor, shop: Shop) -> Caller:
    """What they may in the whole shop, if they manage people there; else in this store."""
    wide = caller_for(visitor.account, in_store=None, stores=list(shop.settings.stores))
    return wide if wide is not None and wide.may(RIGHT) else visitor.caller


def _link(request: Request, shop: Shop, token: str) -> str:
    """By the address that others reach the server by, if the settings say it."""
    address = shop.settings.server.address or f"{request.url.scheme}://{request.url.netloc}"
    return invitation_address(address, token)
