"""A picture of every kind of page into docs/pictures/pages, and of the walk that mends the demo's red order: `python scripts/pictures.py`.

The demo's shop is made in a folder that is thrown away, served on loopback, and looked at by the system's Chromium: at 1280 and 390 dots, light
and dark. Needs the packages of requirements-dev.txt, and Chromium.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from oms.accounts.people import create_account  # noqa: E402 - found where the line above says
from oms.bootstrap import open_shop  # noqa: E402
from oms.engine.bulk import draw_up, start  # noqa: E402
from oms.engine.endpoints import add_endpoint, ping  # noqa: E402
from oms.lookup.bulk import chosen  # noqa: E402
from tests.acceptance.api.serving import served  # noqa: E402
from tests.acceptance.backoffice.browser.driving import Driver, launch  # noqa: E402
from tests.acceptance.backoffice.browser.finding import find_out, send_again, settle_in, somebody, try_again  # noqa: E402
from tests.acceptance.backoffice.browsing import PASSWORD  # noqa: E402

FOLDER = ROOT / "docs" / "pictures" / "pages"
ADMIN = "admin@shop.example"
SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}
TALLEST = 1200
"""Dots: what is below is cut off."""
COLOURS, LARGEST = 128, 60 * 1024

MAIN = "/stores/main"
PAGES = {
    "overview": f"{MAIN}/overview",
    "orders": f"{MAIN}/orders",
    "orders-no-hit": f"{MAIN}/orders?q=state:paid+nobody",
    "order": f"{MAIN}/orders/P-1012",
    "order-stuck": "/stores/atelier/orders/A-4002",
    "order-undelivered": f"{MAIN}/orders/M-3003",
    "order-event": f"{MAIN}/orders/P-1013?dialog=event&event=ship",
    "order-confirm": f"{MAIN}/orders/P-1013?dialog=event&event=cancel",
    "order-correct": f"{MAIN}/orders/P-1013?dialog=mend",
    "order-credit": f"{MAIN}/orders/P-1012#a[href*='dialog=credit']",
    "order-hold": f"{MAIN}/orders/P-1013?dialog=hold",
    "order-pay": f"{MAIN}/orders/P-1003?dialog=pay",
    "order-send": f"{MAIN}/orders/M-3003#a[href*='dialog=send']",
    "bulk": f"{MAIN}/bulk",
    "bulk-done": f"{MAIN}/bulk/1",
    "bulk-preview": f"{MAIN}/bulk/2",
    "invoices": f"{MAIN}/invoices",
    "invoices-no-hit": f"{MAIN}/invoices?from=2020-01-01&to=2020-01-31",
    "numbers": f"{MAIN}/invoices/numbers",
    "outbox": f"{MAIN}/mails",
    "mailbox": f"{MAIN}/mailbox",
    "letter": f"{MAIN}/mailbox#[data-row]:text('RE-')",
    "processes": f"{MAIN}/processes",
    "process": f"{MAIN}/processes/prepayment",
    "people-roles": f"{MAIN}/people?who=mia@atelier.example",
    "webhook": f"{MAIN}/webhooks/1",
    "webhooks-none": "/stores/atelier/webhooks",
    "first-steps": f"{MAIN}/first-steps",
    "error": f"{MAIN}/orders/NOBODY-1",
}
"""Name to address, for somebody who may see all; after # the link there that leads on. Rooms of the menu that are not named here are added."""
PARCELS = "reference,event,with.tracking\nP-1013,ship,DHL 0034 0438\nP-1003,ship,DHL 0034 0439\nNOBODY-1,ship,DHL 0034 0440\n"
SHIPPED, TO_SHIP = ("I-2001", "P-1014", "I-2005"), ("P-1012", "P-1013", "C-5001", "P-1003")
Keep = Callable[[Page, str], None]
"""Takes a picture under a name."""


def main() -> None:
    """Makes them all."""
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made) / "demo"
        subprocess.run([sys.executable, "-m", "oms", "demo", "--no-pause", "--folder", str(folder)], check=True, capture_output=True, cwd=ROOT)
        browser = launch(playwright)
        driver = Driver(browser, "")
        settle_in(folder)
        _furnish(folder)
        with served(folder) as server:
            driver.address = server.address
            for theme in ("light", "dark"):
                for size, viewport in SIZES.items():
                    _all_pages(driver, theme=theme, size=size, viewport=viewport)
        with somebody(driver, folder) as page:
            find_out(page, _shoot)
            send_again(page, _shoot, number=try_again(page, _shoot))
        browser.close()
    files = sorted(FOLDER.glob("*.png"))
    print(f"{len(files)} pictures, {sum(file.stat().st_size for file in files) // 1024} KB: {FOLDER.relative_to(ROOT)}")


