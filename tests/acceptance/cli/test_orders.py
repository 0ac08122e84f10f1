"""`oms order …` and `oms history`."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.cli.calling import NUMBER, PAY, Caller, a_caller
from tests.builders import an_order

CALLING = """
process: calling
initial: new
states:
  new: {run: {call_webhook: {url: "http://127.0.0.1/label"}}, then: finish label}
  labelled: {final: true}
events:
  finish label: {}
transitions:
  - {from: new, event: finish label, to: labelled}
"""
"""Its job is given up at once: no address inside the network is called."""


@pytest.fixture(scope="module")
def two_orders(tmp_path_factory: pytest.TempPathFactory) -> Caller:
    """One that waits for a payment, and one that waits for a person."""
    caller = a_caller(tmp_path_factory.mktemp("shop"))
    caller.place("A-1")
    caller.place("B-2", payment={"method": "invoice"}, data={"review": True})
    return caller


def test_placing_says_where_the_items_stand(oms: Caller) -> None:
    said = oms("order", "place", "-", stdin=json.dumps(an_order()).encode())
    assert said.out.splitlines()[0] == "Order A-1001 is placed."
    assert said.out.count("new → payment pending") == 2


def test_placing_a_file_twice_answers_the_same_and_changes_nothing(oms: Caller) -> None:
    file = oms.folder / "order.json"
    file.write_text(json.dumps(an_order()))
    first, second = oms("order", "place", file, "--json").data, oms("order", "place", file, "--json").data
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert [result["state"] for result in second["results"]] == ["payment pending"] * 2
    assert len(oms("order", "list", "--json").data) == 1


def test_an_order_tells_first_why_its_items_wait_and_then_everything(billed: Caller) -> None:
    text = billed("order", "show", "A-1001").out
    for part in (
        "Order A-1001  168.80 EUR, Jana Novak <jana@example.com>",
        "Process prepayment, version 1.",
        "Espresso cups",
        'Waits for a person: "ship".',
        "payment 168.80 EUR, tx_1",
        f"{NUMBER}  of ",
        "jana@example.com: sent",
        "payment pending → paid (pay)",
    ):
        assert part in text
    assert max(map(len, text.splitlines())) <= 80 + len("archive@kaffeehaus-muster.example: sent")


def test_an_order_as_data_has_waiting_events_and_history_of_each_item(oms: Caller) -> None:
    oms.place()
    order = oms("order", "show", "A-1001", "--json").data
    first, second = order["items"]
    assert (order["reference"], order["total"], order["process"]) == ("A-1001", "168.80", {"name": "prepayment", "version": 1})
    assert (first["id"], first["sku"], first["quantity"], first["state"]) == ("1", "CUP-4", 2, "payment pending")
    assert first["waiting"]["kind"] == second["waiting"]["kind"] == "engine"  # no worker has looked at it yet
    assert first["waiting"]["others"][0] == '"pay" from outside'
    assert order["available_events"] == ["pay", "remind", "expire", "cancel"]
    assert {timer["event"] for timer in order["timers"]} == {"remind", "expire"}
    assert [(row["item"], row["to"]) for row in order["history"]] == [("1", "new"), ("2", "new"), ("1", "payment pending"), ("2", "payment pending")]


def test_the_history_tells_who_let_it_happen_and_why(oms: Caller) -> None:
    oms.place()
    oms("order", "trigger", "A-1001", "cancel", "--reason", "changed her mind")
    text = oms("history", "A-1001").out
    assert "payment pending → cancelled (cancel)" in text
    assert "changed her mind" in text
    row = oms("history", "A-1001", "--json").data[-1]
    assert (row["event"], row["reason"], row["actor"].startswith("cli")) == ("cancel", "changed her mind", True)


def test_a_list_shows_for_whom_each_order_waits(two_orders: Caller) -> None:
    newest, oldest = two_orders("order", "list", "--json").data
    assert (oldest["reference"], oldest["states"]) == ("A-1", {"payment pending": 2})
    assert (newest["reference"], {each["kind"] for each in newest["waiting"]}) == ("B-2", {"person"})
    text = two_orders("order", "list").out
    assert max(map(len, text.splitlines())) <= 80
    assert "person" in text


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), ["B-2", "A-1"]),
        (("--state", "under review"), ["B-2"]),
        (("--process", "invoice"), ["B-2"]),
        (("--search", "b-2"), ["B-2"]),
        (("--search", "novak"), ["B-2", "A-1"]),
        (("--attention",), []),
        (("--older-than", "3d"), []),
        (("--limit", "1"), ["B-2"]),
        (("--store", "other"), []),
    ],
    ids=" ".join,
)
def test_a_list_is_narrowed_down(two_orders: Caller, options: tuple[str, ...], found: list[str]) -> None:
    assert [line["reference"] for line in two_orders("order", "list", "--json", *options).data] == found


def test_an_event_reaches_the_named_items_and_splits_off_the_named_units(billed: Caller) -> None:
    answer = billed("order", "trigger", "A-1001", "ship", "--item", "1=1", "--item", "2", "--json").data
    assert {result["item"]: (result["outcome"], result["state"]) for result in answer["results"]} == {
        "1.1": ("moved", "shipped"),
        "2": ("moved", "shipped"),
    }
    states = {item["id"]: (item["quantity"], item["state"]) for item in billed("order", "show", "A-1001", "--json").data["items"]}
    assert states == {"1": (1, "invoiced"), "1.1": (1, "shipped"), "2": (1, "shipped")}
    assert "split off: invoiced" in billed("history", "A-1001").out


def test_an_item_that_has_not_the_event_is_told_beside_one_that_moved(billed: Caller) -> None:
    billed("order", "trigger", "A-1001", "ship", "--item", "1")
    said = billed("order", "trigger", "A-1001", "ship", "--item", "1", "--item", "2")
    assert said.code == 0
    assert "not applicable" in said.out
    assert 'Can\'t ship when in "shipped"' in " ".join(said.out.split())


def test_a_repeated_key_answers_as_the_first_time(oms: Caller) -> None:
    oms.place()
    first = oms("order", "trigger", "A-1001", "pay", "--with", PAY, "--key", "k1", "--json").data
    second = oms("order", "trigger", "A-1001", "pay", "--with", PAY, "--key", "k1", "--json").data
    assert (first["repeated"], second["repeated"], second["results"]) == (False, True, first["results"])
    assert len(oms("order", "show", "A-1001", "--json").data["payments"]) == 1


def test_a_trigger_is_told_to_programs_with_what_it_brought_and_what_was_answered(oms: Caller) -> None:
    oms.place()
    oms("order", "trigger", "A-1001", "pay", "--with", PAY, "--key", "k1")

    placed, paid = oms("order", "show", "A-1001", "--json").data["triggers"][:2]

    assert (placed["event"], placed["payload"]) == ("__place__", None)
    assert (paid["event"], paid["key"], paid["payload"]) == ("pay", "k1", json.loads(PAY))
    assert [(result["outcome"], result["asked"]) for result in paid["results"]] == [("moved", ["payment_is_settled: yes"])] * 2


def test_a_correction_stands_on_the_order_with_its_reason(oms: Caller) -> None:
    oms.place()
    change = '{"customer": {"email": "jana.novak@example.com"}}'
    assert oms("order", "correct", "A-1001", "--with", change, "--reason", "typing error").code == 0
    order = oms("order", "show", "A-1001", "--json").data
    assert order["customer"] == {"name": "Jana Novak", "email": "jana.novak@example.com"}
    assert "typing error" in order["notes"][0]["text"]


def test_a_held_order_waits_for_its_release(oms: Caller) -> None:
    oms.place()
    assert oms("order", "hold", "A-1001", "--reason", "customer asked").code == 0
    waits = oms("order", "show", "A-1001", "--json").data["items"][0]["waiting"]
    assert (waits["kind"], "customer asked" in waits["sentence"]) == ("held", True)
    assert "held" in oms("order", "list").out
    assert oms("order", "release", "A-1001", "--reason", "she called", "--json").data["released"] is True
    assert oms("order", "release", "A-1001", "--reason", "she called", "--json").data["released"] is False


def test_what_was_given_up_needs_attention_until_it_is_mended_and_tried_again(oms: Caller) -> None:
    seller = oms.folder / "config" / "seller.toml"
    whole = seller.read_text()
    seller.write_text(whole.replace('country = "DE"', 'country = "DE"\nsmall_business = true', 1).replace("small_business = false", "", 1))
    oms.place()
    oms("order", "trigger", "A-1001", "pay", "--with", PAY)
    worked = oms("work", "--once")
    assert "1 thing needs attention: oms incident list" in worked.out or "2 things need attention" in worked.out

    (order,) = oms("order", "list", "--attention", "--json").data
    assert {each["kind"] for each in order["waiting"]} == {"failed"}
    assert "oms order retry A-1001" in oms("order", "show", "A-1001").out.replace("\n", " ")

    seller.write_text(whole)
    assert "2 items are tried again" in oms("order", "retry", "A-1001").out
    oms("work", "--once")
    assert oms("incident", "list").out == "Nothing needs attention.\n"
    assert oms("order", "show", "A-1001", "--json").data["items"][0]["state"] == "invoiced"


def test_nothing_is_tried_again_where_nothing_failed(oms: Caller) -> None:
    oms.place()
    assert oms("order", "retry", "A-1001").out == "Order A-1001: nothing had failed.\n"


@pytest.fixture
def stuck(oms: Caller) -> Caller:
    """An order, A-1001, that waits for a job which was given up."""
    (oms.folder / "processes" / "calling.yaml").write_text(CALLING)
    assert oms("deploy", "calling").code == 0
    oms.place(process="calling")
    oms("work", "--once")
    return oms


def test_an_order_that_waits_for_a_job_that_was_given_up_names_both_ways_out(stuck: Caller) -> None:
    waits = stuck("order", "show", "A-1001", "--json").data["items"][0]["waiting"]
    assert waits["kind"] == "failed"
    assert waits["sentence"] == (
        '"call_webhook" is given up after 1 try: 127.0.0.1 is an address inside the network: it is not called, unless webhooks.inside names it. '
        'Mend that, then: oms order retry A-1001. If it was settled elsewhere: oms order skip A-1001 --reason "…".'
    )
    assert waits["sentence"] in " ".join(stuck("incident", "list").out.split())


def test_a_job_that_was_given_up_is_skipped_by_a_person_who_says_why(stuck: Caller) -> None:
    said = stuck("order", "skip", "A-1001", "--reason", "printed by hand")
    assert (said.code, said.out.splitlines()[0]) == (0, "Order A-1001 goes on without the job.")
    assert said.out.count("new → labelled") == 2
    assert stuck("incident", "list").out == "Nothing needs attention.\n"
    text = stuck("history", "A-1001").out
    for part in ("job skipped: new", "new → labelled (finish label)", "printed by hand"):
        assert part in text


def test_what_became_of_a_skip_is_told_to_programs_and_so_is_that_there_was_nothing_to_skip(stuck: Caller) -> None:
    answer = stuck("order", "skip", "A-1001", "--reason", "printed by hand", "--json").data
    assert [(result["item"], result["outcome"], result["state"]) for result in answer["results"]] == [
        ("1", "moved", "labelled"),
        ("2", "moved", "labelled"),
    ]
    again = stuck("order", "skip", "A-1001", "--reason", "printed by hand", "--json")
    assert (again.code, again.error["code"], again.error["states"]) == (1, "not-possible", ["labelled"])


def test_nothing_is_skipped_without_a_reason(stuck: Caller) -> None:
    assert stuck("order", "skip", "A-1001").code == 2
    said = stuck("order", "skip", "A-1001", "--reason", " ")
    assert (said.code, said.err) == (1, "oms: reason: is missing: say why in a few words.\n")
    assert stuck("order", "show", "A-1001", "--json").data["items"][0]["state"] == "new"


def test_an_order_that_is_overpaid_says_by_how_much_until_the_money_went_back(billed: Caller) -> None:
    assert "168.80 EUR paid of 168.80 EUR due: settled" in billed("order", "show", "A-1001").out
    again = billed("order", "trigger", "A-1001", "pay", "--with", PAY.replace("tx_1", "tx_2"))
    assert (again.code, again.out.count("moved")) == (0, 2)
    assert "337.60 EUR paid of 168.80 EUR due: overpaid by 168.80 EUR" in billed("order", "show", "A-1001").out
    order = billed("order", "show", "A-1001", "--json").data
    assert [order[name] for name in ("due", "paid", "overpaid", "attention")] == ["168.80", "337.60", "168.80", True]
    assert 'record-refund A-1001 --reference "…"' in billed("incident", "list").out

    said = billed("order", "record-refund", "A-1001", "--reference", "bank 77")
    assert (said.code, said.out) == (0, "Order A-1001: 168.80 EUR went back by hand: bank 77.\n")
    assert billed("incident", "list").out == "Nothing needs attention.\n"
    assert "settled" in billed("order", "show", "A-1001").out
    refused = billed("order", "record-refund", "A-1001", "--reference", "bank 78", "--json")
    assert (refused.code, refused.error["code"]) == (1, "conflict")


def test_an_order_that_is_paid_in_part_says_what_is_open(oms: Caller) -> None:
    oms.place()
    assert "0.00 EUR paid of 168.80 EUR due: 168.80 EUR open" in oms("order", "show", "A-1001").out
    oms("order", "trigger", "A-1001", "pay", "--with", '{"amount": "100.00", "reference": "tx_1"}')
    assert "100.00 EUR paid of 168.80 EUR due: 68.80 EUR open" in oms("order", "show", "A-1001").out


def test_what_is_possible_is_written_as_it_is_typed(oms: Caller) -> None:
    oms.ship()
    assert '"generate invoice", pay, "announce return"' in oms("order", "show", "M-1").out
    assert oms("order", "trigger", "M-1", "generate invoice").code == 0
