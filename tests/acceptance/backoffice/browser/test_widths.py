"""Pages fit every width, in the language with the longer words."""

from __future__ import annotations

from tests.acceptance.backoffice.browser.driving import Driver, too_wide
from tests.acceptance.backoffice.everywhere import PAGES

WIDTHS = (390, 561, 700, 991, 1041, 1280, 1601, 1920)
"""A telephone, both sides of each width at which the style changes, a large screen."""


def test_no_page_scrolls_sideways_at_any_width(driver: Driver) -> None:
    found: list[str] = []
    with driver.person("admin@shop.example") as page:
        page.context.add_cookies([{"name": "oms-language", "value": "de", "url": driver.address}])
        for address in PAGES:
            page.goto(address.replace("A-1001", "SHIP-1"))
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                found += [f"{address} at {width}"] if too_wide(page) else []
    assert found == []
