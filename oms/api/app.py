"""Puts the HTTP interface together."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from oms import __version__
from oms.api import (
    billing,
    care,
    customer,
    deliveries,
    endpoints,
    event_files,
    events,
    health,
    hooks,
    invoices,
    links,
    orders,
    pages,
    papers,
    processes,
    session,
    stock,
)
from oms.api.contract import describe
from oms.api.problems import answer_errors
from oms.api.requests import EachRequest
from oms.bootstrap import Shop

PARTS = (orders, events, care, papers, invoices, billing, deliveries, links, processes, stock, customer, event_files, endpoints)
"""Modules of `/api/v1`, in the order of the documentation; a more exact address comes before one that takes anything."""


def make_app(shop: Shop) -> FastAPI:
    """The interface of a shop that is open."""
    app = the_interface()
    app.state.shop = shop
    return app


def the_interface() -> FastAPI:
    """The interface of no shop yet: enough to say what it is."""
    app = FastAPI(title="oms", version=__version__, openapi_url="/api/v1/openapi.json", docs_url=None, redoc_url=None, redirect_slashes=False)
    answer_errors(app)
    describe(app)
    api = APIRouter(prefix="/api/v1")
    for part in PARTS:
        api.include_router(part.router)
    api.include_router(session.router)
    api.include_router(pages.router)
    app.include_router(api)
    of_a_store = APIRouter(prefix="/api/v1/stores/{store}", include_in_schema=False)  # the same, for people who see several (rule 47)
    for part in PARTS:
        of_a_store.include_router(part.router)
    app.include_router(of_a_store)
    app.include_router(links.opening)
    app.include_router(hooks.router)
    app.include_router(health.router)
    app.add_middleware(EachRequest)
    return app
