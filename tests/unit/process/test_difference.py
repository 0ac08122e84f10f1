"""What a deployment changes, told in the words of the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from oms.process.difference import difference, text_difference
from oms.process.findings import ProcessFile
from oms.process.load import load_process
from oms.process.model import Process
from tests.unit.process.words import WORDS

BEFORE = """
process: p
initial: new
states:
  new: {}
  paid: {on_enter: [issue_invoice, {mail: {template: shipped}}]}
  gone: {final: true}
events:
  pay: {manual: true}
  leave: {after: 3d}
transitions:
  - {from: new, event: pay, if: payment_is_settled, to: paid}
  - {from: new, event: pay, to: gone}
  - {from: paid, event: leave, to: gone}
"""


@pytest.fixture
def process_of(tmp_path: Path) -> Callable[[str], Process]:
    """As its file is read."""

    def read(text: str) -> Process:
        (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
        return load_process(tmp_path, "p", WORDS).process

    return read


@pytest.fixture
def told(process_of: Callable[[str], Process]) -> Callable[[str], list[str]]:
    return lambda after: [str(change) for change in difference(process_of(BEFORE), process_of(after))]


def test_the_same_content_has_no_difference(told: Callable[[str], list[str]]) -> None:
    assert told("# a comment\n" + BEFORE) == []


def test_what_a_state_does_is_told_from_what_to_what(told: Callable[[str], list[str]]) -> None:
    assert told(BEFORE.replace("issue_invoice, ", "")) == [
        'state paid: on_enter [issue_invoice, mail(template: "shipped")] → [mail(template: "shipped")]'
    ]


def test_a_timer_is_told_with_its_event(told: Callable[[str], list[str]]) -> None:
    assert told(BEFORE.replace("after: 3d", "after: 4d")) == ['event leave: timer {"after": "3d"} → {"after": "4d"}']


def test_states_events_and_arrows_come_and_go(told: Callable[[str], list[str]]) -> None:
    after = BEFORE.replace("  leave: {after: 3d}", "  leave: {after: 3d}\n  rest: {manual: true}").replace(
        "  gone: {final: true}", "  gone: {final: true}\n  ill: {}"
    )
    after = after.replace("{from: paid, event: leave, to: gone}", "{from: paid, event: leave, to: ill}\n  - {from: ill, event: rest, to: gone}")
    assert told(after) == [
        "state ill is added",
        "event rest is added",
        "arrow paid --leave→ ill is added",
        "arrow ill --rest→ gone is added",
        "arrow paid --leave→ gone is removed",
    ]


def test_an_arrow_that_asks_something_else_is_another_one(told: Callable[[str], list[str]]) -> None:
    assert told(BEFORE.replace("if: payment_is_settled", "if: invoice_is_paid")) == [
        "arrow new --pay→ paid, if [invoice_is_paid] is added",
        "arrow new --pay→ paid, if [payment_is_settled] is removed",
    ]


def test_another_order_of_arrows_is_told_for_they_are_tried_in_order(process_of: Callable[[str], Process]) -> None:
    before = process_of(BEFORE)
    after: Process = replace(before, transitions=before.transitions[::-1])
    assert [str(change) for change in difference(before, after)] == ["arrows: order as it was → another one"]


def file(name: str, *lines: str) -> ProcessFile:
    return ProcessFile(name, "".join(f"{line}\n" for line in lines))


def test_files_are_compared_line_by_line_with_three_lines_around() -> None:
    old = file("p.yaml", *"abcdefghijklmnop")
    new = file("p.yaml", *"abcdeFghijklmnopq")
    (rewritten,) = text_difference([old], [new])
    first, last = rewritten.runs
    assert [(line.before, line.after, line.text) for line in first] == [
        (3, 3, "c"),
        (4, 4, "d"),
        (5, 5, "e"),
        (6, None, "f"),
        (None, 6, "F"),
        (7, 7, "g"),
        (8, 8, "h"),
        (9, 9, "i"),
    ]
    assert [(line.before, line.after, line.text) for line in last] == [(14, 14, "n"), (15, 15, "o"), (16, 16, "p"), (None, 17, "q")]


def test_a_part_that_came_or_went_is_told_whole_and_what_reads_alike_is_not() -> None:
    host = file("p.yaml", "a")
    told = text_difference([host, file("parts/old.yaml", "x", "y")], [host, file("parts/new.yaml", "z")])
    assert [(each.name, [(line.before, line.after) for run in each.runs for line in run]) for each in told] == [
        ("parts/new.yaml", [(None, 1)]),
        ("parts/old.yaml", [(1, None), (2, None)]),
    ]
