"""What holds on every page that links lead to, for each role and in both themes. Pages that are added are found by their links."""

from __future__ import annotations

import calendar
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from oms.backoffice.dialogs import DIALOGS
from oms.resources import resource_folder
from oms.rights import ROLES
from tests.acceptance.api.serving import served
from tests.acceptance.backoffice.browser.conftest import EVIL, furnish
from tests.acceptance.backoffice.browser.driving import Driver, barriers, out_of_reach, too_wide
from tests.acceptance.backoffice.browser.walking import walk
from tests.acceptance.backoffice.browsing import Browser as Reader
from tests.acceptance.backoffice.corpus import ADMIN, evil_shop
from tests.acceptance.backoffice.everywhere import PAGES, STORE, fill_in, unvisited

pytestmark = pytest.mark.slow
BEGIN = (
    "/",
    f"{STORE}/orders?q=nobody",
    f"{STORE}/orders?q=is:odd",
    *(f"{STORE}/orders/{name}" for name in ("STUCK-1", "SHIP-4", "NEW-2")),
    *(f"{STORE}/orders/SHIP-4?dialog={name}" for name in DIALOGS),
    f"{STORE}/bulk/1",
    f"{STORE}/bulk/2",
)
"""Besides what links lead to: a list that is empty, one that is wrong, orders in each plight, every form over an order, a run that is looked at."""
FOR_ADMINS = f"{STORE}/first-steps"
"""Linked while a shop is empty; this one is not."""
TELEPHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_page_has_a_barrier_an_error_or_a_request_to_elsewhere(driver: Driver, role: str, theme: str) -> None:
    found: list[str] = []
    with driver.person(f"{role}@shop.example", theme=theme) as page:
        opened = walk(page, (*BEGIN, FOR_ADMINS) if role == "admin" else BEGIN, lambda shown: found.extend(barriers(shown)))
    assert found == []
    assert role != "admin" or unvisited(opened) == set()
    assert role == "viewer" or any("dialog=" in address for address in opened)


def test_whoever_is_not_logged_in_sees_pages_without_a_barrier(driver: Driver) -> None:
    for theme in ("light", "dark"):
        with driver.person(None, theme=theme) as page:
            for address in ("/login", "/nothing", f"{STORE}/orders", "/invitation?token=x"):
                page.goto(address)
                assert barriers(page) == []


def test_on_a_telephone_no_page_scrolls_sideways_and_none_has_a_barrier(driver: Driver) -> None:
    found: list[str] = []

    def look(page: Page) -> None:
        found.extend(barriers(page))
        if too_wide(page):
            found.append(f"{page.url} is too wide")

    with driver.person("admin@shop.example", size=TELEPHONE) as page:
        opened = walk(page, (*BEGIN, FOR_ADMINS), look)
    assert (found, unvisited(opened)) == ([], set())


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_tab_key_leads_to_everything_on_every_page_and_shows_where_it_is(driver: Driver, role: str) -> None:
    found: list[str] = []
    with driver.person(f"{role}@shop.example") as page:
        walk(page, BEGIN, lambda shown: found.extend(f"{shown.url}: {each}" for each in out_of_reach(shown)))
    assert found == []


@pytest.mark.parametrize("role", sorted(ROLES))
def test_without_javascript_every_page_is_whole(driver: Driver, role: str) -> None:
    """It is shown, and each of its forms goes somewhere and has a button: nothing waits for a script."""
    found: list[str] = []

    def look(page: Page) -> None:
        assert page.get_by_role("heading", level=1).count() == 1, page.url
        useless = "form:not([action]), form:not(:has(button))"
        found.extend(f"{page.url}: {form}" for form in page.eval_on_selector_all(useless, "all => all.map(each => each.outerHTML)"))

    with driver.person(f"{role}@shop.example", script=False) as page:
        opened = walk(page, (*BEGIN, FOR_ADMINS) if role == "admin" else BEGIN, look)
    assert (found, role != "admin" or unvisited(opened) == set()) == ([], True)


def no_script(page: Page) -> None:
    assert page.locator("svg[onload], [onerror]").count() == 0


def test_what_somebody_typed_never_becomes_a_script(driver: Driver) -> None:
    """`Watched` hears of each dialog; there is none, and nothing that could open one."""
    with driver.person("admin@shop.example") as page:
        order = f"{STORE}/orders/EVIL-1"
        for dialog in ("mend", "hold", "release", "event&event=ship", "event&event=cancel"):
            page.goto(f"{order}?dialog={dialog}")
            if not page.locator("dialog form").count():  # what was sent before has moved the order
                continue
            for box in page.get_by_role("dialog").get_by_role("textbox").all():
                box.fill(EVIL)
            page.locator("dialog form").evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
            page.wait_for_load_state("networkidle")
            no_script(page)
        page.goto(order)
        page.get_by_label("Comment").fill(EVIL)
        page.get_by_role("button", name="Write").click()
        page.goto(f"{STORE}/orders")
        page.get_by_label("Search orders").fill(EVIL)
        page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")
        no_script(page)


