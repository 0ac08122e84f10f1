"""Customers: what is kept of one is given out whole, and erased so that nothing is found any more but in the papers that stay."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import standardwebhooks
from pypdf import PdfReader
from sqlalchemy import MetaData, Table, Text, cast, inspect, select, text

from oms.bootstrap import open_shop
from tests.acceptance.api.serving import answering, client_of, new_key
from tests.acceptance.cli.calling import Caller, call, on_a_file
from tests.builders import an_order, make_shop

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WORDS = """
def stumble(context, **payload):
    raise ValueError(f"no luck with {context.payload['note']}")

COMMANDS = (stumble,)
"""
MAIL, OTHER = "mk-mail@example.com", "mk-books@example.com"
PRINTED = {
    "mk-name",
    "mk-extra",
    "mk-street",
    "mk-city",
    "de811907980",
    "mk-line",
    "mk-option",
    "mk-buyer",
    "mk-credited",
    "mk-ship",
    "mk-discount",
    "mk-mail",
}
"""What stands on invoices or credit notes."""
BOOKED = {"mk-tx", "mk-back", "mk-usd"}
"""References of payments: they belong to the books, as amounts do."""
GOES = {
    *("de136695976", "mk-books", "mk-old", "mk-phone", "mk-linedata", "mk-lineref", "mk-remark", "mk-comment", "mk-reason", "mk-note", "mk-body"),
    *("mk-hold", "mk-track", "mk-unread", "mk-why"),
}
REASON = ("--reason", "request 4711")
ERASE = ("customer", "erase", MAIL.upper(), *REASON)


def a_marked_order() -> dict[str, Any]:
    """A text of its own in every field that somebody fills."""
    address = {"name": "mk-name", "extra": "mk-extra", "street": "mk-street 2", "postcode": "80331", "city": "mk-city", "country": "DE"}
    document = an_order(
        "P-1",
        customer={"name": "mk-old", "email": MAIL, "vat_id": "DE136695976"},
        billing_address={**address, "street": "mk-old 1"},
        shipping_address={**address, "name": "mk-ship"},
        buyer_reference="mk-buyer",
        comment="mk-remark",
        data={"phone": "mk-phone"},
        discounts=[{"name": "mk-discount", "amount": "1.00"}],
    )
    first = document["items"][0]
    first |= {
        "name": "mk-line",
        "ref": "mk-lineref",
        "data": {"to": "mk-linedata"},
        "options": [{"name": "mk-option", "price": "0.50", "tax_rate": "19"}],
    }
    return document


@dataclass(frozen=True, slots=True)
class House:
    """A shop, its command line, and where all of it lies."""

    oms: Caller
    is_file: bool

    @property
    def folder(self) -> Path:
        return self.oms.folder

    def do(self, *words: str, stdin: bytes = b"") -> Any:
        said = self.oms(*words, "--json", stdin=stdin)
        assert said.code == 0, said.err
        return json.loads(said.out) if said.out.strip() else None

    def columns(self, words: set[str]) -> dict[str, set[str]]:
        """Word to every column of every table, ours or not, that has it in some row."""
        with open_shop(self.folder) as shop, shop.store.reading() as work:
            texts = dict[str, str]()
            for name in inspect(work.connection).get_table_names():
                rows = Table(name, MetaData(), autoload_with=work.connection)
                for row in work.execute(select(*(cast(column, Text).label(column.name) for column in rows.columns))):
                    for column, value in row._mapping.items():
                        texts[f"{name}.{column}"] = texts.get(f"{name}.{column}", "") + f"\n{value}".lower()
        return {word: {column for column, said in texts.items() if word in said} for word in words}

    def files(self, words: set[str]) -> dict[str, set[str]]:
        """Word to files of the shop that hold it: database, its journal, archive, filed mails; what is packed is unpacked."""
        texts = {str(path.relative_to(self.folder)): unpacked(path.read_bytes()).lower() for path in self.folder.rglob("*") if path.is_file()}
        return {word: {path for path, said in texts.items() if word.encode() in said} for word in words}

    def papers(self) -> set[str]:
        """Files of the archive that belong to invoices and credit notes, or to somebody else."""
        files = "SELECT key FROM invoice_file UNION SELECT made_with FROM invoice_file"
        of_others = "SELECT eml_key FROM mail_message m JOIN orders o ON o.id = m.\"order\" WHERE o.reference <> 'P-1'"
        with open_shop(self.folder) as shop, shop.store.reading() as work:
            return {str(row[0]) for row in work.execute(text(f"{files} UNION {of_others}"))}

    def archived(self) -> set[str]:
        if not self.is_file:
            with open_shop(self.folder) as shop, shop.store.reading() as work:
                return {str(row[0]) for row in work.execute(text("SELECT key FROM archive_file"))}
        folder = self.folder / "data" / "archive"
        return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def unpacked(data: bytes) -> bytes:
    """The texts of a PDF or a mail beside its bytes."""
    if data.startswith(b"%PDF"):
        return data + "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages).encode()
    if b"Message-ID:" in data[:2_000]:
        return data + b"\n".join(
            part.get_content().encode() for part in message_from_bytes(data, policy=default).walk() if part.get_content_maintype() == "text"
        )
    return data


@pytest.fixture
def house(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> House:
    """A customer who wrote something into every field was billed, complained, was credited and paid back; all is closed. And somebody else bought."""
    database = request.getfixturevalue("server").new_database() if kind == "postgres" else None
    (tmp_path / "page").write_text(SECRET, encoding="utf-8")
    folder = tmp_path / "shop"
    make_shop(folder, config=f'[payments.page]\nsecret_file = "{tmp_path}/page"\n', database=database)
    module = f"stumbling_{tmp_path.parent.name}_{kind}".replace("-", "_")
    (folder / f"{module}.py").write_text(WORDS, encoding="utf-8")
    settings, process = folder / "config" / "oms.toml", folder / "processes" / "prepayment.yaml"
    config = (
        settings.read_text(encoding="utf-8")
        .replace("modules = [] ", f'modules = ["{module}"] ')
        .replace("[alerts]", '[alerts]\nmail = "desk@example.com"')
    )
    settings.write_text(config, encoding="utf-8")
    said = process.read_text(encoding="utf-8")
    said = said.replace("[issue_credit_note, mail_credit_note]", "[issue_credit_note, mail_credit_note, {document: {template: delivery_note}}]")
    said = said.replace("\nevents:\n", "\nevents:\n  stumble:\n    manual: true\n    command: stumble\n", 1)
    process.write_text(said + "  - {from: invoiced,        event: stumble, to: shipped}\n", encoding="utf-8")
    made = House(Caller(folder), kind == "sqlite")
    made.do("deploy")
    made.do("order", "place", "-", stdin=json.dumps(a_marked_order()).encode())
    made.oms.place("A-1001")
    _write_to(made)
    _live(made)
    return made


def _write_to(house: House) -> None:
    """What comes by HTTP: payments, and what somebody remarks."""
    with open_shop(house.folder) as shop, answering(shop) as address, client_of(address, new_key(shop)) as client:
        for event, currency, reference in (("e1", "EUR", "mk-tx"), ("e2", "USD", "mk-usd")):
            paid = {"order": "P-1", "reference": reference, "amount": "168.80", "currency": currency, "payer": "mk-body"}
            assert _say(address, event, {"type": "payment.received", "data": paid}).status_code in {200, 202}
        assert _say(address, "e3", {"type": "payment.received", "data": {"payer": f"mk-unread <{MAIL}>"}}).status_code == 202
        key = {"Idempotency-Key": "k1"}
        assert client.post("/api/v1/orders/P-1/comments", json={"text": "mk-comment"}, headers=key).status_code == 201


def _say(address: str, event: str, said: object) -> httpx.Response:
    body, now = json.dumps(said), datetime.now(UTC)
    signature = standardwebhooks.Webhook(SECRET).sign(event, now, body)
    heads = {"webhook-id": event, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    return httpx.post(f"{address}/webhooks/page", content=body, headers=heads)


def _live(house: House) -> None:
    mended = {"customer": {"name": "mk-name", "vat_id": "DE811907980"}, "billing_address": {"street": "mk-street 2"}}
    house.do("order", "correct", "P-1", "--with", json.dumps(mended), "--reason", "mk-why")
    house.do("order", "hold", "P-1", "--reason", "mk-hold")
    house.do("order", "release", "P-1", "--reason", "mk-hold")
    house.do("work", "--once")
    (number,) = [line["number"] for line in house.do("invoice", "list") if line["order"] == "P-1"]
    house.do("invoice", "send", number, "--to", OTHER)
    assert house.oms("order", "trigger", "P-1", "stumble", "--with", '{"note": "mk-note"}').code == 1
    house.do("order", "trigger", "P-1", "cancel", "--reason", "mk-credited", "--with", '{"tracking": "mk-track"}')
    house.do("work", "--once")
    house.do("order", "trigger", "P-1", "refund by hand", "--with", '{"reference": "mk-back"}', "--reason", "mk-reason")
    house.do("work", "--once")
    for line in house.do("incident", "list"):
        house.do("incident", "close", str(line["id"]))


def test_nothing_is_found_of_a_customer_who_was_erased_but_in_the_papers_that_stay(house: House) -> None:
    everything = PRINTED | BOOKED | GOES
    columns, files = house.columns(everything), house.files(everything)
    assert {word for word in everything if not columns[word] and not files[word]} == set()  # else the test looks for what never was there
    before = house.do("order", "show", "P-1")

    done = house.do(*ERASE)

    assert (done["orders"], len(done["stays"])) == (["P-1"], 2)
    columns = house.columns(everything | {"jana novak"})
    assert {word: columns[word] for word in GOES} == {word: set[str]() for word in GOES}
    assert {column for word in PRINTED for column in columns[word]} == {"invoice.snapshot"}
    assert {column for word in BOOKED for column in columns[word]} <= {"payment.reference", "inbox.reference"}
    assert columns["jana novak"]
    assert house.archived() == house.papers()
    if house.is_file:
        files = house.files(everything)
        assert {word: files[word] for word in GOES} == {word: set[str]() for word in GOES}
        papers = {f"data/archive/{key}" for key in house.papers()} | {"data/oms.db"}
        assert {path for word in PRINTED for path in files[word]} <= papers
    _all_works(house, before)


def _all_works(house: House, before: Any) -> None:
    after = house.do("order", "show", "P-1")
    assert after["erased_at"]
    kept = ("total", "due", "paid", "payments", "invoices", "attention")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert [(row["event"], row["from"], row["to"]) for row in after["history"]] == [
        (row["event"], row["from"], row["to"]) for row in before["history"]
    ]
    assert "erased on" in house.oms("order", "show", "P-1").out
    assert house.oms("invoice", "verify").code == 0
    again = house.oms("order", "place", "-", stdin=json.dumps(a_marked_order()).encode())
    assert (again.code, "was erased on" in again.err) == (1, True)
    assert [line["reference"] for line in house.do("order", "list", "--search", "erased")] == ["P-1"]
    assert house.oms(*ERASE).code == 1  # there is nothing any more


def test_everything_that_is_kept_is_given_out(house: House, tmp_path: Path) -> None:
    house.do("customer", "export", MAIL, "--to", str(tmp_path / "all.zip"))
    with zipfile.ZipFile(tmp_path / "all.zip") as packed:
        assert packed.testzip() is None
        said = {name: unpacked(packed.read(name)).decode("utf-8", "replace").lower() for name in packed.namelist()}
    about = json.loads(said["customer.json"])
    assert (about["orders"], about["missing"]) == (["main/p-1"], [])
    words = (PRINTED | BOOKED | GOES) - {"mk-unread"}  # of a message that nobody understood nobody knows whose it is, but by searching
    assert {word for word in words if not any(word in text for text in said.values())} == set()
    kinds = {Path(name).suffix for name in said}
    assert kinds == {".json", ".pdf", ".xml", ".eml"}
    assert house.oms("customer", "export", MAIL, "--to", str(tmp_path / "all.zip")).code == 2
    assert house.oms("customer", "export", "nobody@example.com", "--to", str(tmp_path / "none.zip")).code == 1
    assert not (tmp_path / "none.zip").exists()


def test_an_order_that_is_open_stands_in_the_way_and_all_of_it_is_listed(billed: Caller) -> None:
    shown = billed("customer", "erase", "jana@example.com", *REASON, "--dry-run", "--json")
    assert [each["why"] for each in shown.data["blocked"]] == ['2 items are in "invoiced", which is not the end']
    refused = billed("customer", "erase", "jana@example.com", *REASON)
    assert (refused.code, refused.err.startswith('oms: Nothing was erased. A-1001: 2 items are in "invoiced"')) == (1, True)
    assert billed("order", "show", "A-1001", "--json").data["customer"]["name"] == "Jana Novak"


def test_an_order_that_is_open_is_erased_by_force_and_goes_on(billed: Caller) -> None:
    assert billed("customer", "erase", "--order", "A-1001", *REASON, "--force").code == 0
    assert billed("order", "trigger", "A-1001", "ship").code == 0
    assert billed("work", "--once").code == 0
    shown = billed("order", "show", "A-1001", "--json").data
    assert ({item["state"] for item in shown["items"]}, shown["due"], shown["paid"]) == ({"shipped"}, "168.80", "168.80")
    refused = billed("invoice", "cancel", billed("invoice", "list", "--json").data[0]["number"], "--reason", "came back")
    assert (refused.code, "lacks name, street, postcode, city" in refused.err) == (1, True)


def test_not_even_force_erases_what_is_under_way(oms: Caller) -> None:
    oms.place()
    refused = oms("customer", "erase", "jana@example.com", *REASON, "--force")
    assert (refused.code, "the job deliver_mail is under way" in refused.err) == (1, True)


@on_a_file
@pytest.mark.slow
@pytest.mark.parametrize("place", ["erase.before_commit", "erase.after_commit", "erase.after_files"])
def test_killed_in_between_it_goes_on_when_it_is_called_again(house: House, place: str) -> None:
    killed = call("--shop", house.folder, *ERASE, folder=house.folder, OMS_TESTING="1", OMS_FAILPOINT=place)
    assert killed.code == -9
    assert house.oms(*ERASE).code == 0
    assert house.archived() == house.papers()
    files = house.files(GOES)
    assert {word: files[word] for word in GOES} == {word: set[str]() for word in GOES}
    assert house.oms(*ERASE).code == 1


def test_an_interface_gives_out_and_erases_in_its_own_store_only(billed: Caller) -> None:
    with open_shop(billed.folder) as shop, answering(shop) as address:
        with client_of(address, new_key(shop, "reader", scopes=["orders.read"])) as reader:
            assert {reader.post(f"/api/v1/customers/{what}", json={}).status_code for what in ("export", "erase")} == {403}
        with client_of(address, new_key(shop)) as client:
            given = client.post("/api/v1/customers/export", json={"email": "jana@example.com"})
            assert (given.status_code, given.headers["content-type"]) == (200, "application/zip")
            assert "orders/main/A-1001/order.json" in zipfile.ZipFile(BytesIO(given.content)).namelist()
            wish = {"email": "jana@example.com", "reason": "request 4711"}
            assert client.post("/api/v1/customers/erase", json=wish).json()["code"] == "conflict"
            first, again = (client.post("/api/v1/customers/erase", json=wish | {"force": True}, headers={"Idempotency-Key": "e"}) for _ in range(2))
            assert (first.status_code, first.json()["orders"], again.json()) == (200, ["A-1001"], first.json())
            assert client.get("/api/v1/orders/A-1001").json()["erased_at"]
            assert client.post("/api/v1/customers/erase", json=wish).status_code == 404
            for wrong in ({}, {"email": ""}, {"reason": "r"}, {"email": "x@y.z", "reason": " "}):
                assert client.post("/api/v1/customers/erase", json=wrong).status_code == 422
