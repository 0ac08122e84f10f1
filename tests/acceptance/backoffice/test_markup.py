"""Nothing from outside becomes markup, whoever typed it wherever; and what every answer of the pages says to browsers (S21, S22, S25, S26)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from oms.api.requests import PROTECTING
from oms.backoffice.rendering import POLICY
from oms.backoffice.static import folder
from oms.bootstrap import Shop, open_shop
from tests.acceptance.api.serving import answering, client_of
from tests.acceptance.backoffice.browsing import Browser
from tests.acceptance.backoffice.corpus import ADMIN, MARK, ON_PAGES, evil_shop
from tests.acceptance.backoffice.everywhere import PAGES, STORE, begin_things, fill_in
from tests.builders import MovedClock, an_order

Person = Callable[..., Browser]
EVIL = "\"><svg onload=alert(1)>'{{ 7 * 7 }}"
FILES = ("orders.csv", "invoices/export.csv", "invoices/export.zip", "bulk/1/progress", "orders/A-1001/changes?seen=1&since=1")
RAW = re.compile(r"\|\s*safe\b|autoescape|javascript:|\bstyle\s*=|\son\w+\s*=|\s[\w-]+=\{\{")
"""What would let text through as it is, or where escaping does not help: in a style, in an attribute without quotes."""
REVIEWED = {"sentences.py": "says of a sentence that it is English: a format of its own, whose parts are escaped"}
WRITES = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|\beval\b|\bFunction\(|srcdoc")


def walked(shop: Shop) -> None:
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()


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


def test_nothing_that_comes_from_anywhere_becomes_markup_on_any_page(tmp_path: Path) -> None:
    """Not only what people type: orders, processes, configuration, what other servers answer. That it is shown at all is known by its mark."""
    shown = set[str]()
    with open_shop(evil_shop(tmp_path / "evil"), clock=MovedClock()) as shop, answering(shop, pages=True) as address, client_of(address) as client:
        browser = Browser(client)
        browser.log_in(ADMIN)
        letters = [each.get("href") for each in browser.open(f"{STORE}/mailbox").tree.cssselect("[data-row]")]
        paths = [
            path.replace("A-1001", "EVIL-1") for path in (*PAGES, f"{STORE}/webhooks/2", f"{STORE}/orders/A-1001?dialog=event&event=ship", *letters)
        ]
        for path in paths:
            page = browser.open(path)
            assert (page.status, page.tree.cssselect("[onload]"), "<svg onload" in page.source) == (200, [], False), path
            shown |= set(MARK.findall(" ".join([page.text, *page.tree.xpath("//@value | //@title | //@aria-label")])))
    assert ON_PAGES - shown == set()


def test_nothing_that_is_sent_by_any_form_becomes_markup(shop: Shop, person: Person) -> None:
    walked(shop)
    browser = person("admin")
    begin_things(shop, "A-1001", actor="jana@shop.example")
    answers = [page for path in PAGES for page in fill_in(browser, path, EVIL)]
    seen = [*answers, *(browser.open(path) for path in PAGES)]
    assert len(answers) > 2 * len(PAGES)
    assert [page.path for page in seen if page.tree.cssselect("[onload]") or "<svg onload" in page.source or page.status >= 500] == []
    assert sum(EVIL in page.text for page in seen) > len(PAGES)


def test_every_answer_tells_browsers_what_they_may_do_with_it(shop: Shop, person: Person) -> None:
    walked(shop)
    browser = person("admin")
    begin_things(shop, "A-1001", actor="jana@shop.example")
    others = {name: said for name, said in PROTECTING.items() if name not in {"Content-Security-Policy", "Cache-Control"}}
    files = [f"{STORE}/{file}" for file in FILES]
    letter = browser.open(f"{STORE}/mailbox").tree.cssselect("[data-row]")[0].get("href")
    errors = ["/nothing", "/stores/nobody/orders", f"{STORE}/orders/B-1", f"{STORE}/orders?q=is:odd", f"{STORE}/orders?sort=up"]
    for path in (*PAGES, *files, letter, f"{letter}/1", *errors, "/login", "/invitation", *browser.open("/login").tree.xpath("//script/@src")):
        answer = browser.client.get(path)
        assert {name: answer.headers.get(name) for name in others} == others, path
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        assert answer.headers["Content-Security-Policy"] == (POLICY if is_page else PROTECTING["Content-Security-Policy"]), path
        assert answer.headers["Cache-Control"] == ("public, max-age=31536000, immutable" if path.startswith("/static/") else "no-store"), path


def test_no_link_or_form_leads_to_another_place_than_this_server(shop: Shop, person: Person) -> None:
    walked(shop)
    browser = person("admin")
    begin_things(shop, "A-1001", actor="jana@shop.example")
    for path in PAGES:
        led = browser.open(path).tree.xpath("//@href | //@action | //@src | //@hx-get | //@formaction")
        assert [address for address in led if not re.match(r"/(?!/)|#main$|#file\d+(-\d+)?$", address)] == [], path


def test_no_template_and_no_script_of_ours_lets_text_become_markup() -> None:
    templates = {path.name: path.read_text(encoding="utf-8") for path in folder().parent.glob("*.html")}
    assert len(templates) > 30
    assert {name: RAW.findall(text) for name, text in templates.items() if RAW.search(text)} == {}
    assert WRITES.findall((folder() / "app.js").read_text(encoding="utf-8")) == []
    code = {path.name: path.read_text(encoding="utf-8") for path in Path("oms/backoffice").glob("*.py")}
    assert {name for name, text in code.items() if re.search(r"\bMarkup\(|from_string", text)} == set(REVIEWED)
