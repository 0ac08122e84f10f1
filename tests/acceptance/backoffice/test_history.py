"""What happened to all orders stands in one list: by event, by who did it, by day."""

from __future__ import annotations

from collections.abc import Callable

from oms.backoffice.arriving import PAGE
from oms.bootstrap import Shop
from tests.acceptance.backoffice.browsing import Browser
from tests.builders import MovedClock, an_order

Person = Callable[..., Browser]
HISTORY = "/stores/main/history"
PAID = {"amount": "168.80", "reference": "tx_1"}


def test_what_happened_is_found_by_event_actor_and_day(shop: Shop, person: Person, clock: MovedClock) -> None:
    jana = person("viewer")
    assert jana.open(HISTORY).part(".empty h2") == "Nothing happened"
    shop.place(an_order("A-1"))
    clock.move(days=2)
    shop.place(an_order("A-2"))
    shop.trigger("A-2", "pay", payload=PAID, actor="petr@shop.example", reason="seen at the bank")
    jana.log_in("jana@shop.example")
    page = jana.open(HISTORY)
    assert page.parts("[data-row]")[0] == "A-2"
    assert page.parts("[data-row]")[-1] == "A-1"
    (paid,) = jana.open(f"{HISTORY}?event=pay").parts(".tl li")
    assert paid.startswith("A-2 Record payment Payment pending → Paid")
    assert "by petr@shop.example · seen at the bank" in paid
    assert jana.open(f"{HISTORY}?actor=petr@shop.example").parts("[data-row]") == ["A-2"]
    assert set(jana.open(f"{HISTORY}?day=2026-11-25").parts("[data-row]")) == {"A-1"}
    none = jana.open(f"{HISTORY}?actor=nobody")
    assert (none.part(".empty h2"), none.part(".empty p")) == ("Nothing happened", "Try it without: Who: nobody")
    both = jana.open(f"{HISTORY}?actor=nobody&event=pay&day=2026-11-27")
    assert both.parts(".empty a") == ["Event: Record payment", "Who: nobody", "Day: 2026-11-27"]
    assert jana.press(both, "Who: nobody").parts("[data-row]") == ["A-2"]
    clock.move(days=40)
    jana.log_in("jana@shop.example")
    assert jana.open(f"{HISTORY}?event=pay").parts(".tl li") == []
    assert len(jana.open(f"{HISTORY}?event=pay&day=2026-11-27").parts(".tl li")) == 1
    assert jana.open(f"{HISTORY}?day=2026-02-30").status == 422


def test_a_long_history_goes_on_where_it_ended(shop: Shop, person: Person) -> None:
    references = [f"A-{number}" for number in range(PAGE + 3)]
    for reference in references:
        shop.place(an_order(reference))
    jana = person("viewer")
    first = jana.open(f"{HISTORY}?event=__place__")
    second = jana.press(first, "Further")
    assert first.parts("[data-row]") + second.parts("[data-row]") == references[::-1]
