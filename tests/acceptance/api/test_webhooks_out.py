"""Systems of the shop are told what happens, by the Standard Webhooks: at least once, signed, and by nobody who could be led inside (S62)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import standardwebhooks
from sqlalchemy import text

from oms.bootstrap import Shop, open_shop
from oms.engine.endpoints import endpoint_of
from oms.engine.jobs import run_job
from oms.errors import CommandFailed, NotFound
from oms.webhooks import Webhooks
from tests.acceptance.api.serving import answering, client_of, new_key, served
from tests.builders import MovedClock, an_order, make_shop
from tests.faults.house import configure
from tests.receiver import Receiver, receiving
from tests.unit.engine.world import WORLD
from tests.working import wait_until

PAY = {"amount": "168.80", "reference": "tx_1"}
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
FRAGILE = """
process: prepayment
initial: open
states:
  open:
  paid: {final: true}
events:
  pay: {command: {do: {what: book}}}
transitions:
  - {from: open, event: pay, to: paid, happy: true}
"""


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(datetime.now(UTC))


@pytest.fixture
def folder(tmp_path: Path, database_url: str) -> Path:
    """A shop that may call loopback."""
    make_shop(tmp_path / "shop", database=None if database_url.startswith("sqlite") else database_url)
    configure(tmp_path / "shop", r"inside = \[\]", 'inside = ["127.0.0.1"]')
    return tmp_path / "shop"


@pytest.fixture
def shop(folder: Path, clock: MovedClock) -> Iterator[Shop]:
    with open_shop(folder, clock=clock) as opened:
        opened.deploy()
        yield opened


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def added(client: httpx.Client, url: str, *types: str) -> dict[str, Any]:
    answer = client.post("/api/v1/webhooks", json={"url": url} | ({"types": list(types)} if types else {}))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def told(client: httpx.Client, endpoint: int, **query: str | int) -> list[dict[str, Any]]:
    return list(client.get(f"/api/v1/webhooks/{endpoint}/deliveries", params=query).json()["deliveries"])


def pinged(client: httpx.Client, endpoint: int) -> None:
    assert client.post(f"/api/v1/webhooks/{endpoint}/ping").status_code == 202


def paid(shop: Shop, reference: str) -> None:
    """One payment is booked."""
    shop.place(an_order(reference))
    shop.trigger(reference, "pay", payload=PAY | {"reference": f"tx_{reference}"})


def rows(shop: Shop, table: str) -> int:
    with shop.store.connection() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 - a name of ours


def test_what_happens_is_told_and_the_library_of_the_standard_believes_it(shop: Shop, client: httpx.Client, receiver: Receiver) -> None:
    secret = added(client, receiver.url)["secret"]
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload=PAY)
    shop.work()
    for call in receiver.calls:
        assert standardwebhooks.Webhook(secret).verify(call.body, call.headers)["type"] == call.type
        assert not any(word in call.body for word in ("Jana", "jana@", "Marktplatz", "80331"))  # nothing of a person
    assert set(receiver.types) == {"order.moved", "payment.booked", "invoice.issued"}
    (billed,) = [call.told["data"] for call in receiver.calls if call.type == "invoice.issued"]
    assert billed == {"order": "A-1001", "store": "main", "invoice": "RE-2026-00001", "amount": "168.80", "currency": "EUR"}
    first = receiver.calls[receiver.types.index("order.moved")].told["data"]
    assert first == {"order": "A-1001", "store": "main", "items": ["1", "2"], "event": "__place__", "source": None, "state": "new"}
    assert len({call.id for call in receiver.calls}) == len(receiver.calls)


def test_only_what_was_chosen_is_told_and_without_endpoints_nothing_is_written(shop: Shop, client: httpx.Client, receiver: Receiver) -> None:
    shop.place(an_order())
    assert (rows(shop, "webhook_message"), rows(shop, "webhook_delivery")) == (0, 0)
    added(client, receiver.url, "invoice.issued")
    shop.trigger("A-1001", "pay", payload=PAY)
    shop.work()
    assert receiver.types == ["invoice.issued"]
    assert (rows(shop, "webhook_message"), rows(shop, "webhook_delivery")) == (1, 1)


def test_a_call_that_failed_is_made_again_with_the_same_id_and_bytes_at_its_own_time(
    shop: Shop, client: httpx.Client, clock: MovedClock, receiver: Receiver
) -> None:
    new, receiver.answers = added(client, receiver.url), [500, 400, 200]
    pinged(client, new["id"])
    for wait, calls in ((timedelta(), 1), (timedelta(seconds=4), 1), (timedelta(seconds=2), 2), (timedelta(minutes=4), 2), (timedelta(minutes=2), 3)):
        clock.now += wait
        shop.work()
        assert len(receiver.calls) == calls
    assert len({(call.id, call.body) for call in receiver.calls}) == 1
    assert len({call.at for call in receiver.calls}) == 3
    assert all(call.is_signed_by(new["secret"]) for call in receiver.calls)
    (delivery,) = told(client, new["id"])
    assert (delivery["status"], delivery["attempts"], delivery["code"], delivery["said"]) == ("delivered", 3, 200, None)


def test_after_ten_tries_somebody_is_told_and_may_have_it_told_again(shop: Shop, client: httpx.Client, clock: MovedClock, receiver: Receiver) -> None:
    new, receiver.answers = added(client, receiver.url), [500] * 10
    began = clock.now
    pinged(client, new["id"])
    for _ in range(170):
        if not shop.views.incidents():
            shop.work()
            clock.move(minutes=30)
    assert len(receiver.calls) == 10
    assert timedelta(hours=75) < clock.now - began < timedelta(hours=90)  # pauses are spread by a tenth, and looked at each half hour
    (line,) = shop.views.incidents()
    assert line.incident.kind == "webhook not delivered"
    (delivery,) = told(client, new["id"], status="failed")
    assert (delivery["code"], delivery["said"], delivery["next_at"]) == (500, "no, thank you [31m", None)
    answer = client.post(f"/api/v1/webhooks/{new['id']}/resend", json={"message": delivery["message"]})
    assert (answer.status_code, answer.json()) == (202, {"resent": 1})
    shop.work()
    assert told(client, new["id"])[0]["status"] == "delivered"
    assert shop.views.incidents() == []
    assert len({call.id for call in receiver.calls}) == 1


def test_who_does_not_answer_is_called_less_and_less_and_nobody_waits_for_it(shop: Shop, client: httpx.Client, clock: MovedClock) -> None:
    webhooks = shop.engine.tools.webhooks
    assert isinstance(webhooks, Webhooks)
    shop.engine.tools = replace(shop.engine.tools, webhooks=replace(webhooks, seconds=0.2))
    with receiving() as silent, receiving() as well:
        silent.answering.clear()
        still, other = added(client, silent.url), added(client, well.url)
        shop.place(an_order())
        shop.trigger("A-1001", "pay", payload=PAY)
        shop.work()
        assert len(silent.calls) == 1  # the others wait, and lose no try
        assert {each["status"] for each in told(client, other["id"])} == {"delivered"}
        assert sorted(each["attempts"] for each in told(client, still["id"]))[-2:] == [0, 1]
        assert "too long" in str([each["said"] for each in told(client, still["id"])]) or "timed out" in str(told(client, still["id"]))
        assert {each.status for _, recipients in shop.views.order("A-1001").mails for each in recipients} == {"sent"}
        for _ in range(15):
            clock.move(minutes=1)
            shop.work()
        assert len(silent.calls) < 9
        silent.answering.set()
        clock.move(minutes=6)
        shop.work()
        clock.move(hours=6)
        shop.work()
        assert {each["status"] for each in told(client, still["id"])} == {"delivered"}


@pytest.mark.parametrize(("said", "minutes"), [("1800", 30), ("864000", 60)], ids=["as it asks", "an hour at most"])
def test_who_asks_to_be_left_alone_is_left_alone(
    shop: Shop, client: httpx.Client, clock: MovedClock, receiver: Receiver, said: str, minutes: int
) -> None:
    new, receiver.answers, receiver.retry_after = added(client, receiver.url), [429], said
    pinged(client, new["id"])
    shop.work()
    pinged(client, new["id"])
    clock.move(minutes=minutes - 1)
    shop.work()
    assert len(receiver.calls) == 1  # neither the second try nor another message
    clock.move(minutes=2)
    shop.work()
    assert len(receiver.calls) == 3
    assert [(each["status"], each["attempts"]) for each in told(client, new["id"])] == [("delivered", 1), ("delivered", 2)]


def test_what_is_told_bears_the_id_and_the_trace_of_the_request_behind_on_every_try(
    shop: Shop, client: httpx.Client, clock: MovedClock, receiver: Receiver
) -> None:
    added(client, receiver.url, "order.moved")
    receiver.answers = [500]
    client.post("/api/v1/orders", json=an_order(), headers={"X-Request-Id": "placed-1", "traceparent": TRACE})
    shop.work()
    clock.move(minutes=1)
    shop.work()
    assert {(call.headers["x-request-id"], call.headers["traceparent"]) for call in receiver.calls} == {("placed-1", TRACE)}
    assert len({call.id for call in receiver.calls}) == len(receiver.calls) - 1  # one was tried twice


@pytest.mark.slow
def test_a_server_that_holds_the_line_delays_neither_mails_nor_moves_nor_other_endpoints(folder: Path) -> None:
    with open_shop(folder) as shop:
        shop.deploy()
        key = new_key(shop)
    with receiving() as silent, receiving() as well, served(folder) as server, server.client(key) as client:
        silent.answering.clear()
        still, other = added(client, silent.url), added(client, well.url)
        client.post("/api/v1/orders", json=an_order())
        assert silent.heard.wait(30)
        client.post("/api/v1/orders/A-1001/events", json={"event": "pay", "payload": PAY})

        def is_done() -> bool:
            order = client.get("/api/v1/orders/A-1001").json()
            sent = {each["status"] for mail in order["mails"] for each in mail["recipients"]} == {"sent"} and len(order["mails"]) == 2
            return sent and bool(told(client, other["id"])) and {each["status"] for each in told(client, other["id"])} == {"delivered"}

        wait_until(is_done)
        assert {each["status"] for each in told(client, still["id"])} == {"waiting"}
        silent.answering.set()


def test_what_is_rolled_back_is_told_to_nobody(tmp_path: Path, clock: MovedClock, receiver: Receiver) -> None:
    make_shop(tmp_path / "fragile", processes={"prepayment.yaml": FRAGILE})
    configure(tmp_path / "fragile", r"inside = \[\]", 'inside = ["127.0.0.1"]')
    configure(tmp_path / "fragile", r"modules = \[\] ", 'modules = ["tests.unit.engine.world"] ')
    WORLD.reset()
    WORLD.break_for("book", RuntimeError("broken"), times=1)
    with open_shop(tmp_path / "fragile", clock=clock) as shop, answering(shop) as address, client_of(address, new_key(shop)) as client:
        shop.deploy()
        added(client, receiver.url)
        shop.place(an_order())
        with pytest.raises(CommandFailed):
            shop.trigger("A-1001", "pay")
        shop.work()
        assert [call.told["data"]["state"] for call in receiver.calls] == ["open"]
        shop.trigger("A-1001", "pay")
        shop.work()
        assert [call.told["data"]["state"] for call in receiver.calls] == ["open", "paid"]


def test_while_a_secret_is_changed_both_sign(shop: Shop, client: httpx.Client, clock: MovedClock, receiver: Receiver) -> None:
    new = added(client, receiver.url, "order.moved")
    where = f"/api/v1/webhooks/{new['id']}"
    client.post(f"{where}/rotate", json={})  # whose answer was lost, say: the secret that the receiver has signs on
    rotated = client.post(f"{where}/rotate", json={})
    assert rotated.status_code == 200
    assert rotated.json()["old_secret_until"] is not None
    old, young = new["secret"], rotated.json()["secret"]
    for moment, signed in ((timedelta(), (True, True)), (timedelta(hours=25), (False, True))):
        clock.now += moment
        client.post(f"{where}/ping")
        shop.work()
        assert (receiver.calls[-1].is_signed_by(old), receiver.calls[-1].is_signed_by(young)) == signed
    lost = client.post(f"{where}/rotate", json={"overlap_hours": 0}).json()["secret"]
    client.post(f"{where}/ping")
    shop.work()
    assert (receiver.calls[-1].is_signed_by(young), receiver.calls[-1].is_signed_by(lost)) == (False, True)


def test_a_secret_is_shown_once(shop: Shop, client: httpx.Client, receiver: Receiver) -> None:
    again = {"Idempotency-Key": "k1"}
    new = client.post("/api/v1/webhooks", json={"url": receiver.url}, headers=again).json()
    shown = [client.get(f"/api/v1/webhooks{part}").text for part in ("", f"/{new['id']}", f"/{new['id']}/deliveries")]
    assert not any("whsec_" in each for each in shown)
    assert rows(shop, "kept_answer") == 0
    known = client.post("/api/v1/webhooks", json={"url": receiver.url}, headers=again)
    assert (known.status_code, rows(shop, "webhook_endpoint")) == (409, 1)


def test_who_says_that_it_is_gone_is_told_nothing_more_until_a_person_says_so(shop: Shop, client: httpx.Client, receiver: Receiver) -> None:
    new, receiver.answers = added(client, receiver.url, "payment.booked"), [410]
    where = f"/api/v1/webhooks/{new['id']}"
    paid(shop, "A-1001")
    shop.work()
    assert client.get(where).json()["disabled_why"] == "it answered 410 Gone"
    paid(shop, "A-1002")
    shop.work()
    assert len(receiver.calls) == 1
    assert [each["status"] for each in told(client, new["id"])] == ["failed", "failed"]
    assert [line.incident.kind for line in shop.views.incidents()] == ["webhook disabled"]
    assert client.post(f"{where}/ping").status_code == 409
    assert client.post(f"{where}/enable").json()["disabled_at"] is None
    assert shop.views.incidents() == []
    assert client.post(f"{where}/resend", json={"since": "2026-01-01T00:00:00Z"}).json() == {"resent": 2}
    shop.work()
    assert [call.told["data"]["order"] for call in receiver.calls] == ["A-1001", "A-1001", "A-1002"]
    assert {each["status"] for each in told(client, new["id"])} == {"delivered"}


def test_an_endpoint_that_fails_for_five_days_is_disabled(shop: Shop, client: httpx.Client, clock: MovedClock, receiver: Receiver) -> None:
    new, receiver.answers = added(client, receiver.url, "order.moved"), [503] * 1000
    for _ in range(6):
        pinged(client, new["id"])
        shop.work()
        clock.move(hours=23)
    clock.move(hours=12)
    shop.work()
    assert (
        client.get(f"/api/v1/webhooks/{new['id']}")
        .json()["disabled_why"]
        .startswith("no call has succeeded for 5 days; the last one: it answered 503")
    )
    assert {each["status"] for each in told(client, new["id"])} == {"failed"}


INSIDE = (
    *("https://127.0.0.1/", "https://10.1.2.3/", "https://169.254.169.254/latest/meta-data/", "https://[::1]/", "https://[::ffff:127.0.0.1]/"),
    *("https://2130706433/", "https://0177.0.0.1/", "https://0x7f.1/", "https://localhost/", "http://127.0.0.1/"),
)
NO_ADDRESS = ("http://93.184.215.14/", "ftp://93.184.215.14/", "https://user:secret@93.184.215.14/", "shop.example", "https://")


def test_what_lies_inside_or_is_read_by_who_carries_it_is_no_endpoint(tmp_path: Path) -> None:
    make_shop(tmp_path / "careful")
    with open_shop(tmp_path / "careful") as shop, answering(shop) as address, client_of(address, new_key(shop)) as client:
        for url in (*INSIDE, *NO_ADDRESS):
            answer = client.post("/api/v1/webhooks", json={"url": url})
            assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, ["/url"])
            assert url not in INSIDE or "is an address inside the network" in answer.json()["detail"]
        assert rows(shop, "webhook_endpoint") == 0


def test_a_name_that_leads_inside_by_the_time_of_the_call_is_not_called(shop: Shop, client: httpx.Client, receiver: Receiver) -> None:
    webhooks = shop.engine.tools.webhooks
    assert isinstance(webhooks, Webhooks)
    led = [["93.184.215.14"], ["127.0.0.1"]]
    shop.engine.tools = replace(shop.engine.tools, webhooks=replace(webhooks, inside=frozenset(), resolve=lambda _host, _port: led.pop(0)))
    new = added(client, f"https://hooks.shop.example:{receiver.server_port}/")
    pinged(client, new["id"])
    shop.work()
    (delivery,) = told(client, new["id"])
    assert (delivery["status"], delivery["code"]) == ("waiting", None)
    assert "hooks.shop.example is an address inside the network" in delivery["said"]
    assert receiver.calls == []


def test_no_redirect_is_followed(shop: Shop, client: httpx.Client, receiver: Receiver) -> None:
    new, receiver.answers = added(client, receiver.url), [302]
    pinged(client, new["id"])
    shop.work()
    assert (len(receiver.calls), told(client, new["id"])[0]["code"]) == (1, 302)


def test_a_list_has_pages_and_an_endpoint_belongs_to_its_store(shop: Shop, client: httpx.Client, receiver: Receiver) -> None:
    new = added(client, receiver.url)
    where = f"/api/v1/webhooks/{new['id']}/deliveries"
    for _ in range(3):
        client.post(f"/api/v1/webhooks/{new['id']}/ping")
    first = client.get(where, params={"limit": 2}).json()
    second = client.get(where, params={"limit": 2, "cursor": first["next"]}).json()
    ids = [each["id"] for each in first["deliveries"] + second["deliveries"]]
    assert (len(ids), ids, second["next"]) == (3, sorted(ids, reverse=True), None)
    with shop.store.reading() as work, pytest.raises(NotFound):
        endpoint_of(work, new["id"], store="other")
    assert client.delete(f"/api/v1/webhooks/{new['id']}").status_code == 204
    assert client.get(where).status_code == 404
    shop.work()
    assert receiver.calls == []


def test_one_that_lacks_the_right_sees_nothing(shop: Shop, address: str) -> None:
    with client_of(address, new_key(shop, "reader", scopes=["orders.read"])) as reader:
        assert reader.get("/api/v1/webhooks").status_code == 403


def test_a_mail_that_is_given_up_is_told_without_its_address(shop: Shop, client: httpx.Client, clock: MovedClock, receiver: Receiver) -> None:
    added(client, receiver.url, "mail.failed")
    shop.place(an_order())
    (job,) = [job for job in shop.views.order("A-1001").jobs if job.name == "deliver_mail"]

    class Broken:
        def deliver(self, *_arguments: object, **_words: object) -> None:
            raise ValueError("broken")

        def close(self) -> None:
            """Nothing is open."""

    shop.engine.tools = replace(shop.engine.tools, mailer=Broken())  # type: ignore[arg-type]
    for _ in range(8):
        with suppress(NotFound):
            run_job(shop.engine, job.id, worker="w")
        clock.move(days=2)
    shop.work()
    data = receiver.calls[0].told["data"]
    assert (data["order"], data["template"], data["status"], data["role"]) == ("A-1001", "order_confirmation", "gave_up", "to")
    assert not any("jana" in call.body for call in receiver.calls)