def test_what_was_sent_by_every_form_of_every_page_never_becomes_a_script(browser: Browser, tmp_path: Path) -> None:
    addresses = [address.replace("A-1001", "EVIL-1") for address in PAGES]
    with served(furnish(tmp_path / "shop")) as server, server.client() as client:
        reader = Reader(client)
        reader.log_in("admin@shop.example")
        sent = [answer for address in addresses for answer in fill_in(reader, address, EVIL)]
        assert [(answer.path, answer.status) for answer in sent if answer.status >= 500] == []
        begin = [*addresses, "/login?next=" + EVIL, f"{STORE}/orders?q=evil", f"{STORE}/orders?q=%22%3E%3Csvg%20onload=alert(1)%3E"]
        with Driver(browser, server.address).person("admin@shop.example") as page:
            opened = walk(page, begin, no_script)
    assert unvisited(opened) == set()


def test_no_word_from_anywhere_becomes_a_script(browser: Browser, tmp_path: Path) -> None:
    addresses = [address.replace("A-1001", "EVIL-1") for address in PAGES]
    with served(evil_shop(tmp_path / "shop"), "--no-work") as server, Driver(browser, server.address).person(ADMIN) as page:
        opened = walk(page, addresses, no_script)
    assert unvisited(opened) == set()


# ---- Words ----

OPEN, CLOSE = "⟦", "⟧"
TEXTS = """() => {
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const inside = walker.currentNode.parentElement;
    const skipped = inside.closest("script, style, time, code, pre, q, :not(html)[lang], .mono, [data-row], option:not([value])");
    if (!skipped) said.push(walker.currentNode.textContent);
  }
  for (const name of ["title", "placeholder", "aria-label"])
    document.querySelectorAll(`[${name}]:not(time)`).forEach(each => said.push(each.getAttribute(name)));
  return [...said, document.title];
}"""
"""What people read: without times, what is quoted or typed by somebody, and sentences of errors, which are English and say so."""


@pytest.fixture
def wrapped(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    """A server of a copy of oms whose words are wrapped, each."""
    for name in ("oms", "templates", "config", "processes"):
        shutil.copytree(Path.cwd() / name, tmp_path / "copy" / name, ignore=shutil.ignore_patterns("__pycache__"))
    words = tmp_path / "copy" / "templates" / "backoffice" / "words.en.toml"
    lines = words.read_text(encoding="utf-8").splitlines()
    words.write_text("\n".join(re.sub(r'^(\w+ = ")(.*)(")$', rf"\1{OPEN}\2{CLOSE}\3", line) for line in lines), encoding="utf-8")
    folder = furnish(tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "copy")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "copy"))
    with served(folder) as server:
        yield Driver(browser, server.address, words=(f"{OPEN}Mail address{CLOSE}", f"{OPEN}Password{CLOSE}", f"{OPEN}Log in{CLOSE}"))


def names() -> set[str]:
    """What is no word of the pages: it stands in orders and processes, or was made up here."""
    known = {
        "EVIL-1",
        "jana@example.com",
        "Jana",
        "Novak",
        "Espresso",
        "cups",
        "Coffee",
        "grinder",
        "München",
        "Marktplatz",
        "DE",
        "main",
        "EUR",
        "KB",
        "Esc",  # as it stands on the key
    }
    known |= {
        "NEW",
        "STUCK",
        "SHIP",
        "engine",
        "python",
        *calendar.month_abbr,
        *calendar.month_name,
        "Kaffeehaus",
        "Muster",
        "shop",
        "example",
        "tx",
        "RE",
        "svg",
        "onload",
        "alert",
        "com",
        "evil",
        "oms",
        "bank",
        "archive",
        "https",
        "erp",
        "Mine",
        "state",
        "webshop",
        "CSV",
        "ZIP",
    }
    for path in resource_folder("processes").rglob("*.yaml"):
        known |= set(re.findall(r"[^\W\d_]+", path.read_text(encoding="utf-8")))
    return {word.casefold() for each in (*known, *ROLES) for word in re.findall(r"[^\W\d_]+", each)}


def test_no_page_says_a_word_that_no_language_file_has(wrapped: Driver) -> None:
    known, found = names(), set[str]()

    def look(page: Page) -> None:
        if "/mailbox/" in page.url:  # a mail speaks its reader's language
            return
        for said in page.evaluate(TEXTS):
            rest = re.sub(rf"{OPEN}[^{CLOSE}]*{CLOSE}", " ", said)
            unknown = [word for word in re.findall(r"[^\W\d_]{2,}", rest) if word.casefold() not in known]
            if unknown:
                found.add(f"{page.url}: {said.strip()}")

    with wrapped.person("admin@shop.example") as page:
        opened = walk(page, (*BEGIN, FOR_ADMINS), look)
    assert (sorted(found), unvisited(opened)) == ([], set())
