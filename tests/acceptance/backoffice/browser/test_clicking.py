"""What people do with mouse and keys, before pages as they are served."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from oms.bootstrap import open_shop
from tests.acceptance.backoffice.browser.driving import Driver, barriers, log_in
from tests.builders import an_order

ORDERS = "/stores/main/orders"


def happened(folder: Path, reference: str, event: str) -> list[str]:
    """Who let an event happen, once for each trigger."""
    with open_shop(folder) as shop:
        view = shop.views.order(reference)
    return [row.actor for row in view.triggers if row.event == event]


def button(page: Page, name: str) -> None:
    """Press the one in the open form, else the first."""
    page.get_by_role("button", name=name, exact=True).or_(page.get_by_role("link", name=name, exact=True)).first.click()


def test_a_double_click_on_the_button_of_a_form_ships_once(driver: Driver, folder: Path) -> None:
    with driver.person(None) as page:
        log_in(page, "clerk@shop.example")
        page.get_by_role("link", name="Orders", exact=True).click()
        page.get_by_label("Search orders").fill("SHIP-1")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Order SHIP-1")
        assert barriers(page) == []
        page.get_by_role("link", name="Ship…", exact=True).first.click()
        form = page.get_by_role("dialog")
        form.get_by_label("Tracking number").fill("0034")
        assert barriers(page) == []
        form.get_by_role("button", name="Ship").dblclick()
        expect(page.get_by_role("status").first).to_contain_text("Ship: Items 1, 2 → Shipped.")
    assert happened(folder, "SHIP-1", "ship") == ["clerk@shop.example"]


def test_an_open_list_says_what_is_new_and_moves_no_row(driver: Driver, folder: Path) -> None:
    with driver.person("clerk@shop.example", size={"width": 390, "height": 800}) as page:
        page.clock.install()
        page.goto(f"{ORDERS}?q=mail:late")
        expect(page.get_by_role("heading", level=2)).to_have_text("No order fits")
        lately(folder, "LATE-1")
        page.clock.run_for(16_000)
        page.get_by_role("link", name="1 new, load").click()
        rows = page.locator("[data-row]")
        expect(rows).to_have_text(["LATE-1"])
        stood = rows.first.bounding_box()
        for number in (2, 3):
            lately(folder, f"LATE-{number}")
            page.clock.run_for(16_000)
            expect(page.locator("#news")).to_have_text(f"{number - 1} new, load")
        assert (rows.all_text_contents(), rows.first.bounding_box()) == (["LATE-1"], stood)
        assert barriers(page) == []
        page.get_by_role("link", name="2 new, load").click()
        expect(rows).to_have_text(["LATE-3", "LATE-2", "LATE-1"])


def test_an_open_order_follows_itself_and_leaves_what_somebody_is_at(driver: Driver, folder: Path) -> None:
    with driver.person("clerk@shop.example") as page:
        page.clock.install()
        lately(folder, "FOLLOW-1")
        page.goto(f"{ORDERS}/FOLLOW-1")
        page.get_by_label("Comment").fill("Call her on")
        ticked = page.locator("[form=pick]").first
        ticked.check()
        with open_shop(folder) as shop:
            shop.trigger("FOLLOW-1", "pay", payload={"amount": "168.80", "reference": "tx_follow"})
        page.clock.run_for(16_000)
        expect(page.locator("#part-side")).to_contain_text("tx_follow")
        expect(page.locator("#part-timeline")).to_contain_text("Paid")
        expect(page.get_by_label("Comment")).to_have_value("Call her on")
        expect(ticked).to_be_checked()
        expect(page.locator("[data-older]")).to_be_visible()
        assert barriers(page) == []
        page.locator("[data-older]").get_by_role("link", name="Show").click()
        expect(page.locator("#part-items")).to_contain_text("Invoiced")


def test_keys_choose_a_row_and_tell_what_keys_there_are(driver: Driver) -> None:
    with driver.person("clerk@shop.example") as page:
        page.goto(f"{ORDERS}?q=SHIP state:invoiced")
        page.keyboard.press("j")
        page.keyboard.press("x")
        chosen = page.locator("input[name=order]:checked")
        expect(chosen).to_have_count(1)
        page.keyboard.press("x")
        expect(chosen).to_have_count(0)
        page.keyboard.press("?")
        expect(page.locator("#shortcuts")).to_be_visible()
        assert barriers(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("#shortcuts")).to_be_hidden()


def lately(folder: Path, reference: str) -> None:
    """Somebody orders while a list is open."""
    with open_shop(folder) as shop:
        shop.place(an_order(reference, customer={"name": "Tom Berg", "email": "late@example.com"}))


@pytest.mark.slow
def test_an_order_is_shipped_by_the_keyboard_alone(driver: Driver, folder: Path) -> None:
    with driver.person(None) as page:
        page.goto("/login")
        page.keyboard.type("clerk@shop.example")  # the field has the focus
        page.keyboard.press("Tab")
        page.keyboard.type("four words that fit")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        page.keyboard.press("g")
        page.keyboard.press("l")
        expect(page.get_by_role("heading", level=1)).to_have_text("Orders")
        page.keyboard.press("/")
        page.keyboard.type("SHIP-2 state:invoiced")
        page.keyboard.press("Enter")
        expect(page.locator("[data-row]")).to_have_count(1)
        page.keyboard.press("j")
        expect(page.locator("[data-row]:focus")).to_have_text("SHIP-2")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Order SHIP-2")
        reach(page, "Ship…")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        expect(page.get_by_label("Tracking number")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        reach(page, "Ship…")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Tracking number")).to_be_focused()
        page.keyboard.type("0034")
        reach(page, "Ship")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("Shipped")
    assert happened(folder, "SHIP-2", "ship") == ["clerk@shop.example"]


def reach(page: Page, text: str) -> None:
    """Tab until what has the focus says this. Whatever gets it on the way is seen to have it."""
    for _ in range(80):
        page.keyboard.press("Tab")
        said, outlined = page.evaluate("[document.activeElement.textContent.trim(), getComputedStyle(document.activeElement).outlineStyle]")
        assert outlined != "none", said
        if said == text:
            return
    raise AssertionError(f"no key leads to {text}")


@pytest.mark.slow
def test_without_javascript_every_form_does_what_it_does_with_it(driver: Driver, folder: Path) -> None:
    with driver.person(None, script=False) as page:
        log_in(page, "manager@shop.example")
        page.goto(f"{ORDERS}?q=NEW-1")
        expect(page.get_by_role("heading", level=1)).to_have_text("Order NEW-1")
        page.get_by_label("Comment").fill("Call her on Monday")
        button(page, "Write")
        expect(page.get_by_role("status").first).to_have_text("Your comment is there.")
        for name, said in (("Hold…", "The order is held."), ("Release…", "The order goes on.")):
            button(page, name)
            page.get_by_role("dialog").get_by_role("textbox").fill("stock is counted")
            page.get_by_role("dialog").get_by_role("button", name=name.removesuffix("…")).click()
            expect(page.get_by_role("status").first).to_have_text(said)
        button(page, "Run now")
        expect(page.get_by_role("status").first).to_contain_text("Remind of payment")
        button(page, "Correct…")
        page.locator("[name='mended.customer.name'], [name$='customer.name']").first.fill("Jana Nováková")
        page.get_by_role("dialog").get_by_label("Reason").fill("she married")
        page.get_by_role("dialog").get_by_role("button", name="Correct").click()
        expect(page.locator("main")).to_contain_text("Jana Nováková")
        button(page, "Cancel…")
        page.get_by_role("dialog").get_by_label("Reason").fill("she changed her mind")
        page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("status").first).to_contain_text("Cancelled")
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login")
    assert happened(folder, "NEW-1", "cancel") == ["manager@shop.example"]


@pytest.mark.slow
def test_who_was_slower_reads_who_was_faster_and_keeps_what_was_typed(driver: Driver, folder: Path) -> None:
    with driver.person("clerk@shop.example") as slow, driver.person("manager@shop.example") as fast:
        for page in (slow, fast):
            page.goto(f"{ORDERS}/SHIP-3?dialog=event&event=cancel" if page is slow else f"{ORDERS}/SHIP-3?dialog=event&event=ship")
        slow.get_by_label("Reason").fill("she changed her mind")
        fast.get_by_role("dialog").get_by_role("button", name="Ship").click()
        expect(fast.get_by_role("status").first).to_contain_text("Shipped")
        slow.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        told = slow.get_by_role("alert")
        expect(told).to_contain_text("manager@shop.example: Ship")
        expect(told).to_contain_text("she changed her mind")
        assert barriers(slow) == []
    assert (happened(folder, "SHIP-3", "ship"), happened(folder, "SHIP-3", "cancel")) == (["manager@shop.example"], [])


@pytest.mark.slow
def test_seven_open_orders_do_not_keep_each_other_from_working(driver: Driver, folder: Path) -> None:
    """A browser opens six connections to a server: a page that kept one for itself would stop the seventh."""
    with driver.person("clerk@shop.example") as page:
        tabs = [page, *(page.context.new_page() for _ in range(6))]
        for tab in tabs:
            tab.goto(f"{ORDERS}/SHIP-4")
        for number, tab in enumerate(tabs, start=1):
            tab.get_by_label("Comment").fill(f"From tab {number}")
            button(tab, "Write")
            expect(tab.get_by_role("status").first).to_have_text("Your comment is there.")
    with open_shop(folder) as shop:
        assert [note.text for note in shop.views.order("SHIP-4").notes] == [f"From tab {number}" for number in range(1, 8)]


def test_what_one_browser_does_the_other_shows_by_itself_and_keeps_what_was_typed(driver: Driver, folder: Path) -> None:
    lately(folder, "TWO-1")
    with open_shop(folder) as shop:
        shop.trigger("TWO-1", "pay", payload={"amount": "168.80", "reference": "tx_two"})
        shop.work()
    with driver.person("clerk@shop.example") as watching, driver.person("manager@shop.example") as acting:
        watching.clock.install()
        watching.goto(f"{ORDERS}/TWO-1")
        watching.get_by_label("Comment").fill("Call her on")
        acting.goto(f"{ORDERS}/TWO-1?dialog=event&event=ship&item=2")
        acting.get_by_role("dialog").get_by_role("button", name="Ship").click()
        expect(acting.get_by_role("status").first).to_have_text("Ship: Item 2 → Shipped.")
        watching.clock.run_for(16_000)
        expect(watching.locator("#part-items .pill")).to_have_text(["Invoiced", "Shipped"])
        expect(watching.locator("#part-timeline")).to_contain_text("manager@shop.example")
        expect(watching.get_by_label("Comment")).to_have_value("Call her on")
        watching.get_by_role("button", name="Write").click()
        expect(watching.get_by_role("status").first).to_have_text("Your comment is there.")
        acting.clock.install()
        acting.goto(f"{ORDERS}/TWO-1")
        watching.get_by_label("Comment").fill("Monday")
        watching.get_by_role("button", name="Write").click()
        expect(watching.locator("#part-timeline")).to_contain_text("Monday")
        acting.clock.run_for(16_000)
        expect(acting.locator("#part-timeline")).to_contain_text("Monday")


def test_what_is_due_counts_down_and_nothing_around_it_moves(driver: Driver, folder: Path) -> None:
    lately(folder, "DUE-1")
    with open_shop(folder) as shop:
        shop.work()  # its mail is sent: nothing comes anew while the page is open
    with driver.person("clerk@shop.example") as page:
        page.clock.install()
        page.goto(f"{ORDERS}/DUE-1")
        due = page.locator("[aria-labelledby=timers] time").first
        exact, beside = due.get_attribute("title"), page.locator("[aria-labelledby=timers] form").first
        page.evaluate("document.fonts.ready.then(() => true)")
        stood = beside.bounding_box()
        expect(due).to_have_text(re.compile("in 3 d|in 2 d 23 h"))
        due.evaluate("each => { each.dataset.left = 100000; }")
        page.clock.run_for(1_000)
        expect(due).to_have_text("in 1 d 3 h")
        page.clock.fast_forward(99_980_000)
        expect(due).to_have_text(re.compile(r"in \d+ s"))
        assert (beside.bounding_box(), due.get_attribute("title")) == (stood, exact)
        page.clock.run_for(30_000)
        expect(due).to_have_text("now")


def test_a_form_reckons_anew_when_other_units_are_chosen_and_when_the_order_changes(driver: Driver, folder: Path) -> None:
    lately(folder, "RECKON-1")
    with open_shop(folder) as shop:
        shop.trigger("RECKON-1", "pay", payload={"amount": "168.80", "reference": "tx_reckon"})
        shop.work()
    with driver.person("clerk@shop.example") as page:
        page.clock.install()
        page.goto(f"{ORDERS}/RECKON-1?dialog=event&event=cancel")
        foreseen = page.locator("#foreseen")
        expect(foreseen).to_contain_text("€168.80")
        page.get_by_label("Reason").fill("she changed her mind")
        page.get_by_role("spinbutton").fill("1")
        page.get_by_role("spinbutton").blur()
        expect(foreseen).to_contain_text("€128.90")
        page.get_by_label("2 · Coffee grinder").uncheck()
        expect(foreseen).to_contain_text("€39.90")
        with open_shop(folder) as shop:
            shop.trigger("RECKON-1", "pay", payload={"amount": "10.00", "reference": "tx_twice"})
        page.clock.run_for(17_000)
        expect(foreseen).to_contain_text("€49.90 is to be given back")
        expect(page.get_by_role("spinbutton")).to_have_value("1")
        expect(page.get_by_label("Reason")).to_have_value("she changed her mind")
        assert barriers(page) == []
