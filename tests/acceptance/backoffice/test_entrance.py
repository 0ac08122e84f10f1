"""People come in, go out, and lose nothing when their session ends."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from oms.accounts.login import IDLE, PER_ACCOUNT
from oms.accounts.people import create_account
from oms.backoffice.entrance import local
from oms.bootstrap import Shop
from tests.acceptance.backoffice.browsing import FORM, Browser, Page
from tests.builders import MovedClock, an_order

Anybody = Callable[..., Browser]
ORDER = "/stores/main/orders/A-1001"


def test_who_opens_an_order_logs_in_first_and_is_where_they_wanted_to_be(shop: Shop, anybody: Anybody) -> None:
    create_account(shop.store, "jana@shop.example", name="Jana", roles=["viewer"], password="four words that fit", stores=["main"])
    shop.place(an_order())
    browser = anybody()
    login = browser.open(ORDER)
    assert (login.status, login.path) == (200, "/login?next=%2Fstores%2Fmain%2Forders%2FA-1001")
    wrong = browser.press(login, "Log in", email="jana@shop.example", password="no words that fit")
    assert (wrong.status, wrong.part("[role=alert]")) == (401, "Address and password don't fit together, or this account is closed.")
    page = browser.press(wrong, "Log in", password="four words that fit")
    assert (page.path, page.part("h1")) == (ORDER, "Order A-1001")
    (cookie,) = browser.client.cookies.jar
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    assert browser.press(page, "Log out").path == "/login"
    assert browser.open(ORDER).path.startswith("/login")


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "", "/logout"]
)
def test_a_login_leads_to_no_other_site(wanted: str) -> None:
    assert local(wanted) == "/"
    assert local(f"{ORDER}?dialog=mend") == f"{ORDER}?dialog=mend"


def test_after_too_many_wrong_passwords_the_page_says_when_to_come_again(anybody: Anybody) -> None:
    browser = anybody()
    page = browser.open("/login")
    for _ in range(PER_ACCOUNT + 1):
        page = browser.press(page, "Log in", email="jana@shop.example", password="no words that fit")
    assert (page.status, page.part("[role=alert]")) == (429, "Too many logins have failed. Try again in 15 min.")


def test_a_form_of_another_site_does_nothing(shop: Shop, person: Anybody) -> None:
    shop.place(an_order())
    browser = person("admin")
    origins: list[dict[str, str]] = [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}]
    for path, origin in product(("/login", "/logout", f"{ORDER}/comments", f"{ORDER}/events"), origins):
        answer = browser.client.post(path, content="text=hello&event=cancel&reason=because", headers=FORM | origin)
        assert (answer.status_code, "another site" in answer.text) == (403, True)
    assert shop.views.order("A-1001").notes == ()
    assert browser.open(ORDER).status == 200


def test_what_was_typed_when_the_session_ended_is_sent_after_the_login_and_once(shop: Shop, person: Anybody, clock: MovedClock) -> None:
    shop.place(an_order())
    browser = person("clerk")
    form = browser.open(ORDER).form("Write")
    clock.move(seconds=IDLE.total_seconds() + 60)
    login = browser.submit(form, {"text": "The customer wants\nthe parcel on Monday."})
    assert (login.status, login.part("[role=alert]")[:24]) == (401, "Your session is over. Lo")
    resume = browser.press(login, "Log in", email="jana@shop.example", password="four words that fit")
    assert shop.views.order("A-1001").notes == ()
    order = browser.press(resume, "Send it now")
    assert order.part("[role=status] p") == "Your comment is there."
    browser.press(resume, "Send it now")
    assert [note.text for note in shop.views.order("A-1001").notes] == ["The customer wants\nthe parcel on Monday."]


def test_a_button_that_was_pressed_when_the_session_ended_is_pressed_after_the_login(shop: Shop, person: Anybody) -> None:
    """It sends a form without fields, so nothing is kept; its address takes no GET."""
    shop.place(an_order())
    browser = person("clerk")
    browser.client.cookies.clear()
    path = f"{ORDER}/retry"
    login = Page(browser.client.post(path, headers={"Sec-Fetch-Site": "same-origin"} | FORM))
    resume = browser.press(login, "Log in", email="jana@shop.example", password="four words that fit")
    assert (resume.status, resume.part("h1"), resume.form("Do it now").get("action")) == (200, "Do it now?", path)
    assert resume.parts("label") == []


def test_what_was_typed_stands_under_the_words_of_its_form(shop: Shop, person: Anybody) -> None:
    shop.place(an_order())
    browser = person("accountant")
    form = browser.open(f"{ORDER}?dialog=pay").form("Book payment")
    browser.client.cookies.clear()
    login = browser.submit(form, {"reference": "bank 1"})
    resume = browser.press(login, "Log in", email="jana@shop.example", password="four words that fit")
    assert resume.parts("label > span") == ["Amount", "Day of the money", "Reference"]


def test_a_file_is_to_be_chosen_once_more_after_the_login(person: Anybody) -> None:
    browser = person("clerk")
    browser.client.cookies.clear()
    sent = browser.client.post(
        "/stores/main/imports/events", files={"file": ("x.csv", b"reference,event\n")}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    login = Page(sent)
    assert "choose the file once more" in login.part("[role=alert]")
    page = browser.press(login, "Log in", email="jana@shop.example", password="four words that fit")
    assert (page.status, page.path, page.part("h1")) == (200, "/stores/main/imports", "Imports")


def test_the_language_is_the_browsers_until_somebody_chooses(anybody: Anybody) -> None:
    browser = anybody("de-AT,de;q=0.9,en;q=0.5")
    page = browser.open("/login?next=%2Fstores%2Fmain%2Forders")
    assert page.part("h1") == "Anmeldung im Backoffice"
    chosen = browser.press(page, "English")
    assert (chosen.part("h1"), chosen.path) == ("Log in to the back office", "/login?next=%2Fstores%2Fmain%2Forders")
    assert chosen.tree.get("lang") == "en"
