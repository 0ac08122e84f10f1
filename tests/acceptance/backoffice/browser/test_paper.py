"""Pages as they are printed: nothing of the menu, nothing that is pressed, no table cut, light whatever the screen shows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.acceptance.backoffice.browser.driving import Driver
from tests.acceptance.backoffice.everywhere import PAGES

A4 = {"width": 690, "height": 1000}
"""Dots between margins of 14 mm."""
DARK = 100
"""Of 255: what red, green and blue of a letter have at most."""
PRESSED = ".side, .btn, input:not([type=hidden]), select, textarea, dialog, .scrim, [data-zoom]"
CUT = """() => [document.documentElement, ...document.querySelectorAll(".scroll, .picture, .card")].filter(each =>
  each.scrollWidth > each.clientWidth + 1 && each.checkVisibility()
  || (getComputedStyle(each).overflowY !== "visible" && each.scrollHeight > each.clientHeight + 1)).map(each => each.className || each.tagName)"""
SHOWN = "all => all.filter(each => each.checkVisibility()).map(each => each.outerHTML.slice(0, 120))"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_on_paper_holds_what_it_says_and_nothing_that_is_pressed(driver: Driver, theme: str) -> None:
    """`theme`: of the screen."""
    found: list[str] = []
    with driver.person("admin@shop.example", theme=theme, size=A4) as page:
        page.emulate_media(media="print")
        for address in PAGES:
            page.goto(address.replace("A-1001", "SHIP-1"))
            found.extend(f"{address} {each}" for each in amiss(page))
    assert found == []


def amiss(page: Page) -> list[str]:
    """What a page must not do on paper."""
    ink = re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).color"))
    faults = [f"shows {each}" for each in page.eval_on_selector_all(PRESSED, SHOWN)]
    faults += [f"cuts {each}" for each in page.evaluate(CUT)]
    return [*faults, *(["prints light letters"] if max(map(int, ink[:3])) > DARK else [])]
