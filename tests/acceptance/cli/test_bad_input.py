"""Whatever is typed: one clear sentence for each fault, an exit code, no trace, and nothing done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oms.bootstrap import open_shop
from tests.acceptance.cli.calling import Caller, a_caller, call
from tests.builders import an_order

CALLS = [
    # ---- orders: the shop says no ----
    (("order", "show", "X"), 1, 'There is no order "X". `oms order list` shows what there is.'),
    (("order", "trigger", "A-1001", "shp"), 1, 'The process prepayment has no event "shp"; did you mean "ship"?'),
    (("order", "trigger", "A-1001", "ship"), 1, 'Can\'t ship when in "payment pending". Possible: pay, remind, expire, cancel.'),
    (("order", "trigger", "A-1001", "accept"), 1, 'Can\'t accept when in "any state"'),
    (("order", "trigger", "A-1001", "cancel"), 1, 'reason: "cancel" wants a reason: say why in a few words.'),
    (("order", "trigger", "A-1001", "pay", "--with", "{}"), 1, "payload/amount: is missing"),
    (("order", "trigger", "A-1001", "remind", "--item", "9"), 1, 'The order has no item "9". It has: 1, 2.'),
    (("order", "trigger", "A-1001", "remind", "--item", "1=9"), 1, "9 of 2 units can't be taken: 1 to 2."),
    (("order", "trigger", "A-1001", "remind", "--expect", "paid"), 1, 'Expected "paid", but items are in: payment pending. Look again.'),
    (("order", "correct", "A-1001", "--with", '{"total": "1.00"}', "--reason", "x"), 1, 'unknown key "total"'),
    (("order", "correct", "A-1001", "--with", '{"customer": {"email": "a b"}}', "--reason", "x"), 1, "/customer/email"),
    (("order", "hold", "A-1001", "--reason", " "), 1, "reason: is missing: say why in a few words."),
    (("hold", "everything", "--reason", "x"), 1, 'not "everything"'),
    (("invoice", "show", "RE-9"), 1, 'There is no invoice "RE-9".'),
    (("invoice", "pdf", "RE-9"), 1, 'There is no invoice "RE-9".'),
    (("invoice", "send", "RE-9"), 1, 'There is no invoice "RE-9".'),
    (("mail", "retry", "99"), 1, "There is no mail 99."),
    (("incident", "close", "99"), 1, "No incident 99 is open."),
    (("graph", "nix"), 1, 'No process "nix" is deployed. There is: card, invoice, marketplace, prepayment.'),
    (("graph", "nix", "--file"), 1, 'There is no process "nix"'),
    (("deploy", "nix"), 1, 'there is no process "nix"'),
    (("backup", "."), 1, "is not empty"),
    # ---- the call can't be read ----
    (("ordr",), 2, "No such command 'ordr'"),
    (("order", "show"), 2, "Missing argument 'REF'"),
    (("order", "show", "A-1001", "--jsn"), 2, "No such option: --jsn"),
    (("order", "place", "nix.json"), 2, "nix.json can't be read: No such file or directory."),
    (("order", "place", "."), 2, "can't be read: Is a directory."),
    (("order", "place", "/dev/null"), 1, "the document is no JSON"),
    (("order", "trigger", "A-1001", "pay", "--with", "{"), 2, "it is no JSON: line 1, column 2"),
    (("order", "trigger", "A-1001", "pay", "--with", "[1]"), 2, "it must be a JSON object"),
    (("order", "trigger", "A-1001", "remind", "--item", "1=two"), 2, "write an item, or an item and a number of units, as in 2=3."),
    (("order", "list", "--older-than", "3x"), 2, "'3x' is no duration: use 30s, 15m, 2h, 10d"),
    (("order", "list", "--limit", "0"), 2, "--limit"),
    (("mail", "retry", "first"), 2, "ID"),
    (("mail", "retry", "9" * 30), 2, "ID"),
    (("order", "show", "\udcff"), 2, '"\\udcff" holds a control character, or bytes that are no UTF-8'),
    (("order", "trigger", "A-1001", "cancel", "--reason", "\x1b[31m"), 2, '"\\x1b[31m" holds a control character'),
    (("order", "trigger", "A-1001", "pay", "--with", '{"x": 1e999}'), 2, "/x: inf is no number that JSON knows."),
    (("order", "trigger", "A-1001", "pay", "--with", '{"x": "\\ud800"}'), 2, "/x: holds half a character"),
    (("check", __file__), 2, "is no process file: NAME.yaml is one."),
    (("init", __file__), 2, "is a file"),
    (("check", "nix.yaml"), 2, "nix.yaml"),
    (("check", "--format", "xml"), 2, "--format"),
]


@pytest.fixture(scope="module")
def oms(tmp_path_factory: pytest.TempPathFactory) -> Caller:
    """Nothing that is refused changes its order, so that all can be refused by one shop."""
    caller = a_caller(tmp_path_factory.mktemp("shop"))
    caller.place()
    return caller


@pytest.fixture(scope="module")
def order(oms: Caller) -> object:
    """The order as it was before anything was refused."""
    return oms("order", "show", "A-1001", "--json").data["history"]


@pytest.mark.parametrize(("arguments", "code", "sentence"), CALLS, ids=[" ".join(call_[0])[:50] for call_ in CALLS])
def test_a_call_that_can_not_be_done_is_answered_by_a_sentence(oms: Caller, order: str, arguments: tuple[str, ...], code: int, sentence: str) -> None:
    said = oms(*arguments)
    assert (said.code, said.out) == (code, "")
    assert sentence in said.err
    assert all(line.startswith("oms: ") for line in said.err.splitlines())

    told = oms(*arguments, "--json")
    assert (told.code, told.out) == (code, "")
    assert sentence in told.error["message"]
    assert told.error["code"]

    assert oms("order", "show", "A-1001", "--json").data["history"] == order


def test_a_refused_event_tells_programs_what_is_possible(oms: Caller) -> None:
    error = oms("order", "trigger", "A-1001", "ship", "--json").error
    assert (error["code"], error["event"], error["states"]) == ("not-possible", "ship", ["payment pending"])
    assert error["possible"] == ["pay", "remind", "expire", "cancel"]


DOCUMENTS = [
    (b"", "the document is no JSON: line 1, column 1"),
    (b"{", "the document is no JSON: line 1, column 2"),
    (b"null", "An order document is an object {…}, found null."),
    (b"\xff\xfe{", "the document is not UTF-8: byte 0"),
    (b"[" * 100_000, "the document is nested more than 20 levels deep."),
    (b'"' + b"x" * 300_000 + b'"', "at most 256 KB are read."),
    (b'{"a": 1, "a": 2}', 'the key "a" stands twice'),
    (b'{"a": NaN}', "NaN is no number that JSON knows."),
]


@pytest.mark.parametrize(("document", "sentence"), DOCUMENTS, ids=[text[:12].decode(errors="replace") or "empty" for text, _ in DOCUMENTS])
def test_a_document_that_can_not_be_read_is_refused_in_one_line(oms: Caller, document: bytes, sentence: str) -> None:
    said = oms("order", "place", "-", stdin=document)
    assert (said.code, said.out, len(said.err.splitlines())) == (1, "", 1)
    assert sentence in said.err


def test_all_faults_of_a_document_are_told_at_once_each_with_its_place(oms: Caller) -> None:
    document = an_order("B 1", currency="EURO", items=[])
    said = oms("order", "place", "-", stdin=json.dumps(document).encode())
    places = [line.removeprefix("oms: ").split(":")[0] for line in said.err.splitlines()]
    assert (said.code, sorted(places)) == (1, ["/currency", "/items", "/reference"])
    problems = oms("order", "place", "-", "--json", stdin=json.dumps(document).encode()).error["problems"]
    assert sorted(problem["where"] for problem in problems) == sorted(places)


def test_a_reference_with_other_content_is_refused(oms: Caller) -> None:
    said = oms("order", "place", "-", stdin=json.dumps(an_order("A-1001", comment="other")).encode())
    assert (said.code, said.err) == (1, 'oms: The order "A-1001" exists with other content. A new order needs a new reference.\n')


def test_settings_that_can_not_be_read_end_with_2_and_name_file_and_key(tmp_path: Path) -> None:
    caller = a_caller(tmp_path)
    with (tmp_path / "config" / "oms.toml").open("a") as file:
        file.write("\n[databse]\nurl = 3\n")
    for command in (("order", "list"), ("deploy",), ("work", "--once"), ("check",), ("config", "show")):
        said = caller(*command)
        assert (said.code, said.out) == (2, "")
        assert said.err == "oms: config/oms.toml: databse: No setting is called so: did you mean database?\n"


@pytest.mark.parametrize("command", [("order", "list"), ("invoice", "list"), ("work", "--once"), ("deploy",)], ids=" ".join)
def test_without_a_database_it_is_said_how_to_get_one_and_none_is_made(oms: Caller, tmp_path: Path, command: tuple[str, ...]) -> None:
    assert oms("init", tmp_path).code == 0
    said = Caller(tmp_path)(*command)
    assert (said.code, said.out) == (1, "")
    assert "A new shop gets one by `oms db upgrade`" in said.err
    assert not (tmp_path / "data" / "oms.db").exists()


@pytest.mark.parametrize("content", [b"this is no database" * 1000, b""], ids=["rubbish", "empty"])
def test_a_file_that_is_no_database_is_told_in_a_sentence(oms: Caller, tmp_path: Path, content: bytes) -> None:
    assert oms("init", tmp_path).code == 0
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "oms.db").write_bytes(content)
    said = Caller(tmp_path)("order", "list")
    assert (said.code, len(said.err.splitlines())) == (1, 1)


def test_a_folder_without_a_shop_is_told_in_a_process_of_its_own_without_a_trace(tmp_path: Path) -> None:
    said = call("order", "list", folder=tmp_path)
    assert (said.code, said.out) == (2, "")
    assert said.err.count("`oms init` makes a shop") == 2
    assert "Traceback" not in said.err


def test_what_comes_from_outside_can_not_steer_a_terminal(oms: Caller) -> None:
    oms.place("A-2")
    refused = oms("order", "trigger", "A-2", "pay", "--with", '{"amount": "1.00", "reference": "tx\\u001b[2Jx"}')
    assert (refused.code, refused.err) == (1, "oms: payload/reference: holds the control character U+001B: remove it.\n")

    with open_shop(oms.folder) as shop, shop.store.writing() as work:
        work.notes.add(work.orders.named("A-2").id, text="tx\x1b[2Jx", actor="a shop's command", hop=None, at=work.now())
    shown = oms("order", "show", "A-2").out
    assert ("\x1b" in shown, "tx\N{REPLACEMENT CHARACTER}[2Jx" in shown) == (False, True)
