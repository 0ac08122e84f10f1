"""Puts the HTTP interface together."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from oms import __version__
from oms.api import (
    billing,
    care,
    customer,
    deliveries,
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
    stock,
)
from oms.api.contract import describe
from oms.api.problems import answer_errors
from oms.api.requests import EachRequest
from oms.bootstrap import Shop

PARTS = (orders, events, care, papers, invoices, billing, deliveries, links, processes, stock, customer, event_files)
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
    api.include_router(pages.router)
    app.include_router(api)
    app.include_router(links.opening)
    app.include_router(hooks.router)
    app.include_router(health.router)
    app.add_middleware(EachRequest)
    return app
