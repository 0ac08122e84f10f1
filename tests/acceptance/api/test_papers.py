"""Issued papers over HTTP: lists, PDF and XML, billing by hand, credit notes, mails, links."""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx2 as httpx
import pytest

from oms.bootstrap import Shop
from tests.builders import an_order

PAPERS = "/api/v1/invoices"
NUMBER = "RE-2026-00001"


@pytest.fixture
def billed(shop: Shop, client: httpx.Client) -> httpx.Client:
    """An order is paid, its invoice made and mailed."""
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    return client


def test_the_pdf_is_the_stored_one_and_is_not_sent_twice_to_who_has_it(shop: Shop, billed: httpx.Client) -> None:
    pdf = billed.get(f"{PAPERS}/{NUMBER}.pdf")
    assert (pdf.status_code, pdf.headers["Content-Type"]) == (200, "application/pdf")
    assert pdf.headers["Content-Disposition"] == f"inline; filename=\"{NUMBER}.pdf\"; filename*=UTF-8''{NUMBER}.pdf"
    sha256 = hashlib.sha256(pdf.content).hexdigest()
    assert pdf.headers["ETag"] == f'"{sha256}"'
    assert shop.views.invoices()[0].file is not None
    assert billed.get(PAPERS).json()["invoices"][0]["pdf_sha256"] == sha256
    again = billed.get(f"{PAPERS}/{NUMBER}.pdf", headers={"If-None-Match": pdf.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(("form", "root"), [("cii", b"CrossIndustryInvoice"), ("ubl", b"<Invoice")])
def test_the_e_invoice_is_given_in_each_syntax(billed: httpx.Client, form: str, root: bytes) -> None:
    xml = billed.get(f"{PAPERS}/{NUMBER}.xml", params={"format": form})
    assert (xml.status_code, xml.headers["Content-Type"]) == (200, "application/xml")
    assert root in xml.content


def test_what_a_receiver_wants_beyond_the_standard_is_named(billed: httpx.Client) -> None:
    refused = billed.get(f"{PAPERS}/{NUMBER}.xml", params={"format": "xrechnung"})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert billed.get(f"{PAPERS}/{NUMBER}.xml", params={"format": "edifact"}).status_code == 422


def test_a_list_says_what_is_paid_and_who_got_it(billed: httpx.Client) -> None:
    (line,) = billed.get(PAPERS, params={"order": "A-1001"}).json()["invoices"]
    assert {key: line[key] for key in ("number", "gross", "open", "payment", "mail")} == {
        "number": NUMBER,
        "gross": "168.80",
        "open": "0.00",
        "payment": "paid",
        "mail": "sent",
    }
    assert billed.get(PAPERS, params={"kind": "credit_note"}).json() == {"invoices": [], "sums": None, "next": None}
    assert billed.get(f"{PAPERS}/{NUMBER}").json()["snapshot"]["number"] == NUMBER


def test_a_paper_that_is_not_there_is_not_found(billed: httpx.Client) -> None:
    for address in ("RE-9999-1", "RE-9999-1.pdf", "..%2f..%2fetc%2fpasswd.pdf", "%ff.pdf"):
        assert billed.get(f"{PAPERS}/{address}").status_code == 404
    assert billed.get(f"{PAPERS}/%00.pdf").status_code == billed.get(PAPERS, params={"order": "\0"}).status_code == 400


def test_units_are_credited_once_under_a_key(billed: httpx.Client) -> None:
    wanted = {"reason": "one broke", "units": {"1": 1}}
    made = billed.post(f"{PAPERS}/{NUMBER}/credit-notes", json=wanted, headers={"Idempotency-Key": "k"})
    assert (made.status_code, made.json()["said"]) == (
        201,
        f"RK-2026-00001 credits 39.90 EUR of {NUMBER}. Credited: 1 x Espresso cups. Not mailed: oms invoice send RK-2026-00001 does that",
    )
    assert billed.post(f"{PAPERS}/{NUMBER}/credit-notes", json=wanted, headers={"Idempotency-Key": "k"}).json()["repeated"]
    assert len(billed.get(PAPERS).json()["invoices"]) == 2
    too_much = billed.post(f"{PAPERS}/{NUMBER}/credit-notes", json={"reason": "all", "units": {"1": 9}})
    assert (too_much.status_code, too_much.json()["code"]) == (409, "conflict")
    nothing = billed.post(f"{PAPERS}/{NUMBER}/credit-notes", json={"reason": "nothing"})
    assert nothing.status_code == 422
    cents = billed.post(f"{PAPERS}/{NUMBER}/credit-notes", json={"reason": "cents", "amounts": {"1": "1.005"}})
    assert (cents.status_code, cents.json()["errors"][0]["pointer"]) == (422, "/amounts/1")


def test_an_invoice_that_is_cancelled_to_be_billed_anew_is_billed_anew(billed: httpx.Client) -> None:
    assert billed.post(f"{PAPERS}/{NUMBER}/cancellation", json={"reason": "wrong name", "reopen": True}).status_code == 201
    anew = billed.post("/api/v1/orders/A-1001/invoices", json={})
    assert (anew.status_code, anew.json()) == (201, {"number": "RE-2026-00002", "order": "A-1001", "issued": True})


def test_what_is_billed_already_answers_with_its_invoice(billed: httpx.Client) -> None:
    answer = billed.post("/api/v1/orders/A-1001/invoices", json={})
    assert (answer.status_code, answer.json()) == (200, {"number": NUMBER, "order": "A-1001", "issued": False})


def test_an_order_is_billed_by_hand_once_under_a_key(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order())
    for status in (201, 200):
        answer = client.post("/api/v1/orders/A-1001/invoices", json={"mail": True}, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.json()["number"]) == (status, NUMBER)
    waiting = client.get(f"{PAPERS}/{NUMBER}.pdf")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "not-ready")
    assert waiting.headers["Retry-After"] == "2"
    shop.work()
    (line,) = client.get(PAPERS).json()["invoices"]
    assert (line["payment"], line["open"], line["mail"]) == ("open", "168.80", "sent")
    assert {item["state"] for item in client.get("/api/v1/orders/A-1001").json()["items"]} == {"payment pending"}


def test_a_repeated_key_tells_of_the_invoice_of_then_whatever_came_since(billed: httpx.Client) -> None:
    def again() -> tuple[int, str]:
        answer = billed.post("/api/v1/orders/A-1001/invoices", json={}, headers={"Idempotency-Key": "k"})
        return answer.status_code, answer.json().get("number")

    first = again()
    assert billed.post(f"{PAPERS}/{NUMBER}/cancellation", json={"reason": "wrong name", "reopen": True}).status_code == 201
    assert again() == first == (200, NUMBER)
    assert billed.post("/api/v1/orders/A-1001/invoices", json={}).json()["number"] == "RE-2026-00002"
    assert again() == first


def test_a_paper_tells_who_got_it_and_who_asked_for_that(billed: httpx.Client) -> None:
    told = billed.get(f"{PAPERS}/{NUMBER}")
    assert told.status_code == 200
    (mail,) = told.json()["mails"]
    assert (mail["template"], mail["reason"], mail["actor"]) == ("invoice", "auto", "engine")
    assert {each["status"] for each in mail["recipients"]} == {"sent"}


def mails_of(shop: Shop) -> list[str]:
    shop.work()
    return [path.read_text("utf-8") for path in sorted(Path(shop.settings.mail.folder).glob("*.eml"))]


def test_a_paper_is_sent_again_only_by_force_and_a_worker_sends_it(shop: Shop, billed: httpx.Client) -> None:
    before = len(mails_of(shop))
    kept = billed.post(f"{PAPERS}/{NUMBER}/deliveries", json={})
    assert (kept.status_code, kept.json()["reason"], len(mails_of(shop))) == (200, "auto", before)
    sent = billed.post(f"{PAPERS}/{NUMBER}/deliveries", json={"force": True})
    assert (sent.status_code, {each["status"] for each in sent.json()["recipients"]}) == (202, {"pending"})
    assert len(mails_of(shop)) == before + 1
    (_, forced) = billed.get(f"{PAPERS}/{NUMBER}/deliveries").json()["deliveries"]
    assert (forced["reason"], forced["recipients"][0]["status"], forced["recipients"][0]["code"]) == ("force", "sent", "file")


def test_a_paper_sent_to_somebody_else_says_nothing_of_the_customer(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order())
    client.post("/api/v1/orders/A-1001/invoices", json={})
    sent = client.post(f"{PAPERS}/{NUMBER}/deliveries", json={"address": "books@example.com"})
    assert (sent.status_code, sent.json()["reason"]) == (202, "other")
    assert [each for each in mails_of(shop) if "To: books@example.com" in each]
    assert client.get(PAPERS).json()["invoices"][0]["mail"] == "none"
    to_customer = client.post(f"{PAPERS}/{NUMBER}/deliveries", json={})
    assert (to_customer.status_code, to_customer.json()["recipients"][0]["address"]) == (202, "jana@example.com")
    wrong = client.post(f"{PAPERS}/{NUMBER}/deliveries", json={"address": "a@b.de,evil@x.de"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/address")


def test_a_paper_of_a_customer_without_address_is_not_promised(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order(customer={"name": "Jana Novak"}))
    client.post("/api/v1/orders/A-1001/invoices", json={})
    refused = client.post(f"{PAPERS}/{NUMBER}/deliveries", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert client.post(f"{PAPERS}/{NUMBER}/deliveries", json={"address": "books@example.com"}).status_code == 202


def test_a_delivery_note_is_handed_out_by_its_name(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order("M-1", payment={"method": "marketplace"}))
    shop.trigger("M-1", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.trigger("M-1", "ship")
    waiting = client.get("/api/v1/orders/M-1/papers/delivery_note.pdf")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "not-ready")
    shop.work()
    (note,) = client.get("/api/v1/orders/M-1").json()["papers"]
    pdf = client.get(f"/api/v1/orders/M-1/papers/{note['name']}.pdf")
    assert (pdf.status_code, pdf.headers["ETag"], pdf.content[:5]) == (200, f'"{note["pdf_sha256"]}"', b"%PDF-")
    assert client.get("/api/v1/orders/M-1/papers/bill.pdf").status_code == 404


def test_a_signed_link_opens_one_paper_without_a_key_until_it_is_revoked(address: str, billed: httpx.Client) -> None:
    link = billed.post(f"{PAPERS}/{NUMBER}/links", json={"days": 14}).json()["link"]
    opened = httpx.get(f"{address}/documents/{link.rpartition('/')[2]}")
    assert (opened.status_code, opened.content) == (200, billed.get(f"{PAPERS}/{NUMBER}.pdf").content)
    bent = link.rpartition("/")[2][:-1] + ("x" if link[-1] != "x" else "y")
    assert httpx.get(f"{address}/documents/{bent}").status_code == 404
    assert billed.delete(f"{PAPERS}/{NUMBER}/links").status_code == 200
    assert httpx.get(f"{address}/documents/{link.rpartition('/')[2]}").status_code == 404
