"""Puts the pages together, beside the API: one server answers both."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from oms.api import make_app
from oms.api.deeds import EachVisit
from oms.api.requests import EachRequest
from oms.backoffice import (
    acts,
    billing,
    bulk,
    entrance,
    events,
    files,
    first_steps,
    following,
    imports,
    invitation,
    invoices,
    jobs,
    keys,
    mailbox,
    mails,
    news,
    order,
    orders,
    overview,
    past,
    paying,
    people,
    processes,
    saved,
    static,
    trail,
    webhooks,
)
from oms.backoffice.failures import page_of
from oms.backoffice.rendering import Pages
from oms.bootstrap import Shop
from oms.tally import Tally

PARTS = (
    static,
    entrance,
    overview,
    orders,
    news,
    order,
    following,
    events,
    acts,
    invoices,
    mails,
    processes,
    jobs,
    paying,
    billing,
    files,
    imports,
    past,
    people,
    invitation,
    keys,
    webhooks,
    trail,
    mailbox,
    bulk,
    saved,
    first_steps,
)
"""Modules of pages; a more exact address comes before one that takes anything."""


OURS = ("/stores/", "/static/")
"""How the addresses of nearly all pages begin, and of their files: none of the API's does, so it isn't asked."""


class Site:
    """An ASGI application: what the API knows goes there, everything else is a page."""

    def __init__(self, api: FastAPI, pages: FastAPI) -> None:
        self.api, self.pages = api, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on."""
        app: ASGIApp = self.pages if scope["type"] == "http" and self._is_page(scope) else self.api
        await app(scope, receive, send)

    def _is_page(self, scope: Scope) -> bool:
        path = scope["path"]
        if path.startswith(OURS):
            return True
        return not path.startswith("/api/") and all(route.matches(scope)[0] is Match.NONE for route in self.api.routes)


def make_site(shop: Shop) -> Site:
    """API and pages of a shop that is open."""
    api = make_app(shop)
    pages = make_pages(shop)
    pages.state.visits = api.state.visits  # one server, one count
    return Site(api, pages)


def make_pages(shop: Shop) -> FastAPI:
    """The pages alone."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.shop = shop
    app.state.pages = Pages()
    app.state.visits = Tally()
    app.add_exception_handler(HTTPException, _no_such_address)
    for part in PARTS:
        app.include_router(part.router)
    app.add_middleware(EachVisit)
    app.add_middleware(EachRequest)
    return app


def _no_such_address(request: Request, error: Exception) -> Response:
    return page_of(request, error)
