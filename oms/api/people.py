"""`/api/v1/people`: who may log in, and what they may. Nobody gives or takes what they haven't; the last administrator stays."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import Field

from oms.accounts.people import accept, change_account, create_account, end_sessions, invite
from oms.api.addresses import at
from oms.api.answers.access import InvitedTold, PeopleTold, SomebodyTold
from oms.api.answers.told import EndedTold, PersonTold
from oms.api.bodies import Body, body_of, described
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.errors import InvalidInput, Problem
from oms.ports.accounts import Account
from oms.rights import Caller

router = APIRouter(prefix="/people", tags=["access"])
accepting = APIRouter(prefix="/invitation", tags=["people"])

Manages = Annotated[Caller, Depends(asks("people.manage"))]
Email = Annotated[str, Path(max_length=254, description="Their mail address.", examples=["tom@shop.example"])]
Roles = Annotated[list[str], Field(min_length=1, max_length=50, description="`manager`, or of one store only `clerk@main`")]


class Guest(Body):
    """Somebody who is let in."""

    email: str = Field(max_length=254)
    name: str = Field(min_length=1, max_length=100, description="as pages greet them")
    roles: Roles


class Change(Body):
    """What is to be otherwise."""

    roles: Roles | None = None
    active: bool | None = Field(default=None, description="false: they are logged out, and stay outside")


class Acceptance(Body):
    """An invitation, and the password that is chosen."""

    token: str = Field(max_length=100)
    password: str = Field(max_length=200)


TOM = {"email": "tom@shop.example", "name": "Tom", "roles": ["clerk@main"]}


@router.get("", operation_id="listPeople", responses=failing())
def list_people(shop: ShopHere, caller: Manages) -> PeopleTold:
    """List people by address; who manages one store sees those who have a role in it."""
    with shop.store.reading() as work:
        accounts = work.accounts.all()
    mine = [each for each in accounts if caller.store is None or any(role.endswith(f"@{caller.store}") for role in each.roles)]
    return PeopleTold(people=[_told(account) for account in mine])


@router.post("", status_code=201, operation_id="invitePerson", openapi_extra=described(Guest, TOM), responses=failing(400, 409, 413, 422))
def invite_person(shop: ShopHere, caller: Manages, guest: Annotated[Guest, Depends(body_of(Guest))], response: Response) -> InvitedTold:
    """Let somebody in. The token, told this once, lets them choose a password within three days; by an identity provider they need none."""
    create_account(shop.store, guest.email, name=guest.name, roles=guest.roles, password=None, stores=list(shop.settings.stores), by=caller)
    invitation = invite(shop.store, guest.email, by=caller)
    response.headers["Location"] = at("people", guest.email)
    return InvitedTold(email=guest.email.strip().lower(), token=invitation.token, until=invitation.until)


@router.post("/{email}/invitation", status_code=201, operation_id="invitePersonAgain", responses=failing(404, 409, 422))
def invite_again(email: Email, shop: ShopHere, caller: Manages) -> InvitedTold:
    """Let somebody choose a new password: the token is told this once, older ones count no longer. The old password does until then."""
    invitation = invite(shop.store, email, by=caller)
    return InvitedTold(email=email.strip().lower(), token=invitation.token, until=invitation.until)


@router.patch(
    "/{email}", operation_id="changePerson", openapi_extra=described(Change, {"roles": ["clerk"]}), responses=failing(400, 404, 409, 413, 422)
)
def change(email: Email, shop: ShopHere, caller: Manages, wanted: Annotated[Change, Depends(body_of(Change))]) -> SomebodyTold:
    """Give and take roles, close an account or open it; whoever it is, is logged out everywhere."""
    if wanted.roles is None and wanted.active is None:
        raise InvalidInput([Problem("", "says nothing to change: name roles or active.")])
    stores = list(shop.settings.stores)
    return _told(change_account(shop.store, email, roles=wanted.roles, active=wanted.active, stores=stores, by=caller))


@router.delete("/{email}/sessions", operation_id="logOutPerson", responses=failing(404, 422))
def log_out_person(email: Email, shop: ShopHere, caller: Manages) -> EndedTold:
    """Log somebody out wherever they are logged in."""
    return EndedTold(ended=end_sessions(shop.store, email, by=caller))


@accepting.post(
    "",
    operation_id="acceptInvitation",
    openapi_extra=described(Acceptance, {"token": "2Xb…", "password": "four words that fit"}),
    responses=failing(400, 413, 422),
)
def accept_invitation(shop: ShopHere, wanted: Annotated[Acceptance, Depends(body_of(Acceptance))]) -> PersonTold:
    """Choose a password by an invitation, once; then log in with it."""
    account = accept(shop.store, wanted.token, password=wanted.password)
    return PersonTold(email=account.email, name=account.name, roles=list(account.roles))


def _told(account: Account) -> SomebodyTold:
    is_invited = account.invitation_sha256 is not None
    has = {"email": account.email, "name": account.name, "roles": list(account.roles), "active": account.active, "created_at": account.created_at}
    return SomebodyTold.model_validate(has | {"has_password": account.password_hash is not None, "is_invited": is_invited})
