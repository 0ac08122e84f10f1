"""What holds for every page: who may see it, what it lets in, how few questions it asks, and that nothing from outside becomes markup."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from oms.backoffice.app import make_pages, make_site
from oms.backoffice.failures import PageRoute
from oms.backoffice.static import folder
from oms.backoffice.visitor import Visits
from oms.bootstrap import Shop
from oms.engine.bulk import draw_up
from tests.acceptance.api.serving import client_of, running
from tests.acceptance.backoffice.browsing import Browser
from tests.builders import an_order
from tests.contract.test_queries import questions, recording

Person = Callable[..., Browser]
OPEN = {"/", "/login", "/logout", "/language", "/invitation", "/static/{sha256}/{name}"}
"""Addresses that ask for no right."""
PAGES = (
    "/stores/main/orders",
    "/stores/main/orders?q=state:paid+flag:cancellable+jana+sku:CUP-4",
    "/stores/main/orders/A-1001",
    "/stores/main/orders/A-1001?dialog=event&event=cancel",
    "/stores/main/orders/A-1001?dialog=mend",
    "/stores/main/overview",
    "/stores/main/invoices",
    "/stores/main/mails",
    "/stores/main/processes",
    "/stores/main/processes/prepayment",
    "/stores/main/orders/A-1001?dialog=pay",
    "/stores/main/orders/A-1001?dialog=credit&number=RE-2026-00001",
    "/stores/main/jobs",
    "/stores/main/invoices?state=open&from=2026-01-01&to=2026-12-31",
    "/stores/main/invoices/numbers",
    "/stores/main/imports",
    "/stores/main/people?who=jana@shop.example",
    "/stores/main/keys",
    "/stores/main/webhooks",
    "/stores/main/trail?who=jana@shop.example&day=2026-11-25",
    "/stores/main/orders?q=total:>100",
    "/stores/main/history?event=pay&actor=jana@shop.example&day=2026-11-25",
    "/stores/main/bulk",
    "/stores/main/first-steps",
    "/stores/main/bulk/1",
)
EVIL = "\"><svg onload=alert(1)>'{{ 7 * 7 }}"


def routes(all_of: list[BaseRoute]) -> Iterator[APIRoute]:
    for route in all_of:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from routes(getattr(getattr(route, "original_router", route), "routes", []))


def test_every_address_declares_the_right_that_it_asks_for(shop: Shop) -> None:
    found = {
        route.path: [each.call.right for each in route.dependant.dependencies if isinstance(each.call, Visits)]
        for route in routes(make_pages(shop).routes)
    }
    assert {path for path, rights in found.items() if len(rights) != 1} == OPEN


def test_every_page_lets_in_no_script_but_ours_and_asks_six_questions_at_most(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    with shop.store.reading() as work:
        order = work.orders.named("A-1001").id
    draw_up(shop.engine, "ship", [order], store="main", actor="jana@shop.example", key="a form's")
    browser = person("admin")
    for path in PAGES:
        browser.open(path)
        with recording(shop) as asked:
            browser.open(path)
            del asked[:]
            page = browser.open(path)
        assert page.status == 200
        assert len(questions(asked)) <= 6, (path, questions(asked))
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
        assert "unsafe" not in policy
        assert page.tree.xpath("//script[not(@src)] | //style | //@style | //@*[starts-with(name(), 'on')]") == []
        assert {url for url in page.tree.xpath("//@src | //link/@href") if not url.startswith("/static/")} == set()
        assert page.headers["Cache-Control"] == "no-store"


def test_nothing_that_somebody_typed_becomes_markup(shop: Shop, person: Person) -> None:
    address = {"name": EVIL, "extra": EVIL, "street": EVIL, "postcode": "80331", "city": EVIL, "country": "DE"}
    items = [{"sku": "X<b>1", "name": EVIL, "quantity": 1, "unit_price": "39.90", "tax_rate": "19"}]
    shop.place(
        an_order(
            customer={"name": EVIL, "email": "jana@example.com"}, billing_address=address, shipping_address=address, items=items, buyer_reference=EVIL
        )
    )
    shop.trigger("A-1001", "pay", payload={"amount": "39.90", "reference": EVIL}, actor=EVIL, reason=EVIL)
    shop.work()
    browser = person("admin")
    order = browser.open("/stores/main/orders/A-1001")
    commented = browser.press(order, "Write", text=EVIL)
    refused = browser.submit(commented.form("Write"), {"text": EVIL + "x" * 3000})
    asked = browser.open(
        "/stores/main/orders/A-1001?dialog=event&event=cancel&reason=%22%3E%3Csvg%20onload=alert(1)%3E&item=%3Csvg%3E&said=%3Csvg%3E&history=%3Csvg%3E"
    )
    pages = [commented, refused, asked, browser.open("/stores/main/orders/A-1001?dialog=mend"), browser.open("/stores/main/orders")]
    pages += [browser.open("/stores/main/invoices"), browser.open("/stores/main/overview")]
    pages += [
        browser.open(path)
        for path in ("/stores/main/orders?q=%22%3E%3Csvg%20onload=alert(1)%3E", "/%3Csvg%20onload=alert(1)%3E", "/stores/%3Csvg%3E/orders")
    ]
    for page in pages:
        assert page.tree.cssselect("[onload]") == []
        assert "<svg onload" not in page.source
        assert "49" not in page.part("h1")
    assert pages[0].text.count(EVIL) >= 10


def test_errors_are_pages_that_say_what_to_do_next(shop: Shop, person: Person) -> None:
    site = make_site(shop)
    broken = APIRouter(route_class=PageRoute)

    @broken.get("/broken")
    def fail() -> None:
        raise RuntimeError("the secret of the house")

    site.pages.include_router(broken)
    shop.place(an_order())
    jana = person("clerk@main")
    with running(site) as address, client_of(address) as client:
        browser = Browser(client)
        browser.log_in("jana@shop.example")
        told = {
            "/nothing": (404, "There is nothing here"),
            "/stores/main/orders/B-1": (404, "There is nothing here"),
            "/stores/other/orders": (404, "There is nothing here"),
            "/stores/main/orders?sort=up": (422, "Something in the request is wrong"),
            "/broken": (500, "This is a fault of ours"),
        }
        for path, (status, title) in told.items():
            page = browser.open(path)
            assert (page.status, page.part("h1"), "To the orders" in page.buttons()) == (status, title, True)
            assert "secret" not in page.source
        assert client.delete("/stores/main/orders").status_code == 405
        assert client.get("/api/v1/nothing").headers["Content-Type"] == "application/problem+json"
        assert client.get("/healthz").status_code == 200
    assert jana.open("/").path == "/stores/main/overview"


def test_files_are_kept_for_a_year_under_the_hash_of_their_bytes(shop: Shop, person: Person) -> None:
    browser = person("viewer")
    page = browser.open("/")
    for address in page.tree.xpath("//script/@src | //link/@href"):
        file = browser.client.get(address)
        assert (file.status_code, file.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
        assert hashlib.sha256(file.content).hexdigest().startswith(address.split("/")[2])
    assert browser.client.get("/static/0000000000000000/app.css").status_code == 404
    assert shop.settings.default_store == "main"


def test_what_others_wrote_is_named_with_version_licence_and_hash() -> None:
    told = tomllib.loads((folder() / "vendored.toml").read_text(encoding="utf-8"))
    ours = {"app.css", "app.js", "icon.svg", "vendored.toml"}
    files = {path.name for path in folder().iterdir()} - ours
    assert files == {each["file"] for each in told.values()} | {each["licence_file"] for each in told.values()}
    for each in told.values():
        assert hashlib.sha256((folder() / each["file"]).read_bytes()).hexdigest() == each["sha256"]
        assert each["version"] in each["file"]


def test_each_word_is_used(shop: Shop) -> None:
    """What nobody says any more is deleted; names that are put together are known by how they begin."""
    together = re.compile(
        r"(bulk|picture|step|mark|band|pay|post|by|orders|tries|tile|kind|wait|event|status|said|mail|money|issued|part|dialog|error|language|items|qualifier|import|outcome|deed|person|webhook|new|change)_"
    )
    root = folder().parent
    templates = "".join(path.read_text(encoding="utf-8") for path in root.glob("*.html"))
    code = "".join(path.read_text(encoding="utf-8") for path in Path("oms/backoffice").glob("*.py"))
    words = tomllib.loads((root / "words.en.toml").read_text(encoding="utf-8"))
    rest = [word for word in words if not together.match(word) and f"words.{word}" not in templates]
    unused = [word for word in rest if not re.search(f"[\"']{word}[\"']", templates + code)]
    assert unused == []
    assert shop.templates.check() == []
