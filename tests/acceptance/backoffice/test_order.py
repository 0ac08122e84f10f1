"""The page of an order: why it waits, what may be done, and what came of it. Forms only: no script runs here."""

from __future__ import annotations

from collections.abc import Callable

from oms.backoffice.dialogs import FIELD, MENDED
from oms.bootstrap import Shop
from oms.outbox import NOT_DELIVERED
from tests.acceptance.backoffice.browsing import Browser, said
from tests.builders import MovedClock, an_order

Person = Callable[..., Browser]
PILLS = "section:not([aria-labelledby=picture]) td .pill"
"""States of items; the picture of the process names states, too."""
ORDER = "/stores/main/orders/A-1001"
PAID = {"amount": "168.80", "reference": "tx_1"}


def invoiced(shop: Shop) -> None:
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload=PAID, actor="bank")
    shop.work()


def without_street(shop: Shop) -> None:
    """As an older release took orders in."""
    with shop.store.writing() as work:
        order = work.orders.named("A-1001", store="main").id
        document = work.orders.document(order).replace("Marktplatz 2", "")
        work.orders.correct(order, document=document, customer_name="Jana Novak", customer_email="jana@example.com")


def test_an_incomplete_address_is_mended_on_the_page_and_the_invoice_goes_out(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    without_street(shop)
    shop.trigger("A-1001", "pay", payload=PAID)
    shop.work()
    clerk = person("clerk")
    listed = clerk.open("/stores/main/orders?q=is:failed")
    assert listed.parts("[data-row]") == ["A-1001"]
    order = clerk.press(listed, "A-1001")
    assert order.part(".why h2") == "Why it is stuck"
    assert "billing address of order A-1001 lacks street" in order.part(".why")
    assert "Mend it on the order's page: “Correct…”." in order.part(".why")
    assert "oms order" not in order.text + listed.text + clerk.open("/stores/main/overview").text
    wrong = clerk.press(clerk.press(order, "Correct…"), "Correct", **{f"{MENDED}billing_address.country": "Germany", "reason": "the customer called"})
    assert wrong.status == 422
    assert wrong.tree.cssselect(f"[name='{MENDED}billing_address.country'][aria-invalid]")[0].get("value") == "Germany"
    assert wrong.tree.cssselect("[name=reason]")[0].get("value") == "the customer called"
    typed = {f"{MENDED}billing_address.street": "Marktplatz 2", f"{MENDED}billing_address.country": "DE"}
    mended = clerk.press(wrong, "Correct", **typed)
    assert mended.part("[role=status] p") == "Corrected. What failed for want of it is tried again now."
    shop.work()
    done = clerk.open(ORDER)
    assert (done.part(".why .pill"), done.parts(PILLS)) == (
        "Waits for a person: Ship",
        ["Invoiced", "Invoiced"],
    )
    assert "Invoice RE-2026-00001" in done.text
    assert "sent jana@example.com" in done.text
    (link,) = [link.get("href") for link in done.tree.cssselect("a") if said(link) == "PDF"]
    assert clerk.client.get(link).content.startswith(b"%PDF-")


def test_an_event_is_let_happen_to_some_items_with_what_it_asks_for(shop: Shop, person: Person) -> None:
    invoiced(shop)
    clerk = person("clerk")
    order = clerk.open(ORDER)
    assert order.buttons()[:2] == ["Cancel…", "Ship…"]
    asked = clerk.open(order.tree.cssselect("td a.btn.main")[1].get("href"))
    assert asked.part("dialog h2") == "Ship"
    assert "→ Shipped" in asked.part("dialog #foreseen")
    form = asked.form("Ship")
    assert [box.get("value") for box in form.cssselect("[type=checkbox][checked]")] == ["2"]
    shipped = clerk.submit(form, {f"{FIELD}tracking": "0034"})
    assert shipped.part("[role=status]") == "Ship: Item 2 → Shipped."
    again = clerk.submit(form, {f"{FIELD}tracking": "0034"})
    assert again.part("[role=status]") == "Ship: Item 2 → Shipped."
    view = shop.views.order("A-1001")
    assert [(row.event, row.actor, row.item) for row in view.history if row.event == "ship"] == [("ship", "jana@shop.example", view.items[1].id)]


def test_some_units_of_an_item_are_shipped(shop: Shop, person: Person) -> None:
    invoiced(shop)
    clerk = person("clerk")
    form = clerk.open(f"{ORDER}?dialog=event&event=ship&item=1").form("Ship")
    none = clerk.submit(form, {"units.1": "3"})
    assert (none.status, "1 to 2" in none.part("[role=alert]")) == (422, True)
    shipped = clerk.submit(none.form("Ship"), {"units.1": "1"})
    assert shipped.status == 200
    assert [(item.label, item.quantity, item.state) for item in shop.views.order("A-1001").items] == [
        ("1", 1, "invoiced"),
        ("1.1", 1, "shipped"),
        ("2", 1, "invoiced"),
    ]


def test_who_was_slower_is_told_who_was_faster_and_keeps_what_was_typed(shop: Shop, person: Person, clock: MovedClock) -> None:
    invoiced(shop)
    clerk = person("clerk")
    form = clerk.open(f"{ORDER}?dialog=event&event=cancel").form("Cancel")
    clock.move(minutes=5)
    shop.trigger("A-1001", "ship", actor="petr@shop.example")
    clock.move(seconds=12)
    late = clerk.submit(form, {"reason": "she changed her mind"})
    assert late.status == 409
    told = late.part("main .bar")
    assert told.startswith("Nothing was done: the order is no longer as you saw it. petr@shop.example: Ship, 12 seconds ago. Items 1, 2 → Shipped.")
    assert "she changed her mind" in told
    assert set(late.parts(PILLS)) == {"Shipped"}


def test_a_reason_that_is_missing_is_asked_for_beside_its_field(shop: Shop, person: Person) -> None:
    invoiced(shop)
    clerk = person("clerk")
    form = clerk.open(f"{ORDER}?dialog=event&event=cancel").form("Cancel")
    wrong = clerk.submit(form)
    assert (wrong.status, wrong.part("dialog .fault")) == (422, '"cancel" wants a reason: say why in a few words.')


def test_roles_see_what_they_may_and_are_refused_the_rest(shop: Shop, person: Person) -> None:
    invoiced(shop)
    viewer = person("viewer")
    page = viewer.open(ORDER)
    assert page.buttons() == ["PDF"]
    for act in ("events", "timers", "mend", "hold", "release", "retry", "skip", "comments", "send"):
        refused = viewer.client.post(f"{ORDER}/{act}", content="event=ship", headers={"Sec-Fetch-Site": "same-origin"})
        assert (refused.status_code, "You may not do this" in refused.text) == (403, True)
    accountant = person("accountant", email="tom@shop.example").open(ORDER)
    assert "Ship…" not in accountant.buttons()
    assert "Cancel…" in accountant.buttons()


def test_an_order_is_held_released_and_a_timer_runs_now(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    clerk = person("clerk")
    held = clerk.press(clerk.press(clerk.open(ORDER), "Hold…"), "Hold", reason="stock is counted")
    assert held.part("[role=status]") == "The order is held."
    assert held.part(".why .pill") == "It is held"
    released = clerk.press(clerk.press(held, "Release…"), "Release", reason="counted")
    assert released.part("[role=status]") == "The order goes on."
    shop.work()
    assert clerk.open(ORDER).part(".why .pill") == "Waits for an event from outside: Record payment"
    reminded = clerk.press(released, "Run now")
    assert reminded.part("[role=status]") == "Remind of payment: Items 1, 2 → Payment pending."


def test_what_is_due_is_told_by_its_two_largest_units_and_counted_from_there(shop: Shop, person: Person, clock: MovedClock) -> None:
    shop.place(an_order())
    clock.move(hours=20, minutes=10)
    for language, told in (("en", "in 2 d 3 h"), ("de", "in 2 T 3 Std.")):
        clerk = person("clerk", email=f"{language}@shop.example", language=language)
        due = clerk.open(ORDER).tree.cssselect("[aria-labelledby=timers] time")[0]
        assert (due.text, due.get("data-left")) == (told, f"{51 * 3600 + 50 * 60}")
        assert due.get("title").startswith(("Nov 28, 2026", "28.11.2026"))
    clock.move(days=3)
    assert person("viewer", email="tom@shop.example").open(ORDER).part("[aria-labelledby=timers] time") == "now"


def test_a_mail_that_nobody_got_is_told_first_though_the_order_waits_for_something_else(shop: Shop, person: Person) -> None:
    invoiced(shop)
    with shop.store.writing() as work:
        order = work.orders.named("A-1001", store="main").id
        work.incidents.open(NOT_DELIVERED, "mail:1", text="There is no such mailbox.", at=work.now(), order=order)
    page = person("clerk").open(ORDER)
    assert page.parts(".why .pill") == ["mail not delivered", "Waits for a person: Ship"]
    assert page.part(".why.fail .reason").endswith("There is no such mailbox.")
    assert page.parts(".why .btn") == ["Correct…"]


def test_what_is_for_systems_has_no_button_and_no_form(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    page = person("admin").open(f"{ORDER}?dialog=event&event=pay")
    assert page.tree.cssselect("dialog[open]") == []
    assert [each for each in page.tree.cssselect("a") if "event=pay" in each.get("href", "")] == []
    assert [each for each in page.tree.cssselect("a") if "event=cancel" in each.get("href", "")]


def test_a_paper_is_mailed_again_once_and_to_somebody_else(shop: Shop, person: Person) -> None:
    invoiced(shop)
    clerk = person("clerk")
    form = clerk.press(clerk.open(ORDER), "Mail again…").form("Mail it")
    wrong = clerk.submit(form, {"address": "no address"})
    assert (wrong.status, wrong.part("dialog .fault")) == (422, "must be one plain mail address, as in jana@example.com.")
    sent = [clerk.submit(form, {"address": "books@example.com"}) for _ in range(2)]
    assert [page.part("[role=status]") for page in sent] == ["It is on its way."] * 2
    asked = sent[1].tree.cssselect("#changed")[0].get("hx-get")
    assert clerk.client.get(asked).status_code == 204
    shop.work()
    changed = clerk.open(asked)
    assert changed.part("#changed") == "This order has changed."
    assert "sent books@example.com" in changed.part("#part-side[hx-swap-oob]")
    assert changed.tree.cssselect("textarea, dialog") == []
    assert clerk.client.get(changed.tree.cssselect("#changed")[0].get("hx-get")).status_code == 204
    order = clerk.open(ORDER)
    assert order.text.count("books@example.com") == 3  # beside the invoice, and in the history twice: who sent it, and that it came: one mail
    assert [entry for entry in order.parts("[aria-labelledby=history] li") if "again" in entry and "jana@shop.example" in entry] == [
        "RE-2026-00001 sent again to books@example.com jana@shop.example in 0 seconds"
    ]
