"""`Idempotency-Key` on requests that are no triggers: the answer of the first time, and nothing happens again."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2 as httpx
import pytest

from oms.accounts.keys import revoke_key
from oms.accounts.tokens import token_hash
from oms.bootstrap import Shop
from oms.engine.repeating import GONE, KEPT, begin, settle
from oms.errors import InProgress
from oms.ports.access import ApiKey
from oms.rights import RIGHTS
from oms.store.kept_answers import KEPT as TABLE
from oms.worker import Worker
from tests.acceptance.api.serving import client_of, key_for, new_key, served
from tests.builders import an_order, open_test_shop

COMMENTS = "/api/v1/orders/A-1001/comments"


@pytest.fixture
def speaking(shop: Shop, client: httpx.Client) -> httpx.Client:
    shop.place(an_order())
    return client


def remark(client: httpx.Client, key: str, text: str = "called back") -> httpx.Response:
    return client.post(COMMENTS, json={"text": text}, headers={"Idempotency-Key": key})


def texts(client: httpx.Client) -> list[str]:
    return [each["text"] for each in client.get(COMMENTS).json()["comments"]]


def age(shop: Shop, by: timedelta) -> None:
    with shop.store.writing() as work:
        work.execute(TABLE.update().values(begun_at=work.now() - by))


def test_a_repeated_request_gets_the_same_answer_and_nothing_happens_again(speaking: httpx.Client) -> None:
    first, again = remark(speaking, "k 1"), remark(speaking, "k 1")
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert (again.headers["Content-Type"], texts(speaking)) == ("application/json", ["called back"])
    assert remark(speaking, "k 2").status_code == 201
    assert texts(speaking) == ["called back", "called back"]


def test_a_key_belongs_to_one_request_and_to_one_caller(shop: Shop, address: str, speaking: httpx.Client) -> None:
    remark(speaking, "k")
    other = remark(speaking, "k", "something else")
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    elsewhere = speaking.post("/api/v1/orders/A-1001/hold", json={"text": "called back"}, headers={"Idempotency-Key": "k"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "key-reused")
    with client_of(address, new_key(shop, "other")) as somebody:
        assert remark(somebody, "k", "something else").status_code == 201


def test_an_answer_is_for_who_may_still_ask_for_it_and_sees_the_same_store(shop: Shop, address: str) -> None:
    """A key is revoked, and another program gets its name."""
    shop.place(an_order())
    for number, scopes in enumerate((["orders.comment"], ["orders.read"])):
        with client_of(address, new_key(shop, "erp", scopes=scopes)) as program:
            assert remark(program, "k").status_code == (201, 403)[number]
        revoke_key(shop.store, "erp")
    with shop.store.writing() as work:
        work.api_keys.add(ApiKey(name="erp", store="tea", scopes=tuple(RIGHTS), sha256=token_hash("oms_t"), actor="test", created_at=work.now()))
    with client_of(address, "oms_t") as stranger:
        assert remark(stranger, "k").json()["code"] == "key-reused"


@pytest.mark.parametrize("key", [b"", b"x" * 256, b"a\x01b", b"caf\xe9", b"a\tb"])
def test_a_key_that_is_none_is_refused(speaking: httpx.Client, key: bytes) -> None:
    for path, body in ((COMMENTS, {"text": "x"}), ("/api/v1/orders/A-1001/events", {"event": "pay"})):
        refused = speaking.post(path, json=body, headers={b"Idempotency-Key": key})
        assert (refused.status_code, refused.json()["code"]) == (400, "unreadable")
    assert texts(speaking) == []


def test_what_was_refused_may_be_tried_again_under_its_key(shop: Shop, client: httpx.Client) -> None:
    assert remark(client, "k").status_code == 404
    shop.place(an_order())
    assert remark(client, "k").status_code == 201


def test_a_request_that_is_still_being_answered_is_not_begun_again(shop: Shop, speaking: httpx.Client) -> None:
    remark(speaking, "k")
    with shop.store.writing() as work:
        work.execute(TABLE.update().values(status=None, begun_at=work.now()))
    waiting = remark(speaking, "k")
    assert (waiting.status_code, waiting.json()["code"], waiting.headers["Retry-After"]) == (409, "in-progress", "2")
    age(shop, GONE)  # its process has died, before anything was done
    assert remark(speaking, "k").status_code == 201
    assert remark(speaking, "k").headers["Idempotency-Replayed"] == "true"


def test_who_was_taken_over_can_do_nothing_any_more(shop: Shop, speaking: httpx.Client) -> None:
    """What is done and the answer are one transaction: it is rolled back with the answer that can't be kept."""
    slow = begin(shop.store, "key:webshop", "k", sha256="x")
    age(shop, GONE)
    slow = replace(slow, begun_at=slow.begun_at - GONE)
    begin(shop.store, "key:webshop", "k", sha256="x")
    with shop.store.reading() as work:
        order = work.orders.named("A-1001").id

    def remark_too_late() -> None:
        with shop.store.writing() as work:
            work.notes.add(order, text="too late", actor="x", hop=None, at=work.now())
            settle(work, slow)

    with pytest.raises(InProgress):
        remark_too_late()
    assert texts(speaking) == []


def test_who_dies_between_the_commit_and_the_answer_has_answered(tmp_path: Path, database_url: str) -> None:
    """What was noted with what was done is found by who asks again."""
    open_test_shop(tmp_path / "shop", database=None if database_url.startswith("sqlite") else database_url).close()
    key = key_for(tmp_path / "shop")
    with served(tmp_path / "shop", "--no-work", failpoint="once.before_keep") as server, server.client(key) as client:
        client.post("/api/v1/orders", json=an_order())
        with pytest.raises(httpx.HTTPError):
            remark(client, "k")
    with served(tmp_path / "shop", "--no-work") as server, server.client(key) as client:
        again = remark(client, "k")
        assert (again.status_code, again.json()["text"], again.headers["Idempotency-Replayed"]) == (201, "called back", "true")
        assert texts(client) == ["called back"]


def test_of_many_at_once_one_is_done(shop: Shop, address: str, speaking: httpx.Client) -> None:
    answers: list[int] = []

    def ask() -> None:
        with client_of(address, key) as client:
            answers.append(remark(client, "k").status_code)

    key = new_key(shop, "many")
    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert texts(speaking) == ["called back"]


def test_an_answer_is_kept_for_a_day_and_a_worker_forgets_it(shop: Shop, speaking: httpx.Client) -> None:
    remark(speaking, "k")
    age(shop, KEPT + timedelta(seconds=1))
    assert remark(speaking, "k", "the next day").status_code == 201
    age(shop, KEPT + timedelta(seconds=1))
    Worker(shop)._sweep()
    with shop.store.reading() as work:
        assert work.kept_answers.find("key:webshop", "k") is None
