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

from oms.api.app import make_app
from oms.api.entry import Asks
from oms.backoffice.app import make_pages, make_site
from oms.backoffice.failures import PageRoute
from oms.backoffice.rendering import LOCALES
from oms.backoffice.static import FILES, FONTS, folder
from oms.backoffice.visitor import Visits
from oms.bootstrap import Shop
from tests.acceptance.api.serving import client_of, running
from tests.acceptance.backoffice.browsing import Browser, Page
from tests.acceptance.backoffice.everywhere import PAGES, STORE, begin_things, unvisited
from tests.builders import an_order
from tests.contract.test_queries import questions, recording

Person = Callable[..., Browser]
OPEN = {"/", "/login", "/logout", "/language", "/invitation", "/static/{sha256}/{name}"}
"""Addresses that ask for no right."""


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


def test_every_deed_that_may_be_written_down_has_plain_words(shop: Shop) -> None:
    """One name for what pages and programs do alike: whoever looks for it finds both."""
    watched = [
        route
        for route in routes([*make_pages(shop).routes, *make_app(shop).routes])
        if any(isinstance(each.call, Visits | Asks) for each in route.dependant.dependencies)
    ]
    assert len(watched) > 100
    assert [route.path for route in watched if route.operation_id is None] == []
    for locale in LOCALES:
        words = tomllib.loads((folder().parent / f"words.{locale}.toml").read_text(encoding="utf-8"))
        assert {str(route.operation_id) for route in watched} - {name.removeprefix("did_") for name in words} == set()


def test_every_page_lets_in_no_script_but_ours_and_asks_six_questions_at_most(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    browser = person("admin")
    begin_things(shop, "A-1001", actor="jana@shop.example")
    letter = browser.open(f"{STORE}/mailbox").tree.cssselect("[data-row]")[0].get("href")
    addresses = (*PAGES, letter)
    assert unvisited(addresses) == set()
    for path in addresses:
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
        assert (file.headers["Vary"], file.headers["Content-Encoding"]) == ("Accept-Encoding", "gzip")
        assert browser.client.get(address, headers={"Accept-Encoding": "identity"}).content == file.content
        assert hashlib.sha256(file.content).hexdigest().startswith(address.split("/")[2])
    assert browser.client.get("/static/0000000000000000/app.css").status_code == 404
    assert shop.settings.default_store == "main"


def test_fonts_come_from_here(person: Person) -> None:
    client = person("viewer").client
    fonts = re.findall(r"url\(([^)]*)\)", (folder() / "app.css").read_text(encoding="utf-8"))
    assert len(fonts) == len(FONTS) == 2
    for address in fonts:
        font = client.get(address)
        assert (font.status_code, font.headers["Content-Type"], font.content[:4]) == (200, "font/woff2", b"wOF2")
        assert (font.headers["Cache-Control"], "Content-Encoding" in font.headers) == ("public, max-age=31536000, immutable", False)


def test_a_first_visit_takes_a_hundred_kilobytes_at_most(shop: Shop, person: Person) -> None:
    """The login, the overview and a full list of orders, without fonts, as their bytes come over the wire; pages themselves are never packed."""
    for number in range(60):
        shop.place(an_order(f"A-{number}"))
    shop.work()
    browser, files, size = person("viewer"), set[str](), 0
    for path in ("/login", f"{STORE}/overview", f"{STORE}/orders"):
        answer = browser.client.get(path)
        assert (answer.status_code, "Content-Encoding" in answer.headers) == (200, False)
        size += answer.num_bytes_downloaded
        files |= set(Page(answer).tree.xpath("//script/@src | //link/@href | //img/@src"))
    assert len(files) == len(FILES)
    size += sum(browser.client.get(file).num_bytes_downloaded for file in files)
    assert size <= 100_000


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
        r"(bulk|picture|step|mark|band|pay|post|by|orders|tries|tile|kind|wait|event|status|said|mail|money|issued|part|dialog|error|language|items|qualifier|import|outcome|deed|person|webhook|new|change|do|need|did|of|fore|may|named|units)_"
    )
    root = folder().parent
    templates = "".join(path.read_text(encoding="utf-8") for path in root.glob("*.html"))
    code = "".join(path.read_text(encoding="utf-8") for path in Path("oms/backoffice").glob("*.py"))
    words = tomllib.loads((root / "words.en.toml").read_text(encoding="utf-8"))
    rest = [word for word in words if not together.match(word) and f"words.{word}" not in templates]
    unused = [word for word in rest if not re.search(f"[\"']{word}[\"']", templates + code)]
    assert unused == []
    assert shop.templates.check() == []
