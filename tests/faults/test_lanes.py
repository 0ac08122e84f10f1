"""Several stores, each with a mail server of its own: bounces, pace, and a server that is down or refuses the login."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from oms.bootstrap import Shop, open_shop
from oms.engine.deliveries import on_their_way, send, undelivered
from oms.ports.views import OrderFilter
from tests.builders import MovedClock, an_order, make_shop
from tests.cases import rarely
from tests.unit.documents.smtp_server import Script, serving

STORE = """
[stores.tea]
locale = "de_DE"
currency = "EUR"
country = "DE"
zone = "Europe/Berlin"
calendar = "DE-BE"
from = "Teehaus <shop@tea.example>"
bcc = ["archive@tea.example"]
bcc_credit_note = ["books@tea.example"]
bounce = "bounce@tea.example"
"""
SELLER = '\n[tea]\nname = "Teehaus"\nstreet = "A 1"\npostcode = "1"\ncity = "B"\ncountry = "DE"\nvat_id = "DE123456788"\n'


@dataclass
class Stores:
    """A shop with two stores; `main` sends by one server, `tea` by the other."""

    shop: Shop
    clock: MovedClock
    main: Script
    tea: Script

    def bill(self, store: str, count: int = 1) -> None:
        for number in range(count):
            reference = f"{store}-{number}"
            self.shop.place(an_order(reference, store=store, payment={"method": "invoice"}))

    def standing(self) -> tuple[list[str], list[str]]:
        """What `oms invoice send` would send, and what it leaves to the worker."""
        papers = sorted(self.shop.views.unsent(), key=lambda paper: paper.number)
        with self.shop.store.reading() as work:
            return [each.number for each in undelivered(work, papers)], [each.number for each in on_their_way(work, papers)]

    def lanes(self) -> list[tuple[str, str]]:
        return [(line.incident.kind, line.incident.subject) for line in self.shop.views.incidents()]

    def attempts(self) -> set[int]:
        return {job.attempts for reference in self.references() for job in self.shop.views.order(reference).jobs if job.name == "deliver_mail"}

    def references(self) -> list[str]:
        return [line.reference for line in self.shop.views.orders(OrderFilter(limit=1000))]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Any]:
    """Opens them; keywords are lines for the tables of both servers."""
    with ExitStack() as stack:

        def build(*, main: str = "", tea: str = "", tea_user: tuple[str, str] | None = None, processes: Mapping[str, str] | None = None) -> Stores:
            servers = [stack.enter_context(serving(Script(user=user))) for user in (None, tea_user)]
            tables = [
                f'host = "127.0.0.1"\nport = {server.port}\nsecurity = "plain"\n{more}\n' for server, more in zip(servers, (main, tea), strict=True)
            ]
            make_shop(tmp_path, config=f"{STORE}[stores.tea.smtp]\n{tables[1]}", processes=processes)
            config = tmp_path / "config" / "oms.toml"
            text = config.read_text("utf-8").replace('transport = "file"', 'transport = "smtp"')
            head, _, rest = text.partition("[mail.smtp]")
            config.write_text(f"{head}[mail.smtp]\n{tables[0]}# ----{rest.partition('# ----')[2]}", "utf-8")
            with (tmp_path / "config" / "seller.toml").open("a", encoding="utf-8") as file:
                file.write(SELLER)
            (tmp_path / "tea-password").write_text("wrong", "utf-8")
            clock = MovedClock()
            shop = stack.enter_context(open_shop(tmp_path, clock=clock))
            shop.deploy()
            return Stores(shop, clock, *servers)

        yield build


def test_each_store_sends_by_its_own_server_with_its_own_copies_and_bounces(stores: Any) -> None:
    both: Stores = stores()
    both.bill("main")
    both.bill("tea")
    both.shop.work()
    assert {copy.sender for copy in both.main.accepted} == {"shop@kaffeehaus-muster.example"}
    assert {copy.sender for copy in both.tea.accepted} == {"bounce@tea.example"}
    assert ["jana@example.com", "archive@tea.example"] in [copy.recipients for copy in both.tea.accepted]
    assert all(b"bounce@" not in copy.content for copy in both.tea.accepted)


def test_a_credit_note_may_have_other_hidden_copies(stores: Any) -> None:
    both: Stores = stores()
    both.bill("tea")
    both.shop.trigger("tea-0", "cancel", store="tea", reason="r")
    both.shop.work()
    assert ["jana@example.com", "books@tea.example"] in [copy.recipients for copy in both.tea.accepted]


def test_many_mails_go_over_one_connection(stores: Any) -> None:
    both: Stores = stores()
    both.bill("main", 20)
    both.shop.work()
    assert (len(both.main.accepted), both.main.connections) == (40, 1)


ASKED = """
process: asked
initial: new
states:
  new:
    on_enter: {mail: {template: order_confirmation}}
  asked: {final: true}
events:
  ask: {manual: true}
transitions:
  - {from: new, event: ask, to: asked}
