"""The walk that the README shows: why the red order is stuck, what mends it, and where its invoice went. Told by clicks in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from oms.accounts.people import create_account
from oms.bootstrap import open_shop
from tests.acceptance.api.serving import served
from tests.acceptance.backoffice.browser.driving import Driver
from tests.acceptance.backoffice.browsing import PASSWORD

Shoot = Callable[[Page, str], None]
"""Takes a picture of a page under a name."""

STORE, RED, EMAIL, OTHER = "atelier", "A-4002", "mia@atelier.example", "books@example.com"


def settle_in(folder: Path) -> None:
    """Somebody of the demo's second store gets an account."""
    with open_shop(folder) as shop:
        stores = list(shop.settings.stores)
        create_account(shop.store, EMAIL, name="Mia Berger", roles=[f"manager@{STORE}"], password=PASSWORD, stores=stores)


@contextmanager
def somebody(driver: Driver, folder: Path) -> Iterator[Page]:
    """At a server of the demo's shop."""
    with served(folder) as server:
        driver.address = server.address
        with driver.person(EMAIL) as page:
            yield page


def find_out(page: Page, shoot: Shoot) -> str:
    """From the overview to the reason. Returns the sentence."""
    page.goto(f"/stores/{STORE}/overview")
    shoot(page, "1-overview")
    page.locator(".tile a").first.click()
    page.wait_for_url("**is:failed*")
    page.get_by_role("link", name=RED).click()
    page.wait_for_url(f"**/orders/{RED}")
    expect(page.get_by_role("heading", name="Why it is stuck")).to_be_visible()
    shoot(page, "2-why")
    return page.locator(".why").inner_text()


def try_again(page: Page, shoot: Shoot) -> str:
    """The button, and what came of it: the invoice in the mailbox. Returns its number."""
    page.goto(f"/stores/{STORE}/orders/{RED}")
    page.get_by_role("button", name="Try again now").first.click()
    page.wait_for_url("**said=retried")
    number = there(page, page.locator("section[aria-labelledby=invoices] b.num")).inner_text()
    mailed(page, number, "oliver@example.com")
    shoot(page, "3-again")
    page.get_by_role("link", name="Outbox", exact=True).click()
    page.wait_for_url("**/mails")
    page.get_by_role("link", name="Mailbox", exact=True).click()
    page.wait_for_url("**/mailbox")
    page.locator("[data-row]", has_text=number).first.click()
    page.wait_for_url("**/mailbox/*")
    expect(page.get_by_role("link", name=f"{number}.pdf")).to_be_visible()
    shoot(page, "4-mailbox")
    return number


def send_again(page: Page, shoot: Shoot, *, number: str) -> None:
    """To another address; then everything stands in the timeline."""
    page.goto(f"/stores/{STORE}/orders/{RED}")
    page.get_by_role("link", name="Mail again…").first.click()
    page.get_by_role("dialog").get_by_role("textbox").fill(OTHER)
    page.get_by_role("dialog").get_by_role("button", name="Mail it").click()
    page.wait_for_url("**said=sent")
    expect(page.get_by_role("status").first).to_have_text("It is on its way.")
    mailed(page, number, OTHER)
    page.get_by_role("heading", name="History").evaluate("each => each.scrollIntoView()")
    shoot(page, "5-timeline")


def mailed(page: Page, number: str, address: str) -> None:
    """Wait until its history says that the mail went there."""
    there(page, page.locator(".tl li", has_text=f"{number} mailed to {address}"))


def there(page: Page, what: Locator) -> Locator:
    """Load the order until it shows this: the worker is another thread."""
    for _ in range(100):
        page.goto(f"/stores/{STORE}/orders/{RED}")
        if what.count():
            return what.first
        page.wait_for_timeout(200)
    raise AssertionError(f"{what} never came")
