"""Payments by hand and from a bank's statement, over HTTP and on the command line; and how invoices stand by them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from oms.accounts.keys import create_key
from oms.bootstrap import Shop
from oms.cli.app import run
from tests.acceptance.api.serving import client_of, new_key
from tests.builders import MovedClock, an_order, open_test_shop
from tests.statements import IBAN, Tx, camt, ntry

ORDER = "/api/v1/orders/A-1001"
IMPORT = "/api/v1/payments/import"
PAID = {"amount": "168.80", "currency": "EUR", "paid_on": "2026-11-24", "reference": "bank 7"}
ON_ACCOUNT = {"payment": {"method": "invoice"}}


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def shop(tmp_path: Path, database_url: str, clock: MovedClock) -> Iterator[Shop]:
    with open_test_shop(tmp_path / "shop", clock=clock, database=None if database_url.startswith("sqlite") else database_url) as opened:
        opened.place(an_order())
        yield opened


def states(shop: Shop, reference: str = "A-1001") -> set[str]:
    return {item.state for item in shop.views.order(reference).items}


def booked(shop: Shop, reference: str = "A-1001") -> list[tuple[str, str, int]]:
    return [(each.provider, each.reference, each.amount_minor) for each in shop.views.order(reference).payments]


def test_a_payment_by_hand_is_booked_and_the_order_moves_at_once(shop: Shop, client: httpx.Client) -> None:
    said = client.post(f"{ORDER}/payments", json=PAID | {"reason": "by cheque"})
    assert said.status_code == 201
    assert said.json() == {
        "order": "A-1001",
        "reference": "bank 7",
        "amount": "168.80",
        "currency": "EUR",
        "paid_on": "2026-11-24",
        "repeated": False,
        "status": "done",
        "why": None,
        "states": {"1": "paid", "2": "paid"},
    }
    (payment,) = client.get(f"{ORDER}/payments").json()["payments"]
    assert (payment["provider"], payment["reference"], payment["amount"], payment["paid_on"]) == ("by hand", "bank 7", "168.80", "2026-11-24")
    (trigger,) = [each for each in shop.views.order("A-1001").triggers if each.event == "pay"]
    assert (trigger.actor.partition(":")[0], trigger.reason) == ("key", "by cheque")


def test_the_same_reference_again_is_already_applied_and_moves_nothing(shop: Shop, client: httpx.Client) -> None:
    client.post(f"{ORDER}/payments", json=PAID)
    before = len(shop.views.order("A-1001").history)
    again = client.post(f"{ORDER}/payments", json=PAID)
    assert (again.status_code, again.json()["repeated"], again.json()["why"]) == (200, True, "already applied")
    assert booked(shop) == [("by hand", "bank 7", 16880)]
    assert len(shop.views.order("A-1001").history) == before


def test_a_reference_belongs_to_one_movement_of_one_amount(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order("A-1002"))
    client.post(f"{ORDER}/payments", json=PAID)
    other = client.post(f"{ORDER}/payments", json=PAID | {"amount": "1.00"})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert "is booked with 168.80 EUR" in other.json()["detail"]
    elsewhere = client.post("/api/v1/orders/A-1002/payments", json=PAID)
    assert (elsewhere.status_code, booked(shop, "A-1002")) == (409, [])
    assert "is booked for the order A-1001" in elsewhere.json()["detail"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"currency": "USD"}, "/currency"),
        ({"amount": "0.00"}, "/amount"),
        ({"amount": "168,80"}, "/amount"),
        ({"amount": "1.001"}, "/amount"),
        ({"paid_on": "2026-11-26"}, "/paid_on"),
        ({"paid_on": "2026-02-31"}, "/paid_on"),
        ({"reference": "   "}, "/reference"),
        ({"reference": "a\u0007"}, "/reference"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_nothing_is_kept(shop: Shop, client: httpx.Client, changes: dict[str, str], pointer: str) -> None:
    refused = client.post(f"{ORDER}/payments", json=PAID | changes)
    assert (refused.status_code, [each["pointer"] for each in refused.json()["errors"]]) == (422, [pointer])
    assert booked(shop) == []
    with shop.store.reading() as work:
        assert work.inbox.listed(status=None, order=None, limit=5) == []


def test_money_that_the_order_has_no_event_for_now_is_booked_and_waits(shop: Shop, client: httpx.Client) -> None:
    client.post(f"{ORDER}/payments", json=PAID)
    shop.trigger("A-1001", "cancel", reason="no stock")
    shop.work()
    said = client.post(f"{ORDER}/payments", json=PAID | {"reference": "bank 8", "amount": "1.00"}).json()
    assert (said["status"], said["states"]) == ("waiting", {"1": "refund failed", "2": "refund failed"})
    assert 'Can\'t pay when in "refund failed"' in said["why"]
    assert booked(shop)[-1] == ("by hand", "bank 8", 100)


def test_a_refund_by_hand_lets_the_order_that_waits_for_it_go_on(shop: Shop, client: httpx.Client) -> None:
    client.post(f"{ORDER}/payments", json=PAID)
    shop.trigger("A-1001", "cancel", reason="no stock")
    shop.work()
    assert states(shop) == {"refund failed"}
    said = client.post(f"{ORDER}/refunds", json={"reference": "bank 9"}, headers={"Idempotency-Key": "k1"})
    assert (said.status_code, said.json()["event"], states(shop)) == (200, "refund by hand", {"cancelled"})
    again = client.post(f"{ORDER}/refunds", json={"reference": "bank 9"}, headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert booked(shop)[-1] == ("by hand", "bank 9", 16880)
    nothing = client.post(f"{ORDER}/refunds", json={"reference": "bank 10"})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "conflict")


def test_who_may_only_see_payments_records_none(shop: Shop, address: str) -> None:
    token = new_key(shop, "looker", scopes=["payments.read"])
    with client_of(address, token) as looking:
        assert looking.get(f"{ORDER}/payments").status_code == 200
        assert looking.post(f"{ORDER}/payments", json=PAID).status_code == 403
        assert looking.post(f"{ORDER}/refunds", json={"reference": "r"}).status_code == 403
        assert looking.post(IMPORT, content=camt(ntry())).status_code == 403


# ---- By file ----

FOUR = camt(
    ntry(Tx(text="Order a-1001, part"), amount="100.00", reference="B1"),
    ntry(Tx(text="A-1001 rest"), amount="68.80", reference="B2"),
    ntry(Tx(text="A-1001 once more"), amount="68.80", reference="B3"),
    ntry(Tx(text="rent"), amount="900.00", credit=False),
    ntry(Tx(text="thank you 2026"), amount="5.00"),
)


def told(answer: httpx.Response) -> list[tuple[str, str | None]]:
    assert answer.status_code == 200, answer.text
    return [(each["outcome"], each["order"]) for each in answer.json()["entries"]]


EXPECTED = [("part payment", "A-1001"), ("paid", "A-1001"), ("overpayment", "A-1001"), ("no payment", None), ("not matched", None)]


def test_a_statement_is_foreseen_then_booked_and_read_again_it_changes_nothing(shop: Shop, client: httpx.Client) -> None:
    assert told(client.post(IMPORT, content=FOUR, params={"preview": "true"})) == EXPECTED
    assert (booked(shop), states(shop)) == ([], {"payment pending"})
    assert told(client.post(IMPORT, content=FOUR)) == EXPECTED
    after = booked(shop)
    assert after == [(f"bank {IBAN}", "B1", 10000), (f"bank {IBAN}", "B2", 6880), (f"bank {IBAN}", "B3", 6880)]
    assert states(shop) == {"paid"}
    for params in ({}, {"preview": "true"}):
        assert [each[0] for each in told(client.post(IMPORT, content=FOUR, params=params))] == [*["repeated"] * 3, "no payment", "not matched"]
    overlapping = camt(ntry(Tx(text="A-1001 rest"), amount="68.80", reference="B2"), ntry(Tx(text="A-1001"), amount="1.00", reference="B4"))
    assert told(client.post(IMPORT, content=overlapping)) == [("repeated", "A-1001"), ("overpayment", "A-1001")]
    assert booked(shop)[:3] == after


def test_an_order_is_found_by_the_number_of_its_invoice(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order("B-1", **ON_ACCOUNT))
    shop.work()
    number = shop.views.invoices(reference="B-1")[0].document.number
    file = f"date;amount;currency;text\n2026-11-25;168,80;EUR;{number.replace('-', ' ').lower()} A-9999\n".encode()
    (row,) = client.post(IMPORT, content=file).json()["entries"]
    assert (row["outcome"], row["order"], row["said"]) == ("paid", "B-1", f"all that was open of {number}.")


def test_what_nobody_can_place_says_why(shop: Shop, client: httpx.Client) -> None:
    for reference in ("A-1002", "2026", "4711"):
        shop.place(an_order(reference))
    rows = [
        ("1.00", "A-1001 and A-1002", "several orders: A-1001, A-1002"),
        ("1.00", "invoice of 2026", 'the number "2026", which may mean something else'),
        ("1.00", "hello", "names no order and no invoice"),
        ("168.80", "customer 4711", None),
    ]
    file = "date;amount;currency;text\n" + "".join(f"2026-11-25;{amount};EUR;{text}\n" for amount, text, _ in rows)
    for each, (_, _, why) in zip(client.post(IMPORT, content=file).json()["entries"], rows, strict=True):
        assert (each["outcome"], each["order"]) == (("not matched", None) if why else ("paid", "4711"))
        assert (why or "all that was open") in each["said"]
    (foreign,) = client.post(IMPORT, content=b"date;amount;currency;text\n2026-11-25;1.50;USD;A-1001\n").json()["entries"]
    assert foreign["said"] == "it is in USD, the order A-1001 is in EUR."
    (named,) = client.post(IMPORT, content=b"date;amount;order\n2026-11-25;1.50;A-1003\n").json()["entries"]
    assert named["said"] == 'there is no order "A-1003".'
    assert booked(shop) == booked(shop, "A-1002") == booked(shop, "2026") == []


def test_a_file_that_is_none_is_refused_and_one_that_is_too_large_not_read(shop: Shop, client: httpx.Client) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "a">]><a>&a;</a>'
    refused = client.post(IMPORT, content=bomb)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-input")
    assert client.post(IMPORT, content=b"x" * (10 * 1024 * 1024 + 1)).status_code == 413
    assert booked(shop) == []


def test_a_key_of_one_store_books_nothing_for_another(shop: Shop, address: str) -> None:
    token = create_key(shop.store, "other", of_store="elsewhere", scopes=["payments.record"], actor="test", stores=["elsewhere"])
    with client_of(address, token) as stranger:
        assert told(stranger.post(IMPORT, content=FOUR))[0] == ("not matched", None)
        assert stranger.post(f"{ORDER}/payments", json=PAID).status_code == 404


# ---- How invoices stand ----


def test_invoices_are_listed_by_how_they_stand_with_sums_of_all_pages(shop: Shop, client: httpx.Client, clock: MovedClock) -> None:
    for which in range(1, 4):
        shop.place(an_order(f"B-{which}", **ON_ACCOUNT))
    shop.work()
    client.post("/api/v1/orders/B-1/payments", json=PAID | {"reference": "b1"})
    client.post("/api/v1/orders/B-2/payments", json=PAID | {"reference": "b2", "amount": "68.80"})

    def listed(**asked: Any) -> tuple[list[str], Any]:
        page = client.get("/api/v1/invoices", params=asked).json()
        return [each["order"] for each in page["invoices"]], page["sums"]

    def sums(invoices: int, still_open: str, overdue: str, paid: str) -> list[dict[str, Any]]:
        return [{"currency": "EUR", "invoices": invoices, "open": still_open, "overdue": overdue, "paid": paid}]

    assert listed() == (["B-3", "B-2", "B-1"], None)
    assert listed(payment_state="paid") == (["B-1"], sums(1, "0.00", "0.00", "168.80"))
    assert listed(payment_state="partly paid") == (["B-2"], sums(1, "100.00", "0.00", "68.80"))
    assert listed(payment_state="overdue") == ([], [])
    clock.move(days=60)
    assert listed(payment_state="overdue", limit=1) == (["B-3"], sums(2, "268.80", "268.80", "68.80"))
    assert listed(sums="true", order="B-2") == (["B-2"], sums(1, "100.00", "100.00", "68.80"))
    cancelled = shop.views.invoices(reference="B-3")[0].document.number
    client.post(f"/api/v1/invoices/{cancelled}/cancellation", json={"reason": "lost"})
    assert listed(payment_state="overdue") == (["B-2"], sums(1, "100.00", "100.00", "68.80"))
    assert listed(payment_state="credited")[0] == ["B-3", "B-3"]
    assert client.get("/api/v1/invoices", params={"payment_state": "late"}).status_code == 422


def test_the_command_line_does_the_same(shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop.place(an_order("B-1", **ON_ACCOUNT))
    shop.work()
    file = tmp_path / "statement.xml"
    file.write_bytes(camt(ntry(Tx(text="B-1"), amount="100.00"), ntry(Tx(text="?"), amount="1.00")))

    def oms(*words: str) -> tuple[int, str]:
        code = run(["--shop", str(shop.settings.processes.folder.parent), *words])
        return code, capsys.readouterr().out

    assert "1 part payment, 1 not matched." in oms("payment", "import", str(file), "--preview")[1]
    code, out = oms("payment", "import", str(file))
    assert (code, "68.80 EUR of the order stay open." in " ".join(out.split())) == (1, True)
    assert "1 repeated, 1 not matched." in oms("payment", "import", str(file))[1]
    record = ("payment", "record", "B-1", "--amount", "68.80", "--reference", "cash 1", "--date", "2020-01-01", "--reason", "paid in the shop")
    assert oms(*record) == (0, "68.80 EUR of B-1 is booked. 1: invoiced, 2: invoiced.\n")
    assert oms(*record) == (0, "68.80 EUR of B-1 was booked before, nothing happened. 1: invoiced, 2: invoiced.\n")
    code, out = oms("invoice", "list", "--payment-state", "paid")
    assert "1 invoice: 0.00 EUR open, 0.00 EUR of it overdue; 168.80 EUR paid." in out
    assert oms("invoice", "sums", "--payment-state", "overdue") == (0, "There is no such invoice.\n")
