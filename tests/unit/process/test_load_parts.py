"""Parts: how they join a process, and what a prefix does."""

from __future__ import annotations

from pathlib import Path

from oms.process.model import Call
from tests.unit.process.folders import SMALLEST, report_on, sample

RETURNS = """\
process: returns
states:
  returning: {run: refund_payment, then: refund, on_error: fail}
  failed: {}
events:
  return goods: {manual: true}
  refund: {}
  fail: {}
transitions:
  - {from: new, event: return goods, if: {all_items_in: {states: [new, failed]}}, to: returning}
  - {from: returning, event: refund, to: done}
  - {from: returning, event: fail, to: failed}
  - {from: failed, event: finish, to: done}
"""


def test_a_part_joins_behind_its_host(tmp_path: Path) -> None:
    process = sample(tmp_path, SMALLEST + "parts: [returns]\n", part_returns=RETURNS)
    assert process.parts == ("returns",)
    assert list(process.states) == ["new", "done", "returning", "failed"]
    assert list(process.events) == ["finish", "return goods", "refund", "fail"]
    assert [(arrow.source, arrow.event) for arrow in process.transitions[:2]] == [("new", "finish"), ("new", "return goods")]


def test_a_prefix_goes_before_what_the_part_defines_and_nothing_else(tmp_path: Path) -> None:
    process = sample(tmp_path, SMALLEST + 'parts: [{part: returns, prefix: "b2b "}]\n', part_returns=RETURNS)
    assert list(process.states) == ["new", "done", "b2b returning", "b2b failed"]
    assert list(process.events) == ["finish", "b2b return goods", "b2b refund", "b2b fail"]
    assert [(arrow.source, arrow.event, arrow.target) for arrow in process.transitions] == [
        ("new", "finish", "done"),
        ("new", "b2b return goods", "b2b returning"),
        ("b2b returning", "b2b refund", "done"),
        ("b2b returning", "b2b fail", "b2b failed"),
        ("b2b failed", "finish", "done"),
    ]
    returning = process.states["b2b returning"]
    assert (returning.name, returning.then, returning.on_error) == ("b2b returning", "b2b refund", "b2b fail")
    assert process.transitions[1].conditions == (Call("all_items_in", {"states": ["new", "b2b failed"]}),)


def test_a_part_joins_twice_with_different_prefixes(tmp_path: Path) -> None:
    process = sample(tmp_path, SMALLEST + "parts: [returns, {part: returns, prefix: b2b-}]\n", part_returns=RETURNS)
    assert process.parts == ("returns",)
    assert list(process.states) == ["new", "done", "returning", "failed", "b2b-returning", "b2b-failed"]


def test_a_prefix_goes_before_what_the_parts_of_a_part_define_too(tmp_path: Path) -> None:
    outer = 'process: outer\nparts: [{part: inner, prefix: "in "}]\nevents:\n  go: {manual: true}\n'
    outer += "transitions:\n  - {from: new, event: go, to: in held}\n"
    inner = "process: inner\nstates:\n  held: {}\ntransitions:\n  - {from: held, event: go, to: done}\n"
    process = sample(tmp_path, SMALLEST + 'parts: [{part: outer, prefix: "out "}]\n', part_outer=outer, part_inner=inner)
    assert process.parts == ("outer", "inner")
    assert [(arrow.source, arrow.event, arrow.target) for arrow in process.transitions[1:]] == [
        ("new", "out go", "out in held"),
        ("out in held", "out go", "done"),
    ]


def test_the_else_of_the_host_comes_after_the_conditions_of_its_parts(tmp_path: Path) -> None:
    part = "process: vip\ntransitions:\n  - {from: new, event: finish, if: payment_is_settled, to: done}\n"
    other = part.replace("vip", "more").replace("payment_is_settled", "payment_has_begun")
    process = sample(tmp_path, SMALLEST + "parts: [vip, more]\n", part_vip=part, part_more=other)
    ways = process.ways_out["new"]["finish"]
    assert [[call.name for call in arrow.conditions] for arrow in ways] == [["payment_is_settled"], ["payment_has_begun"], []]


def test_a_part_that_needs_what_its_host_lacks_is_told_with_the_host(tmp_path: Path) -> None:
    part = "process: vip\ntransitions:\n  - {from: paid, event: finish, to: done}\n"
    report = report_on(tmp_path, sample=SMALLEST + "parts: [vip]\n", part_vip=part)
    assert [finding.sentence for finding in report.findings] == ['There is no state "paid" in "sample", which includes this part.']


def test_a_faulty_part_is_told_once_and_none_of_its_hosts_is_loaded(tmp_path: Path) -> None:
    other = SMALLEST.replace("process: sample", "process: other") + "parts: [vip]\n"
    report = report_on(
        tmp_path, sample=SMALLEST + "parts: [vip]\n", other=other, part_vip="process: vip\n", third=SMALLEST.replace("sample", "third")
    )
    assert [finding.sentence for finding in report.findings] == ['A part needs the key "transitions".']
    assert list(report.processes) == ["third"]


def test_a_part_has_no_initial_state(tmp_path: Path) -> None:
    report = report_on(tmp_path, sample=SMALLEST + "parts: [vip]\n", part_vip="process: vip\ninitial: new\ntransitions: []\n")
    assert [(finding.code, finding.sentence) for finding in report.findings] == [("OMS002", 'A part has no key "initial".')]


def test_a_process_file_is_no_part(tmp_path: Path) -> None:
    report = report_on(tmp_path, sample=SMALLEST + "parts: [other]\n", other=SMALLEST.replace("sample", "other"))
    assert [(finding.code, finding.sentence) for finding in report.findings] == [("OMS013", 'There is no part "other" in parts/.')]
