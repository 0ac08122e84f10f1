"""Payment providers: who is believed, what is booked, and when an order moves by it (rule 4)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import standardwebhooks
import stripe

from oms.bootstrap import Shop
from oms.engine.unread import read_again
from oms.errors import Conflict
from oms.ports.inbox import Said
from oms.ports.providers import Provider
from tests.acceptance.api.serving import answering
from tests.builders import MovedClock, an_order, open_test_shop
from tests.unit.engine.world import WORLD

SECRET, OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_b2xkIHNlY3JldCB0aGF0IHN0aWxsIGNvdW50cw=="
STRIPE = "whsec_stripe_test_secret"
CONFIG = '[payments.page]\nkind = "standard"\nsecret_file = "page"\n[payments.stripe]\nkind = "stripe"\nsecret_file = "stripe"\n[payments.shut]\n'


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(datetime.now(UTC))


@pytest.fixture
def shop(tmp_path: Path, database_url: str, clock: MovedClock) -> Iterator[Shop]:
    (tmp_path / "page").write_text(f"{SECRET}\n{OLD}\n", encoding="utf-8")
    (tmp_path / "stripe").write_text(STRIPE, encoding="utf-8")
    folder = tmp_path / "shop"
    config = CONFIG.replace('"page"\n[', f'"{tmp_path}/page"\n[').replace('"stripe"\n[payments.shut', f'"{tmp_path}/stripe"\n[payments.shut')
    with open_test_shop(folder, clock=clock, config=config, database=None if database_url.startswith("sqlite") else database_url) as opened:
        yield opened


class Page:
    """A payment page that signs what it says with the library of the standard."""

    def __init__(self, address: str, clock: MovedClock, secret: str = SECRET) -> None:
        self.address, self.clock, self._hook = address, clock, standardwebhooks.Webhook(secret)

    def signed(self, body: str, *, event: str = "evt_1", at: datetime | None = None) -> dict[str, str]:
        when = at or self.clock()
        signature = self._hook.sign(event, when, body)
        return {"webhook-id": event, "webhook-timestamp": str(int(when.timestamp())), "webhook-signature": signature}

    def say(self, *, event: str = "evt_1", kind: str = "payment.received", **data: Any) -> httpx.Response:
        paid = {"order": "A-1001", "reference": "tx_1", "amount": "168.80", "currency": "EUR"} | data
        body = json.dumps({"type": kind, "data": paid})
        return httpx.post(f"{self.address}/webhooks/page", content=body, headers=self.signed(body, event=event))


@pytest.fixture
def page(shop: Shop, clock: MovedClock) -> Iterator[Page]:
    with answering(shop) as address:
        yield Page(address, clock)


def states(shop: Shop, reference: str = "A-1001") -> set[str]:
    return {item.state for item in shop.views.order(reference).items}


def paid(shop: Shop, reference: str = "A-1001") -> list[tuple[str, int]]:
    return [(each.reference, each.amount_minor) for each in shop.views.order(reference).payments]


def test_a_payment_is_booked_when_it_comes_and_moves_the_order(shop: Shop, page: Page) -> None:
    shop.place(an_order())
    said = page.say()
    assert (said.status_code, said.json()) == (200, {"status": "waiting", "why": None})
    assert paid(shop) == [("tx_1", 16880)]
    assert states(shop) == {"payment pending"}
    shop.work()
    assert states(shop) == {"invoiced"}
    assert "page" in {trigger.actor for trigger in shop.views.order("A-1001").triggers}


def test_the_same_message_again_is_answered_and_nothing_else(shop: Shop, page: Page) -> None:
    shop.place(an_order())
    assert [page.say().json()["status"] for _ in range(3)] == ["waiting", "repeated", "repeated"]
    shop.work()
    assert paid(shop) == [("tx_1", 16880)]


def test_another_message_about_the_same_payment_is_known_already(shop: Shop, page: Page) -> None:
    shop.place(an_order())
    page.say()
    assert page.say(event="evt_2").json() == {"status": "done", "why": "already applied"}
    shop.work()
    assert paid(shop) == [("tx_1", 16880)]


def test_a_message_that_comes_before_its_order_is_applied_when_the_order_comes(shop: Shop, page: Page) -> None:
    early = page.say()
    assert (early.status_code, early.json()["status"]) == (202, "waiting")
    shop.work()
    shop.place(an_order())
    shop.work()
    assert (paid(shop), states(shop)) == ([("tx_1", 16880)], {"invoiced"})


@pytest.mark.parametrize("placed_at", [0, 1, 2])
def test_messages_that_come_out_of_order_are_applied_in_the_right_one(shop: Shop, page: Page, placed_at: int) -> None:
    """That the parcel left is told before the money is, both perhaps before the order."""

    def parcel_left() -> None:
        body = json.dumps({"type": "parcel.left", "data": {"order": "A-1001", "event": "ship", "reference": "dhl_1"}})
        assert httpx.post(f"{page.address}/webhooks/page", content=body, headers=page.signed(body, event="evt_dhl")).status_code in {200, 202}

    told: list[Callable[[], object]] = [parcel_left, page.say]
    told.insert(placed_at, lambda: shop.place(an_order()))
    for tell in told:
        tell()
        shop.work()
    assert (paid(shop), states(shop)) == ([("tx_1", 16880)], {"shipped"})
    moves = [hop.event for hop in shop.views.order("A-1001").history if hop.source != hop.target]
    assert moves.index("pay") < moves.index("ship")
    assert shop.views.incidents() == []


def test_part_payments_settle_the_order_together(shop: Shop, page: Page) -> None:
    shop.place(an_order())
    page.say(amount="100.00")
    shop.work()
    assert states(shop) == {"payment pending"}
    page.say(event="evt_2", reference="tx_2", amount="68.80")
    shop.work()
    assert states(shop) == {"invoiced"}


def test_money_in_another_currency_is_not_booked_and_somebody_is_told(shop: Shop, page: Page) -> None:
    shop.place(an_order())
    said = page.say(currency="USD")
    assert (said.status_code, said.json()["status"]) == (202, "ignored")
    assert paid(shop) == []
    (incident,) = shop.views.order("A-1001").incidents
    assert incident.kind == "message not applied"


def test_money_that_is_too_much_is_booked_and_somebody_is_told(shop: Shop, page: Page) -> None:
    shop.place(an_order())
    page.say(amount="200.00")
    assert [incident.kind for incident in shop.views.order("A-1001").incidents] == ["overpaid"]


def test_a_message_that_waits_too_long_becomes_an_incident_and_is_tried_when_the_order_comes(shop: Shop, page: Page, clock: MovedClock) -> None:
    page.say()
    clock.move(hours=73)
    shop.work()
    (line,) = shop.views.incidents()
    assert (line.incident.kind, "A-1001" in line.incident.text) == ("message not applied", True)
    shop.place(an_order())
    shop.work()
    assert states(shop) == {"invoiced"}
    assert shop.views.incidents() == []


def test_a_message_of_a_kind_that_nobody_waits_for_is_kept(page: Page) -> None:
    said = page.say(kind="payment.disputed", event="evt_9")
    assert (said.status_code, said.json()["status"]) == (202, "ignored")


def test_what_is_proved_and_cannot_be_read_is_kept_once_and_somebody_is_told(shop: Shop, page: Page) -> None:
    for body, where in (("[]", "/: "), ('{"data": {}}', "/type: "), ('{"type": "t", "data": 1}', "/data: "), ("\0no JSON", "/: ")):
        answers = [httpx.post(f"{page.address}/webhooks/page", content=body, headers=page.signed(body)) for _ in range(2)]
        assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(202, "unread"), (200, "repeated")]
        assert answers[0].json()["why"].startswith(where)
    with shop.store.reading() as work:
        assert [each.body for each in work.inbox.listed(status="unread", order=None, limit=9)][-1] == "[]"
    assert [line.incident.kind for line in shop.views.incidents()] == ["message not read"] * 4


def test_what_could_not_be_read_is_read_again_once_its_reader_was_mended(shop: Shop, page: Page) -> None:
    shop.place(an_order())
    assert page.say(amount="168,80").json()["status"] == "unread"
    with shop.store.reading() as work:
        (message,) = work.inbox.listed(status="unread", order=None, limit=9)
    with pytest.raises(Conflict, match="still can't be read: /data/amount"):
        read_again(shop.engine, message, shop.providers)
    read_again(shop.engine, message, {"page": Mended(shop.providers["page"])})
    shop.work()
    assert (paid(shop), states(shop), shop.views.incidents()) == ([("tx_1", 16880)], {"invoiced"}, [])


class Mended:
    """A reader that knows commas."""

    name = "page"

    def __init__(self, reader: Provider) -> None:
        self._reader = reader

    def prove(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
        self._reader.prove(headers, body, now=now)

    def read(self, headers: Mapping[str, str], body: bytes) -> Said:
        return self._reader.read(headers, body.replace(b"168,80", b"168.80"))


def test_a_message_about_an_order_that_is_not_there_is_told_of_after_a_quarter_of_an_hour_and_no_more_once_it_comes(
    shop: Shop, page: Page, clock: MovedClock
) -> None:
    page.say()
    for minutes in (0, 14):
        clock.move(minutes=minutes)
        shop.work()
        assert shop.views.incidents() == []
    clock.move(minutes=1)
    shop.work()
    (line,) = shop.views.incidents()
    assert (line.incident.kind, "waits since 15 min" in line.incident.text) == ("message not applied", True)
    shop.place(an_order())
    shop.work()
    assert (states(shop), shop.views.incidents()) == ({"invoiced"}, [])


def test_a_message_is_due_at_once_if_its_order_changed_while_it_was_tried_in_vain(shop: Shop, page: Page, clock: MovedClock) -> None:
    page.say(event="e1", kind="payment.received", order="A-1001")
    with shop.store.writing() as work:
        (message,) = work.inbox.due(clock(), limit=9)
        again = clock() + timedelta(hours=1)
        assert work.inbox.claim(message.id, now=clock(), again=again)
    shop.place(an_order())  # while it is tried
    with shop.store.writing() as work:
        work.inbox.wait(message.id, claimed=again, next_at=again, error="there was no order")
        assert [each.id for each in work.inbox.due(clock(), limit=9)] == [message.id]
    shop.work()
    assert states(shop) == {"invoiced"}


def test_a_try_that_failed_does_not_wake_its_own_message(shop: Shop, page: Page) -> None:
    shop.place(an_order())
    body = json.dumps({"type": "ask", "data": {"order": "A-1001", "event": "ship"}})
    assert httpx.post(f"{page.address}/webhooks/page", content=body, headers=page.signed(body)).status_code == 200
    shop.work()
    with shop.store.reading() as work:
        (message,) = work.inbox.waiting_of("A-1001", limit=9)
    assert message.attempts == 1


BODY = '{"id": "evt_1", "type": "payment.received", "data": {}}'


def refused(page: Page, body: str = BODY, **headers: str | bytes) -> tuple[int, str]:
    signed: dict[str, str | bytes] = {**page.signed(BODY), **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = {name.encode(): value.encode() if isinstance(value, str) else value for name, value in signed.items()}
    answer = httpx.post(f"{page.address}/webhooks/page", content=body, headers=raw)
    return answer.status_code, answer.json()["code"]


def test_only_what_the_provider_signed_is_believed(page: Page, clock: MovedClock) -> None:
    no = (401, "not-admitted")
    assert refused(page, body=BODY.replace("evt_1", "evt_2")) == no
    assert refused(page, body=json.dumps(json.loads(BODY), indent=1)) == no
    assert refused(page, webhook_id="evt_2") == no
    assert refused(page, webhook_signature="") == no
    assert refused(page, webhook_signature="v1,\xe9".encode("latin-1")) == no
    assert refused(page, webhook_signature="v1," + "A" * 60_000) in {no, (431, "request-header-fields-too-large")}
    assert refused(page, webhook_timestamp="soon") == no
    for seconds, fits in ((-301, False), (-299, True), (299, True), (301, False)):
        headers = page.signed(BODY, at=clock() + timedelta(seconds=seconds))
        answer = httpx.post(f"{page.address}/webhooks/page", content=BODY, headers=headers)
        assert (answer.status_code == 401) != fits


def test_the_old_secret_counts_while_it_is_changed(shop: Shop, page: Page, clock: MovedClock) -> None:
    shop.place(an_order())
    assert Page(page.address, clock, OLD).say().status_code == 200


def test_without_a_secret_or_a_provider_the_address_is_closed(page: Page) -> None:
    for name in ("shut", "nobody"):
        assert httpx.post(f"{page.address}/webhooks/{name}", content="{}").status_code == 404


def test_a_message_of_more_than_a_megabyte_is_not_read(page: Page) -> None:
    assert httpx.post(f"{page.address}/webhooks/page", content=b"x" * (1024 * 1024 + 1)).status_code == 413


def by_stripe(body: str, *, at: int) -> dict[str, str]:
    mac = hmac.new(STRIPE.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    header = f"t={at},v1={mac}"
    stripe.Webhook.construct_event(body, header, STRIPE)  # Stripe's own package takes it
    return {"Stripe-Signature": header}


def stripe_says(page: Page, event: str, kind: str, **thing: Any) -> tuple[int, str]:
    about = {"currency": "eur", "metadata": {"order": "A-1001"}} | thing
    body = json.dumps({"id": event, "object": "event", "type": kind, "data": {"object": about}})
    answer = httpx.post(f"{page.address}/webhooks/stripe", content=body, headers=by_stripe(body, at=int(time.time())))
    return answer.status_code, answer.json()["status"]


def test_a_payment_that_stripe_reports_moves_the_order(shop: Shop, page: Page, clock: MovedClock) -> None:
    shop.place(an_order())
    assert clock().timestamp() == pytest.approx(time.time(), abs=200)
    assert stripe_says(page, "evt_s1", "payment_intent.succeeded", id="pi_1", amount_received=16880) == (200, "waiting")
    shop.work()
    assert (paid(shop), states(shop)) == ([("pi_1", 16880)], {"invoiced"})


def test_what_a_bank_has_promised_moves_an_order_that_is_paid_by_card(shop: Shop, page: Page) -> None:
    for reference in ("A-1001", "A-1002"):
        shop.place(an_order(reference, payment={"method": "card"}))
    assert stripe_says(page, "evt_s1", "payment_intent.amount_capturable_updated", id="pi_1", amount_capturable=16880) == (200, "waiting")
    assert page.say(kind="payment.authorized", order="A-1002").status_code == 200
    shop.work()
    assert (states(shop), states(shop, "A-1002")) == ({"authorized"}, {"authorized"})
    assert [payment.kind for payment in shop.views.order("A-1001").payments] == ["authorization"]


def test_a_refund_that_fails_after_all_is_told_once(shop: Shop, page: Page) -> None:
    shop.place(an_order())
    assert stripe_says(page, "evt_r0", "charge.refund.updated", id="re_1", amount=500, status="succeeded") == (202, "ignored")
    assert stripe_says(page, "evt_r1", "charge.refund.updated", id="re_1", amount=500, status="failed")[1] == "done"
    assert stripe_says(page, "evt_r2", "refund.failed", id="re_1", amount=500, status="failed")[1] == "done"
    (incident,) = shop.views.order("A-1001").incidents
    assert (incident.kind, "5.00 EUR" in incident.text) == ("refund failed", True)


def test_of_many_messages_with_one_id_at_once_one_moves_the_order(shop: Shop, page: Page) -> None:
    shop.place(an_order())
    with ThreadPoolExecutor(20) as senders:
        codes = list(senders.map(lambda _: page.say().status_code, range(60)))
    assert set(codes) == {200}
    shop.work()
    assert paid(shop) == [("tx_1", 16880)]
    assert sum(trigger.event == "pay" for trigger in shop.views.order("A-1001").triggers) == 1


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


def test_a_message_whose_command_failed_moves_the_order_once_that_is_mended(tmp_path: Path, clock: MovedClock) -> None:
    (tmp_path / "page").write_text(SECRET, encoding="utf-8")
    config = f'[payments.page]\nsecret_file = "{tmp_path}/page"\n'
    WORLD.reset()
    WORLD.break_for("book", RuntimeError("broken"), times=2)
    with (
        open_test_shop(
            tmp_path / "s", clock=clock, config=config, processes={"prepayment.yaml": FRAGILE}, extension="tests.unit.engine.world"
        ) as shop,
        answering(shop) as address,
    ):
        shop.place(an_order())
        assert Page(address, clock).say().status_code == 200
        for _ in range(4):
            shop.work()
            clock.move(hours=1)
        assert states(shop) == {"paid"}
