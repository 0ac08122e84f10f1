"""What was typed outlives a server that is away and a session that is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.api.serving import served
from tests.acceptance.backoffice.browser.conftest import furnish
from tests.acceptance.backoffice.browser.driving import Driver, log_in
from tests.acceptance.backoffice.browsing import PASSWORD

ORDER = "/stores/main/orders/NEW-1"
CLERK = "clerk@shop.example"
POLL = "**/changes*"


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Of somebody who is at an order. What is written to the console is not judged: the browser says there that nobody answers."""
    with served(furnish(tmp_path / "shop")) as server:
        context = browser.new_context(base_url=server.address, locale="en-GB")
        opened = context.new_page()
        log_in(opened, CLERK)
        opened.goto(ORDER)
        yield opened
        context.close()


def test_a_server_that_is_gone_is_told_with_the_time_of_the_page_and_what_was_typed_stays(page: Page) -> None:
    bar = page.locator("[data-gone]")
    expect(bar).to_be_hidden()
    page.get_by_label("Comment").fill("She wants it on Monday.")
    page.route("**/*", lambda route: route.abort())
    page.get_by_role("button", name="Write").click()
    expect(bar).to_be_visible()
    expect(bar).to_contain_text("The server doesn't answer")
    assert any(digit.isdigit() for digit in bar.locator("time").inner_text())
    expect(page.get_by_label("Comment")).to_have_value("She wants it on Monday.")
    expect(page.locator("[aria-busy]")).to_have_count(0)
    page.unroute("**/*")
    page.get_by_role("button", name="Write").click()
    expect(page.get_by_text("Your comment is there.")).to_be_visible()
    expect(bar).to_be_hidden()


@pytest.mark.parametrize("status", [502, 503])
def test_what_a_proxy_says_in_place_of_the_server_never_becomes_the_page(page: Page, status: int) -> None:
    page.route(POLL, lambda route: route.fulfill(status=status, content_type="text/html", body="<h1>Bad Gateway</h1>"))
    page.evaluate("htmx.trigger('#changed', 'load'); htmx.ajax('GET', document.querySelector('#changed').getAttribute('hx-get'), '#changed')")
    expect(page.locator("[data-gone]")).to_be_visible()
    page.route("**/comments", lambda route: route.fulfill(status=status, content_type="text/html", body="<h1>Bad Gateway</h1>"))
    page.get_by_label("Comment").fill("She wants it on Monday.")
    page.get_by_role("button", name="Write").click()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    expect(page.get_by_text("Bad Gateway")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Order NEW-1")
    expect(page.get_by_label("Comment")).to_have_value("She wants it on Monday.")


def test_a_session_that_is_over_asks_for_the_login_over_the_page_and_keeps_the_form(page: Page) -> None:
    page.get_by_label("Comment").fill("She wants\nit on Monday.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Write").click()
    login = page.get_by_role("dialog", name="Log in to the back office")
    expect(login).to_be_visible()
    login.get_by_label("Mail address").fill(CLERK)
    login.get_by_label("Password").fill("no words that fit")
    login.get_by_role("button", name="Log in").click()
    expect(login.get_by_role("alert")).to_contain_text("don't fit together")
    login.get_by_label("Password").fill(PASSWORD)
    login.get_by_role("button", name="Log in").click()
    expect(login).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="You are logged in again")).to_be_visible()
    assert page.url.endswith(ORDER)
    expect(page.get_by_label("Comment")).to_have_value("She wants\nit on Monday.")
    page.get_by_role("button", name="Write").click()
    expect(page.get_by_text("Your comment is there.")).to_be_visible()


def test_without_javascript_a_comment_of_two_lines_is_sent_after_the_login_as_it_was_typed(driver: Driver) -> None:
    with driver.person(CLERK, script=False) as page:
        page.goto("/stores/main/orders/NEW-2")
        page.get_by_label("Comment").fill("She wants\nit on Monday.")
        page.context.clear_cookies()
        page.get_by_role("button", name="Write").click()
        page.get_by_label("Mail address").fill(CLERK)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_label("Comment")).to_have_value("She wants\nit on Monday.")
        page.get_by_role("button", name="Send it now").click()
        expect(page.get_by_text("Your comment is there.")).to_be_visible()
        assert page.locator("p.said").first.inner_text() == "She wants\nit on Monday."


def test_on_a_telephone_the_menu_shows_where_somebody_is(driver: Driver) -> None:
    with driver.person("admin@shop.example", size={"width": 390, "height": 844}) as page:
        for room in ("overview", "history", "trail"):
            page.goto(f"/stores/main/{room}")
            expect(page.locator(".side nav [aria-current=page]")).to_be_in_viewport(ratio=0.9)
