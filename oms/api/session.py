"""`/api/v1/session`: people log in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from oms.accounts.login import log_in, log_out
from oms.api.answers.told import EndedTold, PersonTold
from oms.api.bodies import Body, body_of, described
from oms.api.documented import failing
from oms.api.entry import ShopHere, forget_session, keep_session, person_here, refuse_other_sites
from oms.ports.accounts import Account, Session

router = APIRouter(tags=["people"])

Person = Annotated[tuple[Session, Account], Depends(person_here)]


class Login(Body):
    """Who, and what only they know."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=200)


EXAMPLE = {"email": "jana@shop.example", "password": "four words that fit"}


@router.post("/session", operation_id="logIn", openapi_extra=described(Login, EXAMPLE), responses=failing(400, 413, 422, 429))
def begin(request: Request, shop: ShopHere, wanted: Annotated[Login, Depends(body_of(Login))], response: Response) -> PersonTold:
    """Log in: the answer sets a cookie that no script can read."""
    refuse_other_sites(request)
    address = request.client.host if request.client else ""
    token, account = log_in(shop.store, wanted.email, wanted.password, address=address)
    keep_session(request, response, token)
    return _told(account)


@router.get("/session", operation_id="whoAmI", responses=failing())
def show(person: Person) -> PersonTold:
    """Who is logged in."""
    return _told(person[1])


@router.delete("/session", operation_id="logOut", responses=failing())
def end(request: Request, shop: ShopHere, person: Person, response: Response) -> EndedTold:
    """Log out."""
    forget_session(request, response)
    return EndedTold(ended=log_out(shop.store, person[0]))


@router.delete("/sessions", operation_id="logOutEverywhere", responses=failing())
def end_all(shop: ShopHere, person: Person) -> EndedTold:
    """Log out wherever this person is logged in."""
    return EndedTold(ended=log_out(shop.store, person[0], everywhere=True))


def _told(account: Account) -> PersonTold:
    return PersonTold(email=account.email, name=account.name, roles=list(account.roles))