def _furnish(folder: Path) -> None:
    """What the demo's stories leave empty: many orders at once, done and looked at before, and a listener that doesn't answer."""
    settings = folder / "config" / "oms.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("inside = []", 'inside = ["127.0.0.1"]'), encoding="utf-8")
    with open_shop(folder) as shop:
        create_account(shop.store, ADMIN, name="Jana Novak", roles=["admin"], password=PASSWORD, stores=list(shop.settings.stores))
        ping(shop.engine, add_endpoint(shop.engine, "http://127.0.0.1:9/oms", store="main", actor=ADMIN).id, store="main")
        done, _ = (
            draw_up(shop.engine, "ship", chosen(shop, list(references), store="main"), store="main", actor=ADMIN, key=references[0])
            for references in (SHIPPED, TO_SHIP)
        )
        start(shop.engine, done, actor=ADMIN, roles=None, reason=None, payload={"tracking": "DHL 0034 0437"})
        shop.work()


def _all_pages(driver: Driver, *, theme: str, size: str, viewport: dict[str, int]) -> None:
    def shoot(page: Page, name: str) -> None:
        keep(page, f"{name}-{size}-{theme}")

    with driver.person(None, theme=theme, size=viewport) as page:
        page.goto("/login")
        shoot(page, "login")
        _log_in(page, "not this one")
        shoot(page, "login-wrong")
    with driver.person(ADMIN, theme=theme, size=viewport) as page:
        page.goto(PAGES["overview"])
        rooms = page.eval_on_selector_all(".side nav a[data-key]", "all => all.map(each => [each.dataset.key, each.getAttribute('href')])")
        named = set(PAGES.values())
        for name, address in {**{key: address for key, address in rooms if address not in named}, **PAGES}.items():
            place, _, link = address.partition("#")
            page.goto(place)
            if link:
                page.goto(page.locator(link).first.get_attribute("href") or "")
            shoot(page, name)
        for act in ACTS:
            act(page, shoot)


def _log_in(page: Page, password: str) -> None:
    page.locator("[name=email]").fill(ADMIN)
    page.locator("[name=password]").fill(password)
    with page.expect_navigation():
        page.locator("[name=password]").press("Enter")


def _preview(page: Page, shoot: Keep) -> None:
    """What the rows of a file would do."""
    page.goto(f"{MAIN}/imports")
    page.locator("[type=file]").first.set_input_files({"name": "parcels.csv", "mimeType": "text/csv", "buffer": PARCELS.encode()})
    page.get_by_role("button", name="Preview").first.click()
    page.locator("#result").wait_for()
    shoot(page, "imports-preview")


def _invite(page: Page, shoot: Keep) -> None:
    """The link that is shown once, and where it leads."""
    page.goto(f"{MAIN}/people")
    page.get_by_role("row", name="Mia").get_by_role("button", name="New password…").click()
    link = page.locator("[data-secret]")
    link.wait_for()
    shoot(page, "people-invited")
    page.goto(link.input_value())
    shoot(page, "invitation")


def _come_back(page: Page, shoot: Keep) -> None:
    """The session is over while a comment is written."""
    page.goto(f"{MAIN}/orders/P-1013")
    page.locator("[name=text]").fill("Call her on Monday.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Write").click()
    page.locator("dialog [name=password]").wait_for()
    shoot(page, "login-again")
    page.locator("dialog [name=email]").fill(ADMIN)
    page.locator("dialog [name=password]").fill(PASSWORD)
    page.locator("dialog button").click()
    page.get_by_text("logged in again").wait_for()


def _resume(page: Page, shoot: Keep) -> None:
    """The same where the page is left."""
    page.goto(f"{MAIN}/people")
    page.locator("[name=name]").fill("Petr Novak")
    page.locator("section [name=email]:not([type=hidden])").fill("petr@shop.example")
    page.context.clear_cookies()
    page.get_by_role("button", name="Invite").click()
    page.get_by_role("heading", name="Log in").wait_for()
    _log_in(page, PASSWORD)
    shoot(page, "resume")


ACTS = (_preview, _invite, _come_back, _resume)
"""Pages that come of a form."""


def _shoot(page: Page, name: str) -> None:
    keep(page, f"walk-{name}", whole=False)


def keep(page: Page, name: str, *, whole: bool = True) -> None:
    """As a small file: few colours, and fewer if it is still too large."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.evaluate("document.activeElement?.blur()")
    whole = whole and page.locator("dialog[open]").count() == 0
    picture = Image.open(io.BytesIO(page.screenshot(full_page=whole, animations="disabled"))).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, TALLEST)))
    path = FOLDER / f"{name}.png"
    for colours in (COLOURS, COLOURS // 2, COLOURS // 4):
        picture.quantize(palette=_palette(picture, colours), dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= LARGEST:
            return


def _palette(picture: Image.Image, colours: int) -> Image.Image:
    """Those that cover most of it, as they are: an average of two would tint whole areas. A strong colour counts more: red is small, and matters."""
    found: Any = picture.getcolors(picture.width * picture.height)
    found.sort(key=lambda each: each[0] * (32 + max(each[1]) - min(each[1])), reverse=True)
    most: list[tuple[int, int, int]] = [colour for _, colour in found[:colours]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in most for part in colour] + list(most[0]) * (256 - len(most)))
    return palette


if __name__ == "__main__":
    main()