"""


@pytest.mark.parametrize("count", rarely(10_000))
def test_ten_thousand_mails_wait_for_one_login_and_none_is_tried_before_it(stores: Any, tmp_path: Path, count: int) -> None:
    both: Stores = stores(processes={"asked.yaml": ASKED}, tea='user = "tea"\npassword_file = "tea-password"', tea_user=("tea", "right"))
    for number in range(count):
        both.shop.place(an_order(f"tea-{number}", store="tea", process="asked"))
    both.shop.work()
    assert (both.lanes(), both.tea.connections) == ([("mail lane down", "mail:tea")], 1)

    (tmp_path / "tea-password").write_text("right", "utf-8")
    with open_shop(tmp_path, clock=both.clock) as shop:
        both.shop = shop
        both.clock.move(minutes=6)
        shop.work()
        assert (both.lanes(), len(both.tea.accepted), both.tea.connections) == ([], count, 2)


@pytest.mark.parametrize("count", [15, *rarely(150)])
def test_a_wrong_password_stops_one_lane_after_one_login_and_costs_no_mail_a_try(stores: Any, tmp_path: Path, count: int) -> None:
    both: Stores = stores(tea='user = "tea"\npassword_file = "tea-password"', tea_user=("tea", "right"))
    both.bill("tea", count)
    both.bill("main", 2)
    both.shop.work()
    assert both.lanes() == [("mail lane down", "mail:tea")]
    assert (both.tea.connections, both.attempts() - {1}, len(both.main.accepted)) == (1, {0}, 4)
    both.clock.move(minutes=1)
    both.shop.work()
    assert both.tea.connections == 1, "nobody knocks before five minutes are over"
    both.clock.move(minutes=5)
    both.shop.work()
    assert both.tea.connections == 2

    (tmp_path / "tea-password").write_text("right", "utf-8")
    with open_shop(tmp_path, clock=both.clock) as shop:
        both.shop = shop
        both.clock.move(minutes=6)
        shop.work()
        assert both.lanes() == []
        assert len(both.tea.accepted) == 2 * count


def test_a_server_is_offered_no_more_mails_a_minute_than_it_takes(stores: Any) -> None:
    both: Stores = stores(main="rate_per_minute = 5")
    both.bill("main", 6)
    both.bill("tea", 3)
    taken = []
    for _ in range(4):
        both.shop.work()
        taken.append(len(both.main.accepted))
        both.clock.move(seconds=61)
    assert taken == [5, 10, 12, 12]
    assert len(both.tea.accepted) == 6, "the other server goes on"
    assert both.attempts() == {1}
    assert both.lanes() == []


def test_sending_by_hand_goes_on_with_the_stores_whose_server_works(stores: Any) -> None:
    both: Stores = stores(tea='user = "a"\npassword_file = "tea-password"', tea_user=("a", "right"))
    both.bill("tea", 2)
    both.bill("main")
    with both.shop.store.reading() as work:
        papers = [paper for order in (1, 2, 3) for paper in work.documents.of(order)]
    sent = send(both.shop.engine, papers, force=False, dry_run=False, actor="test")
    assert [(paper.store, each.outcome) for paper, each in zip(papers, sent, strict=True)] == [("tea", "failed"), ("tea", "failed"), ("main", "sent")]
    assert sent[1].sentence.startswith("not tried: ")


def test_an_invoice_sent_by_hand_waits_its_turn_and_is_no_failure(stores: Any) -> None:
    both: Stores = stores(main="rate_per_minute = 1")
    both.bill("main")
    with both.shop.store.reading() as work:
        documents = work.documents.of(work.orders.named("main-0", store="main").id)
    (sent,) = send(both.shop.engine, documents, force=True, dry_run=False, actor="test")
    (waits,) = send(both.shop.engine, documents, force=True, dry_run=False, actor="test")
    assert (sent.outcome, waits.outcome) == ("sent", "waits")
    assert {job.error for job in both.shop.views.order("main-0").jobs} == {None}


def test_a_mail_that_waits_its_turn_is_on_its_way_until_its_server_takes_nothing(stores: Any) -> None:
    both: Stores = stores(main="rate_per_minute = 1")
    both.bill("main", 3)
    both.shop.work()
    failed, waiting = both.standing()
    assert (failed, len(waiting) >= 2) == ([], True), "one mail was offered"

    both.main.mail = ["530 5.7.0 authentication required"] * 9
    both.clock.move(seconds=61)
    both.shop.work()
    assert both.standing() == (waiting, [])

    both.main.mail = []
    for _ in range(8):
        both.clock.move(minutes=6)
        both.shop.work()
    assert both.standing() == ([], [])


def test_the_sentence_names_the_table_of_the_server_that_is_meant(stores: Any) -> None:
    both: Stores = stores(tea='user = "tea"\npassword_file = "tea-password"', tea_user=("tea", "right"))
    both.bill("tea")
    both.shop.work()
    (line,) = both.shop.views.incidents()
    assert "Check stores.tea.smtp.user and its password." in line.incident.text
