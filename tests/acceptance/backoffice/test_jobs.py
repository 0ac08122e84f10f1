"""The page of jobs: what failed stands there once, however many orders it befell, and is tried again for one or for all of them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text

from oms.bootstrap import Shop
from oms.lookup.work import fingerprint
from tests.acceptance.backoffice.browsing import Browser
from tests.acceptance.backoffice.test_arriving import asks
from tests.builders import an_order

Person = Callable[..., Browser]
JOBS = "/stores/main/jobs"


def die(shop: Shop, *references: str) -> None:
    """A worker gives up to print their invoices, as it does after the last try."""
    for reference in references:
        shop.place(an_order(reference, payment={"method": "invoice"}))
    shop.work()
    with shop.store.writing() as work:
        for number, reference in enumerate(references):
            head = work.orders.named(reference, store="main")
            job = next(each for each in work.jobs.of(head.id) if each.name == "render_invoice")
            why = f"The printer 10.0.0.{number} burns: {reference} was not printed."
            work.connection.execute(text("UPDATE job SET status = 'dead', error = :why WHERE id = :id"), {"why": why, "id": job.id})
            work.incidents.open("job died", f"job:{job.id}", text=why, at=work.now(), order=head.id)
            work.orders.mark(head.id, attention=True)


def test_errors_that_are_alike_are_one_trouble() -> None:
    first = fingerprint("job died", 'The printer 10.0.0.1 burns: "A-1" was not printed for jana@example.com.')
    assert first == fingerprint("job died", 'The printer 10.0.0.27 burns: "B-77" was not printed for tom@example.com.')
    assert first != fingerprint("given up", 'The printer 10.0.0.1 burns: "A-1" was not printed for jana@example.com.')
    assert fingerprint("x", "Order ABC burns", "ABC") == fingerprint("x", "Order XYZ burns", "XYZ")


def test_what_failed_alike_is_tried_again_at_once_by_who_may(shop: Shop, person: Person) -> None:
    jana = person("manager")
    empty = jana.open(JOBS)
    assert (empty.part("[aria-labelledby=failed] p"), empty.part("[aria-labelledby=waiting] p")) == ("Nothing failed.", "Nothing waits.")
    die(shop, "A-1", "A-2")
    page = jana.open(JOBS)
    assert page.part("[aria-labelledby=failed] .pair").startswith("job died 2 orders")
    assert page.parts("[data-row]") == ["A-2", "A-1"]
    form = page.form("Try all of these again")
    clerk = person("clerk", email="tom@shop.example")
    assert clerk.open(JOBS).buttons() == []
    mark = form.fields["mark"]
    refused = clerk.client.post(f"{JOBS}/retry-alike", content=f"mark={mark}", headers={"Sec-Fetch-Site": "same-origin"})
    assert refused.status_code == 403
    assert jana.submit(form).part("[role=status]") == "2 orders are tried again now."
    waiting = jana.open(JOBS)
    assert waiting.parts("[aria-labelledby=failed] .pair") == []
    assert waiting.part("[aria-labelledby=waiting] tbody").startswith("render invoice Waits 2")
    assert jana.submit(form).part("[role=status]") == "There was nothing to try again."
    shop.work()
    assert jana.open(JOBS).part("[aria-labelledby=waiting] p") == "Nothing waits."


def test_what_failed_of_one_order_is_tried_again(shop: Shop, person: Person) -> None:
    die(shop, "A-1")
    clerk = person("clerk")
    page = clerk.open(JOBS)
    assert clerk.press(page, "Try again now").part("[role=status]") == "1 order is tried again now."
    assert person("viewer", email="tom@shop.example").open(JOBS).status == 403
    told = clerk.open("/stores/main/orders/A-1").parts("[aria-labelledby=history] li")
    assert len([each for each in told if each.startswith("tried again jana@shop.example ")]) == 1
    assert [(note.text, note.actor) for note in shop.views.order("A-1").notes] == [("tried again", "jana@shop.example")]


def test_a_job_that_has_a_next_try_says_when_and_why_it_failed(shop: Shop, person: Person) -> None:
    shop.place(an_order("A-1", payment={"method": "invoice"}))
    with shop.store.writing() as work:
        work.connection.execute(text("UPDATE job SET error = 'The printer is out of paper.' WHERE name = 'render_invoice'"))
    page = person("clerk", language="de").open(JOBS)
    assert page.part("[aria-labelledby=again] .pair").startswith("render invoice 1 Bestellung nächster Versuch")
    assert "The printer is out of paper." in page.part("[aria-labelledby=again]")


def test_the_page_tells_how_many_failures_it_lacks_and_names_states_as_people_do(shop: Shop, person: Person) -> None:
    clerk = person("clerk")
    drawn = clerk.open(JOBS)
    assert clerk.client.get(asks(drawn)).status_code == 204
    shop.place(an_order("A-1"))
    with shop.store.writing() as work:
        order = work.orders.named("A-1", store="main").id
        work.incidents.open("given up", "item:1", text='Item 1 in "payment pending": "pay" failed.', at=work.now(), order=order)
    told = clerk.open(asks(drawn))
    loaded = clerk.press(told, "1 new, load")
    assert 'Item 1 in "Payment pending": "Record payment" failed.' in loaded.part("[aria-labelledby=failed]")
    assert clerk.client.get(asks(loaded)).status_code == 204
