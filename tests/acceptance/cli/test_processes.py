"""`oms check`, `deploy`, `graph` and `schema`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oms.bootstrap import open_shop
from oms.process.graph import to_mermaid
from tests.acceptance.cli.calling import Caller

BROKEN = "process: broken\ninitial: new\nstates: {new: {}}\ntransitions: [{from: new, to: gone}]\n"
CAREFREE = """
process: carefree
initial: new
states: {new: {}, done: {final: true}}
events: {finish: {}}
transitions: [{from: new, event: finish, to: done}]
"""


def write(oms: Caller, name: str, text: str) -> Path:
    path = oms.folder / "processes" / name
    path.write_text(text)
    return path


def test_files_in_order_end_with_0(oms: Caller) -> None:
    said = oms("check")
    assert (said.code, said.out) == (0, "4 processes checked.\n")


def test_an_error_ends_with_1_and_is_told_with_place_line_and_hint(oms: Caller) -> None:
    path = write(oms, "broken.yaml", BROKEN)
    said = oms("check")
    assert (said.code, said.err) == (1, "")
    assert f"{path}:4:31: error[OMS010]" in said.out
    assert "transitions: [{from: new, to: gone}]" in said.out


def test_a_warning_ends_with_1_only_if_one_is_strict(oms: Caller) -> None:
    path = write(oms, "carefree.yaml", CAREFREE)
    assert (oms("check", path).code, oms("check", "--strict", path).code) == (0, 1)
    assert "warning[OMS042]" in oms("check", path).out


def test_of_a_named_file_only_what_concerns_it_is_told(oms: Caller) -> None:
    write(oms, "broken.yaml", BROKEN)
    good = oms.folder / "processes" / "prepayment.yaml"
    assert oms("check", good).out == "1 process checked.\n"
    part = write(oms, "parts/refund.yaml", "process: refund\nstaets: {}\n")
    said = oms("check", part)
    assert (said.code, "broken" in said.out, f"{part}:2:1: error[OMS002]" in said.out) == (1, False, True)


def test_a_folder_in_the_place_of_a_file_ends_with_2(oms: Caller) -> None:
    (oms.folder / "processes" / "folder.yaml").mkdir()
    said = oms("check")
    assert (said.code, "The file can't be read: it is a folder or a device." in said.out) == (2, True)


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_findings_are_told_to_programs(oms: Caller, form: str) -> None:
    write(oms, "broken.yaml", BROKEN)
    said = oms("check", "--format", form)
    assert said.code == 1
    assert "OMS010" in json.dumps(said.data)
    assert "OMS010" in [finding["code"] for finding in oms("check", "--json").data["findings"]]


def test_findings_become_annotations(oms: Caller) -> None:
    path = write(oms, "broken.yaml", BROKEN)
    assert f"::error file={path},line=4,col=31,title=OMS010::" in oms("check", "--format", "github").out


def test_deploying_counts_contents_and_the_old_file_takes_a_change_back(oms: Caller) -> None:
    path = oms.folder / "processes" / "prepayment.yaml"
    old = path.read_text()

    def deploy() -> tuple[int, bool]:
        (told,) = oms("deploy", "prepayment", "--json").data
        return told["version"], told["changed"]

    path.write_text(old.replace("after: 3d", "after: 4d"))
    assert deploy() == (2, True)
    assert deploy() == (2, False)
    path.write_text(old)
    assert deploy() == (1, True)
    assert oms("deploy").out.splitlines()[-1] == "prepayment: version 1, as before"


def test_a_deployment_says_what_it_changes_and_who_follows_what(oms: Caller) -> None:
    oms.place()
    path = oms.folder / "processes" / "prepayment.yaml"
    old = path.read_text()
    path.write_text(old.replace("after: 3d", "after: 4d"))
    changes = ['  event remind: timer {"after": "3d"} → {"after": "4d"}', "  1 open order follows version 1"]

    assert oms("deploy", "prepayment", "--dry-run").out.splitlines() == ["prepayment: would change version 1", *changes]
    assert oms("deploy", "prepayment").out.splitlines() == ["prepayment: version 2, was 1", *changes]
    path.write_text(old)
    (told,) = oms("deploy", "prepayment", "--json").data

    assert (told["version"], told["was"], told["deployed"]) == (1, 2, True)
    assert told["changes"] == [{"what": "event remind", "how": "changed", "key": "timer", "before": '{"after": "4d"}', "after": '{"after": "3d"}'}]
    assert told["open_orders"] == [{"version": 1, "orders": 1}]
    lines = oms("versions", "prepayment", "--json").data
    assert [(line["version"], line["in_force"], line["open_orders"]) for line in lines] == [(1, False, None), (2, False, 0), (1, True, 1)]


def test_a_deployment_names_the_words_that_running_programs_read_when_they_start(oms: Caller) -> None:
    (oms.folder / "words_of_a_warehouse.py").write_text("def count_crates(items, context):\n    pass\n\n\nCOMMANDS = (count_crates,)\n")
    settings = oms.folder / "config" / "oms.toml"
    settings.write_text(settings.read_text("utf-8").replace("modules = []", 'modules = ["words_of_a_warehouse"]'), encoding="utf-8")
    path = oms.folder / "processes" / "prepayment.yaml"
    assert "The shop's own modules" not in oms("deploy").out
    path.write_text(path.read_text().replace("record_payment", "[count_crates, record_payment]", 1))

    assert "The shop's own modules" not in oms("deploy", "--dry-run").out
    assert oms("deploy").out.splitlines()[-1] == (
        "The shop's own modules have count_crates: programs read them when they start, so after a change start oms serve and oms work again."
    )
    assert [(told["process"], told["own"]) for told in oms("deploy", "--json").data if told["own"]] == [("prepayment", ["count_crates"])]


def test_an_older_file_is_deployed_again_and_said_so(oms: Caller) -> None:
    path = oms.folder / "processes" / "prepayment.yaml"
    old = path.read_text()
    path.write_text(old.replace("after: 3d", "after: 4d"))
    oms("deploy")
    path.write_text(old)
    assert oms("deploy", "prepayment").out.splitlines()[0] == "prepayment: version 1 again, was 2"
    assert "in force" in oms("versions").out


def test_nothing_is_deployed_while_a_file_has_an_error(oms: Caller) -> None:
    write(oms, "carefree.yaml", CAREFREE)
    write(oms, "broken.yaml", BROKEN)
    said = oms("deploy")
    assert (said.code, said.out) == (1, "")
    assert "error[OMS010]" in said.err
    assert oms("deploy", "--json").error["code"] == "invalid-process"
    assert oms("graph", "carefree").code == 1


def test_a_named_process_is_deployed_beside_a_broken_one(oms: Caller) -> None:
    write(oms, "carefree.yaml", CAREFREE)
    write(oms, "broken.yaml", BROKEN)
    assert oms("deploy", "carefree").out == "carefree: version 1\n"
    said = oms("deploy", "carefree", "broken")
    assert (said.code, said.out) == (1, "")
    assert "broken.yaml" in said.err


def test_what_is_drawn_is_the_object_that_the_engine_executes(oms: Caller) -> None:
    with open_shop(oms.folder) as shop, shop.store.reading() as work:
        version = work.versions.deployed("prepayment")
        assert version is not None
        drawn = to_mermaid(shop.engine.processes.get(work, version.id).process, locale="de")
    assert oms("graph", "prepayment", "--locale", "de").out == drawn
    assert oms("graph", "prepayment", "--locale", "de", "--json").data == {"process": "prepayment", "version": 1, "mermaid": drawn}


def test_a_file_can_be_drawn_before_it_is_deployed(oms: Caller) -> None:
    write(oms, "carefree.yaml", CAREFREE)
    assert "finish" in oms("graph", "carefree", "--file").out
    assert "finish" not in oms("graph", "carefree").out


def test_a_change_is_taken_back_by_what_was_written_before(oms: Caller) -> None:
    path = oms.folder / "processes" / "prepayment.yaml"
    first = path.read_text(encoding="utf-8")
    path.write_text(first.replace("Prepayment", "In advance"), encoding="utf-8")
    oms("deploy", "prepayment")
    assert "In advance" in oms("source", "prepayment").out
    assert oms("source", "prepayment", "--number", "1").out == first
    part = path.parent / "parts" / "refund.yaml"
    assert oms("source", "marketplace", "--part", "refund").out == part.read_text(encoding="utf-8")
    told = json.loads(oms("source", "prepayment", "--number", "1", "--json").out)
    assert (told["process"], told["version"], told["files"][0]) == ("prepayment", 1, {"name": "prepayment.yaml", "text": first})
    said = oms("source", "marketplace", "--part", "dunning")
    assert (said.code, 'There is no part "dunning" in marketplace version 1. There is: payment, refund, returns.' in said.err) == (1, True)


def test_the_schema_for_editors_offers_the_shops_words(oms: Caller) -> None:
    said = oms("schema")
    assert (said.code, "payment_is_settled" in json.dumps(said.data)) == (0, True)
