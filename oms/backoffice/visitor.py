"""Who looks at a page, in which store, and what they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Request

from oms.accounts.people import caller_for
from oms.api.entry import ShopHere, let_in, person_here
from oms.backoffice.rendering import locale_of
from oms.backoffice.telling import Tongue
from oms.bootstrap import Shop
from oms.errors import NotFound
from oms.ports.accounts import Account
from oms.rights import RIGHTS, Caller

PLACES = (
    ("overview", "orders.read"),
    ("orders", "orders.read"),
    ("invoices", "invoices.read"),
    ("mails", "orders.read"),
    ("processes", "processes.read"),
    ("history", "orders.read"),
    ("jobs", "operations.read"),
    ("imports", "orders.trigger"),
    ("people", "people.manage"),
    ("keys", "keys.manage"),
    ("webhooks", "webhooks.manage"),
    ("trail", "audit.read"),
)
"""What the navigation leads to, and the right that it asks for."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in, at a page of a store that is theirs."""

    account: Account
    caller: Caller
    store: str
    stores: tuple[str, ...]  #: all that are theirs
    tongue: Tongue  #: theirs, where the store is, at the moment when they came
    redirected: str | None  #: while the shop is being tried: where every mail goes (rule 36)

    @property
    def locale(self) -> str:
        """Their language."""
        return self.tongue.locale

    @property
    def actor(self) -> str:
        """As it stands in the history."""
        return self.caller.actor

    def at(self, *parts: str) -> str:
        """An address in this store."""
        return "/".join(["/stores", quote(self.store, safe=""), *(quote(part, safe="") for part in parts)])

    def api(self, *parts: str) -> str:
        """The same of the API, which gives out files."""
        return "/".join(["/api/v1/stores", quote(self.store, safe=""), *(quote(part, safe="") for part in parts)])

    def overviews(self) -> list[tuple[str, str]]:
        """Their stores, each with the address where it begins."""
        return [(each, f"/stores/{quote(each, safe='')}/overview") for each in self.stores]

    def site(self, place: str) -> dict[str, Any]:
        """What stands around each page."""
        return {
            "name": self.account.name,
            "email": self.account.email,
            "store": self.store,
            "stores": self.overviews(),
            "places": [(name, self.at(name), name == place) for name, right in PLACES if self.caller.may(right)],
            "redirected": self.redirected,
            "search": self.at("orders"),
        }


class Visits:
    """A dependency that lets in who is logged in and has a right in the store of the address."""

    def __init__(self, right: str) -> None:
        if right not in RIGHTS:
            raise ValueError(f"{right} is no right of oms.rights.")
        self.right = right

    def __call__(self, request: Request, shop: ShopHere) -> Visitor:
        """Who it is.

        Raises:
            NotAdmitted: nobody is logged in.
            NotFound: the store isn't theirs.
            NotAllowed: they lack the right, or another site sent the form.
        """
        session, account = person_here(request, shop)
        store, known = str(request.path_params["store"]), list(shop.settings.stores)
        caller = caller_for(account, in_store=store, stores=known)
        if caller is None:
            raise NotFound("There is no such store, or nothing of it is yours.")
        let_in(request, caller, self.right)
        profile = shop.engine.profile(store)
        tongue = Tongue(locale_of(request), session.seen_at, profile.zone)
        return Visitor(account, caller, store, stores_of(account, shop), tongue, profile.redirect_to)


def stores_of(account: Account, shop: Shop) -> tuple[str, ...]:
    """Those in which somebody may do anything."""
    known = list(shop.settings.stores)
    return tuple(store for store in known if caller_for(account, in_store=store, stores=known) is not None)
