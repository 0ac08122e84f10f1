"""The overview says how a store stands, and each number leads to the orders behind it. Beside it the lists of papers and processes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from oms.accounts.people import create_account
from oms.bootstrap import Shop
from oms.engine.care import correct, hold
from tests.acceptance.api.serving import answering, client_of
from tests.acceptance.backoffice.browsing import PASSWORD, Browser, Page, said, shop_of_two_stores
from tests.acceptance.backoffice.test_jobs import die
from tests.builders import MovedClock, an_order

Person = Callable[..., Browser]
OVERVIEW = "/stores/main/overview"
PROBLEMS = "[aria-labelledby=problems] .b"


def matrix(page: Page) -> dict[str, list[str]]:
    """State to its numbers, by age and in all."""
    return {said(row[0]): [said(cell) for cell in row[1:]] for row in page.tree.cssselect("tbody tr") if len(row) > 1}


def test_each_number_leads_to_the_orders_behind_it(shop: Shop, person: Person, clock: MovedClock) -> None:
    assert person("viewer", email="tom@shop.example").open(OVERVIEW).part(".empty h2") == "Nothing is open"
    shop.place(an_order("A-1"))
    shop.trigger("A-1", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    shop.trigger("A-1", "cancel", reason="she changed her mind")
    shop.work()  # nobody can refund by program: a person is asked, within a day
    clock.move(days=4)
    shop.place(an_order("A-2"))
    shop.trigger("A-2", "pay", payload={"amount": "168.80", "reference": "tx_2"})
    shop.place(an_order("A-3"))
    shop.work()
    jana = person("viewer")
    page = jana.open(OVERVIEW)
    assert matrix(page) == {
        "Payment pending": ["2", "·", "·", "·", "2"],
        "Invoiced": ["2", "·", "·", "·", "2"],
        "Refund failed": ["·", "2", "·", "·", "2"],
    }
    assert page.parts(".tile")[-1] == "Placed today 2"
    (today,) = page.tree.xpath("//section[contains(., 'Placed today')]//a/@href")
    assert jana.open(today).parts("[data-row]") == ["A-3", "A-2"]
    late = page.tree.cssselect(".cell.fail")
    assert [said(each) for each in late] == ["2"]
    assert jana.open(late[0].get("href")).parts("[data-row]") == ["A-1"]
    young = page.tree.xpath("//tr[contains(., 'Invoiced')]//a")[0]
    assert jana.open(young.get("href")).parts("[data-row]") == ["A-2"]
    assert jana.open(young.get("href").replace("%3C1d", "%3E1d")).parts("[data-row]") == []


def test_mails_that_are_unsent_are_counted_and_named(shop: Shop, person: Person) -> None:
    for reference in ("A-1", "A-2"):
        shop.place(an_order(reference, payment={"method": "invoice"}))
        if reference == "A-1":
            shop.work()
    jana = person("viewer")
    tile = jana.open(OVERVIEW).tree.xpath("//section[contains(., 'Mails unsent')]")[0]
    assert said(tile) == "Mails unsent 2"
    assert jana.open(tile.xpath(".//a/@href")[0]).parts("[data-row]") == ["A-2", "A-2"]
    shop.work()
    assert "Mails unsent 0" in jana.open(OVERVIEW).parts(".tile")


def test_trouble_names_states_as_people_do(shop: Shop, person: Person) -> None:
    shop.place(an_order("A-1"))
    with shop.store.writing() as work:
        order = work.orders.named("A-1", store="main").id
        work.incidents.open(
            "given up",
            "item:1",
            text='Item 1 in "payment pending": "pay" failed, not tried again: No. Mend that, then: oms order retry.',
            at=work.now(),
            order=order,
        )
    told = person("viewer", language="de").open(OVERVIEW).part(PROBLEMS)
    assert 'Position 1 in „Zahlung ausstehend“: "Zahlung buchen" ist fehlgeschlagen und wird nicht neu versucht: No.' in told


def test_trouble_that_is_alike_is_told_once(shop: Shop, person: Person) -> None:
    for reference in ("A-1", "A-2"):
        shop.place(an_order(reference))
        with shop.store.writing() as work:
            order = work.orders.named(reference, store="main").id
            work.incidents.open("given up", f"order:{order}", text="The printer burns.", at=work.now(), order=order)
            work.orders.mark(order, attention=True)
    page = person("viewer").open(OVERVIEW)
    assert page.part(".tile") == "Need attention 2"
    assert page.part(PROBLEMS).startswith("given up 2 orders ")
    assert page.part(PROBLEMS).endswith("The printer burns. A-2 A-1")
    assert "Try all of these again" not in page.buttons()


def test_what_failed_alike_is_tried_again_from_the_overview_by_who_may(shop: Shop, person: Person) -> None:
    die(shop, "A-1", "A-2")
    clerk = person("clerk", email="tom@shop.example").open(OVERVIEW)
    assert "Try all of these again" not in clerk.buttons()
    jana = person("manager")
    page = jana.open(OVERVIEW)
    assert page.part(PROBLEMS).startswith("job died 2 orders ")
    tried = jana.press(page, "Try all of these again")
    assert (tried.path, tried.part("[role=status]")) == (f"{OVERVIEW}?tried=2", "2 orders are tried again now.")
    assert tried.part(PROBLEMS) == "Nothing needs attention."
    shop.work()
    assert jana.open("/stores/main/jobs").part("[aria-labelledby=waiting] p") == "Nothing waits."


def test_trouble_in_other_stores_is_told_to_whom_they_are(tmp_path: Path) -> None:
    with shop_of_two_stores(tmp_path / "shop") as shop:
        for reference, store in (("A-1", "main"), ("A-2", "atelier"), ("A-3", "atelier")):
            shop.place(an_order(reference, store=store))
            with shop.store.writing() as work:
                work.orders.mark(work.orders.named(reference, store=store).id, attention=True)
        for email, role in (("jana@shop.example", "viewer@main"), ("petr@shop.example", "viewer")):
            create_account(shop.store, email, name="Jana", roles=[role], password=PASSWORD, stores=list(shop.settings.stores))
        with answering(shop, pages=True) as address, client_of(address) as one, client_of(address) as other:
            jana, petr = Browser(one), Browser(other)
            jana.log_in("jana@shop.example")
            petr.log_in("petr@shop.example")
            assert petr.open(OVERVIEW).part(PROBLEMS) == "Nothing needs attention. In other stores: atelier (2)"
            assert petr.open("/stores/atelier/overview").part(PROBLEMS) == "Nothing needs attention. In other stores: main (1)"
            assert jana.open(OVERVIEW).part(PROBLEMS) == "Nothing needs attention."


def test_papers_are_listed_with_what_is_open_and_whether_they_arrived(shop: Shop, person: Person) -> None:
    jana = person("accountant")
    assert jana.open("/stores/main/invoices").part(".empty h2") == "No paper yet"
    shop.place(an_order("A-1", payment={"method": "invoice"}))
    shop.work()
    row = jana.open("/stores/main/invoices?view=invoices").part("tbody tr")
    assert row.startswith("RE-2026-00001 Invoice Jana Novak A-1 open sent Nov 25, 2026")
    assert row.endswith("€168.80 €168.80 Book payment…")
    assert jana.open("/stores/main/invoices?view=credits").parts("tbody tr") == []


def test_a_mail_that_was_refused_is_offered_again(shop: Shop, person: Person) -> None:
    shop.place(an_order("A-1", payment={"method": "invoice"}))
    shop.work()
    refused = "status = 'refused', code = '550', text = 'no such mailbox'"
    with shop.store.writing() as work:
        work.connection.execute(text(f"UPDATE mail_recipient SET {refused} WHERE address = 'jana@example.com'"))  # noqa: S608 - our own words
    clerk = person("clerk")
    listed = clerk.open("/stores/main/mails?view=undelivered")
    assert "refused jana@example.com 550 no such mailbox" in listed.part("tbody")
    assert clerk.press(listed, "Offer again").part("[role=status]") == "It is offered again."
    shop.work()
    left = clerk.open("/stores/main/mails?view=undelivered").parts("tbody tr")
    assert left == listed.parts("tbody tr")[1:]
    told = clerk.open("/stores/main/orders/A-1").parts("[aria-labelledby=history] li")
    assert [each.split(" in ")[0] for each in told if "offered again" in each] == ['mail "invoice" offered again jana@shop.example']


def test_a_mail_that_was_refused_goes_to_another_address(shop: Shop, person: Person) -> None:
    shop.place(an_order("A-1"))
    shop.work()
    refused = "status = 'refused', code = '550', text = 'no such mailbox'"
    with shop.store.writing() as work:
        work.connection.execute(text(f"UPDATE mail_recipient SET {refused} WHERE address = 'jana@example.com'"))  # noqa: S608 - our own words
    clerk = person("clerk")
    correct(shop.engine, "A-1", {"customer": {"email": "jana@new.example"}}, reason="she says so", actor="test")
    asked = clerk.press(clerk.open("/stores/main/mails?view=undelivered"), "Other address…")
    assert "jana@example.com" in asked.part("dialog[open]")
    assert asked.form("Mail it").fields["address"] == "jana@new.example"
    wrong = clerk.press(asked, "Mail it", address="nobody")
    assert (wrong.status, wrong.part("dialog .fault")) == (422, "must be one plain mail address, as in jana@example.com.")
    assert clerk.press(wrong, "Mail it", address="jana@new.example").part("[role=status]") == "It is sent to the other address."
    shop.work()
    none = clerk.open("/stores/main/mails?view=undelivered")
    assert (none.part(".empty h2"), none.parts(".empty a")) == ("Every mail has arrived", ["All"])
    rows = clerk.open("/stores/main/mails").parts("tbody tr")
    assert any("sent elsewhere jana@example.com 550 no such mailbox" in row for row in rows)
    assert any("sent jana@new.example" in row for row in rows)
    viewer = person("viewer", email="tom@shop.example")
    assert viewer.open("/stores/main/mails?other=1").parts("dialog[open]") == []


def test_the_outbox_shows_what_the_server_said_to_each_recipient(shop: Shop, person: Person) -> None:
    shop.place(an_order("A-1", payment={"method": "invoice"}))
    shop.work()
    (row,) = [each for each in person("viewer").open("/stores/main/mails").parts("tbody tr") if each.startswith("RE-")]
    assert "sent archive@kaffeehaus-muster.example (hidden copy) filed as " in row
    assert "sent jana@example.com filed as " in row


def test_mails_that_are_held_say_why(shop: Shop, person: Person) -> None:
    viewer = person("viewer")
    assert viewer.open("/stores/main/mails").parts(".bar.attn") == []
    hold(shop.engine, "mail", reason="the shop was restored", actor="test")
    assert "none leaves: the shop was restored" in viewer.open("/stores/main/mails").part(".bar.attn")
