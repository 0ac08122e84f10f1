"""All pages that there are, taken from the router: an address for each kind, so that what holds for every page is asked of every page."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from fastapi.routing import APIRoute

from oms.backoffice.app import PARTS
from oms.backoffice.dialogs import DIALOGS
from oms.bootstrap import Shop
from oms.engine.bulk import draw_up, start
from oms.engine.endpoints import ping
from oms.ports.bulk import SavedView
from oms.ports.endpoints import Endpoint
from tests.acceptance.backoffice.browsing import Browser, Page

STORE = "/stores/main"
NO_PAGES = {
    "/static/{sha256}/{name}": "a file",
    "/stores/{store}/orders.csv": "a file",
    "/stores/{store}/invoices/export.csv": "a file",
    "/stores/{store}/invoices/export.zip": "a file",
    "/stores/{store}/mailbox/{name}/{number}": "a file",
    "/stores/{store}/bulk/{run}/papers.zip": "a file",
    "/stores/{store}/bulk/{run}/progress": "a part of a page",
    "/stores/{store}/orders/{reference}/changes": "a part of a page",
    "/stores/{store}/orders/{reference}/preview.pdf": "a file",
    "/stores/{store}/orders.new": "a part of a page",
    "/stores/{store}/invoices/new": "a part of a page",
    "/stores/{store}/mails/new": "a part of a page",
    "/stores/{store}/history/new": "a part of a page",
    "/stores/{store}/jobs/new": "a part of a page",
}
"""What is read by GET and is none."""
ALONE = {"/": "leads on", "/login": "before anybody is known", "/invitation": "before anybody is known"}
"""Pages that nobody is led to who is logged in."""
PAGES = (
    f"{STORE}/orders",
    f"{STORE}/orders?q=state:paid+flag:cancellable+jana+sku:CUP-4",
    f"{STORE}/orders?q=total:>100",
    f"{STORE}/orders/A-1001",
    f"{STORE}/orders/A-1001?dialog=event&event=cancel",
    *(f"{STORE}/orders/A-1001?dialog={name}&number=RE-2026-00001" for name in DIALOGS),
    f"{STORE}/overview",
    f"{STORE}/invoices",
    f"{STORE}/invoices?state=open&from=2026-01-01&to=2026-12-31",
    f"{STORE}/invoices/numbers",
    f"{STORE}/mails",
    f"{STORE}/mails?view=undelivered",
    f"{STORE}/mails?other=1",
    f"{STORE}/processes",
    f"{STORE}/processes/prepayment",
    f"{STORE}/jobs",
    f"{STORE}/imports",
    f"{STORE}/history?event=pay&actor=jana@shop.example&day=2026-11-25",
    f"{STORE}/people?who=jana@shop.example",
    f"{STORE}/keys",
    f"{STORE}/webhooks",
    f"{STORE}/webhooks/1",
    f"{STORE}/trail?who=jana@shop.example&day=2026-11-25",
    f"{STORE}/mailbox",
    f"{STORE}/bulk",
    f"{STORE}/bulk/1",
    f"{STORE}/bulk/2",
    f"{STORE}/first-steps",
)
"""Of a shop with the order A-1001, and with what `begin_things` makes."""


def kinds() -> dict[str, re.Pattern[str]]:
    """Every address of a page, and what it takes."""
    routes = (route for part in PARTS for route in part.router.routes if isinstance(route, APIRoute))
    return {route.path: route.path_regex for route in routes if "GET" in (route.methods or ()) and route.path not in NO_PAGES}


def unvisited(addresses: Collection[str]) -> set[str]:
    """Kinds of pages that none of these is one of."""
    paths = {address.partition("?")[0] for address in addresses}
    return {kind for kind, taken in kinds().items() if not any(taken.fullmatch(path) for path in paths)} - set(ALONE)


def begin_things(shop: Shop, *orders: str, actor: str = "admin@shop.example") -> None:
    """Somebody begins whatever a page of its own shows: a run that is looked at, one that goes, an address that is told, a view that is kept."""
    with shop.store.reading() as work:
        found = [work.orders.named(each, store="main").id for each in orders]
    draw_up(shop.engine, "cancel", found, store="main", actor=actor, key="a form's")
    going = draw_up(shop.engine, "cancel", found[-1:], store="main", actor=actor, key="another form's", query="state:paid")
    start(shop.engine, going, actor=actor, roles=None, reason="she changed her mind", payload={})
    with shop.store.writing() as work:
        told = Endpoint(
            store="main", url="https://erp.shop.example/oms", types=("mail.failed",), secret="whsec_", created_at=work.now(), created_by=actor
        )
        endpoint = work.endpoints.add(told)  # so nobody looks for this host
    ping(shop.engine, endpoint, store="main")
    with shop.store.writing() as work:
        work.endpoints.give_up(endpoint, why="Nobody is called in a test.")
        account = work.accounts.find(actor)
        assert account is not None
        work.saved_views.save(SavedView(account=account.id, store="main", name="Mine", query="q=state%3Apaid", created_at=work.now()))


def fill_in(browser: Browser, address: str, text: str) -> Iterator[Page]:
    """Send every form of a page three times: with this wherever any text is taken, in all that can be typed, in all that is sent. The answers."""
    for number, form in enumerate(_forms(browser.open(address))):
        for chosen in (_takes_text, _is_typed, _is_sent):
            shown = _forms(browser.open(address))
            if number < len(shown) and shown[number].get("action") == form.get("action"):
                boxes = [each for each in shown[number].cssselect("[name]:not(button)") if chosen(each)]
                if boxes:
                    yield browser.send(shown[number], {each.name: text for each in boxes})


def _forms(page: Page) -> list[Any]:
    """But for those that end the session or change the language, and those that take files."""
    found = page.tree.cssselect("form")
    return [form for form in found if form.get("action") not in {"/logout", "/language"} and not form.cssselect("[type=file]")]


def _takes_text(box: Any) -> bool:
    return box.tag == "textarea" or (box.get("type") in {"text", "search"} and not box.get("inputmode") and "email" not in box.name)


def _is_typed(box: Any) -> bool:
    return box.tag == "textarea" or (box.tag == "input" and box.get("type") not in {"hidden", "checkbox", "radio"})


def _is_sent(_box: Any) -> bool:
    return True
