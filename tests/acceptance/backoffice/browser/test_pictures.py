"""The picture of a long process as somebody uses it: it can be read, made larger, pulled, and a state in it is found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from oms.accounts.people import create_account
from tests.acceptance.api.serving import served
from tests.acceptance.backoffice.browser.driving import Driver
from tests.acceptance.backoffice.browsing import PASSWORD
from tests.builders import open_test_shop

STATES = 40
CLERK = "clerk@shop.example"
SMALLEST = 9
SIZES = """() => [...document.querySelectorAll(".picture text")].map(each =>
  ({ said: each.textContent, size: parseFloat(getComputedStyle(each).fontSize) * each.getScreenCTM().a }))"""
"""Words of a picture, and how many dots of the screen high they are."""
CRAMPED = """() => {
  const box = each => each.getBoundingClientRect();
  const meet = (a, b) => a.left + 1 < b.right && b.left + 1 < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom;
  const said = [...document.querySelectorAll(".picture text:not(.count)")];
  const others = [...document.querySelectorAll(".picture g > rect"), ...document.querySelectorAll(".way polygon")];
  const within = (word, around) => around.left <= word.left + 1 && word.right <= around.right + 1;
  const inside = each => within(box(each), box(each.parentNode.firstChild));
  const bad = each => !inside(each) || others.some(other => other.parentNode !== each.parentNode && meet(box(each), box(other)));
  return said.filter(bad).map(each => each.textContent);
}"""
"""Words that are wider than their box, or meet another box or the head of an arrow."""
CROSSED = """() => {
  const letters = [...document.querySelectorAll(".picture text:not(.count)")].map(each => [each.textContent, each.getBoundingClientRect()]);
  const found = new Set();
  for (const path of document.querySelectorAll(".way path")) {
    const to = path.getScreenCTM(), length = path.getTotalLength();
    for (let at = 0; at <= length; at += 2) {
      const { x, y } = path.getPointAtLength(at).matrixTransform(to);
      // a line of text is drawn a little higher than its letters
      for (const [said, box] of letters) if (box.left < x && x < box.right && box.top + 2 < y && y < box.bottom - 2) found.add(said);
    }
  }
  return [...found];
}"""
"""Words that lie under an arrow, as the browser has drawn both."""


def long_process() -> str:
    """A way through forty states, back and aside here and there."""
    ways = [(place, place + 1) for place in range(STATES - 1)]
    aside = [(place, (place * 7) % STATES) for place in range(2, STATES, 5)]
    states = [f"  step {place}: {{title: {{en: Step number {place}}}{', final: true' if place == STATES - 1 else ''}}}" for place in range(STATES)]
    does = ("", ", command: {mail: {template: shipped}}", ", command: [issue_invoice, mail_invoice]")
    asks = ("", ", if: payment_is_settled")
    events = [f"  go {place}: {{title: {{en: Go on from {place}}}, manual: true{does[place % 3]}}}" for place in range(len(ways))]
    events += [f"  turn {place}: {{title: {{en: Turn aside}}, manual: true}}" for place, _ in aside]
    arrows = [f"  - {{from: step {here}, event: go {here}, to: step {there}, happy: true{asks[here % 2]}}}" for here, there in ways]
    arrows += [f"  - {{from: step {here}, event: turn {here}, to: step {there}}}" for here, there in aside]
    return "\n".join(["process: prepayment", "initial: step 0", "states:", *states, "events:", *events, "transitions:", *arrows, ""])


@pytest.fixture(scope="module")
def browser_at_it(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    folder = tmp_path_factory.mktemp("long") / "shop"
    with open_test_shop(folder, processes={"prepayment.yaml": long_process()}) as shop:
        create_account(shop.store, CLERK, name="Jana", roles=["clerk"], password=PASSWORD, stores=["main"])
    with served(folder) as server:
        yield Driver(browser, server.address)


@pytest.fixture
def page(browser_at_it: Driver) -> Iterator[Page]:
    with browser_at_it.person(CLERK) as opened:
        opened.goto("/stores/main/processes/prepayment")
        yield opened


def scrolled(picture: Locator) -> tuple[int, int]:
    left, top = picture.evaluate("each => [each.scrollLeft, each.scrollTop]")
    return int(left), int(top)


@pytest.mark.slow
def test_every_word_of_forty_states_is_large_enough_and_under_no_arrow(page: Page) -> None:
    said = page.evaluate(SIZES)
    assert sum(each["said"].startswith("Step number ") for each in said) == STATES
    assert min(each["size"] for each in said) >= SMALLEST
    assert page.locator(".picture svg").bounding_box() is not None
    assert page.evaluate("(svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)(document.querySelector('.picture svg'))") == 1
    assert page.evaluate(CROSSED) == []
    assert page.evaluate(CRAMPED) == []


@pytest.mark.slow
def test_a_picture_is_made_larger_and_smaller_by_mouse_and_key(page: Page) -> None:
    svg = page.locator(".picture svg")
    width = int(svg.get_attribute("width") or 0)
    page.get_by_role("button", name="Larger").click()
    assert int(svg.get_attribute("width") or 0) == pytest.approx(width * 1.25, abs=1)
    page.get_by_role("button", name="Smaller").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert int(svg.get_attribute("width") or 0) < width


@pytest.mark.slow
def test_a_picture_is_pulled_by_the_mouse_and_moved_by_keys(page: Page) -> None:
    picture = page.locator("[data-picture]")
    box = picture.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 120, steps=6)
    page.mouse.up()
    left, top = scrolled(picture)
    assert top == pytest.approx(120, abs=2)
    page.mouse.move(x, y - 200, steps=3)
    assert scrolled(picture) == (left, top)
    picture.focus()
    page.keyboard.press("End")
    expect(page.locator(f"[data-state='step number {STATES - 1}']")).to_be_in_viewport()


@pytest.mark.slow
def test_a_state_is_found_and_brought_into_sight(page: Page) -> None:
    page.get_by_label("Find a state").fill("number 37")
    found = page.locator(".picture .found")
    expect(found).to_have_count(1)
    expect(found).to_be_in_viewport()
    assert found.get_attribute("data-state") == "step number 37"
    page.get_by_label("Find a state").fill("")
    expect(found).to_have_count(0)
