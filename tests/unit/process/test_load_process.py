"""Every key of the process language, as the engine gets it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from oms.errors import InvalidProcess, NotFound
from oms.process.load import check_folder, fingerprint, load_process
from oms.process.model import Call, Event, Field, Retry, State, Timer, Transition
from oms.process.vocabulary import words_of
from tests.unit.process.folders import SMALLEST, folder_with, report_on, sample
from tests.unit.process.words import WORDS


def with_state(keys: str) -> str:
    return SMALLEST.replace("  new: {}", f"  new: {{{keys}}}")


def with_event(keys: str) -> str:
    return SMALLEST.replace("finish: {manual: true}", f"finish: {{{keys}}}")


def test_the_smallest_process(tmp_path: Path) -> None:
    process = sample(tmp_path, SMALLEST)
    assert (process.name, process.initial, process.title, process.parts) == ("sample", "new", {}, ())
    assert process.states == {"new": State("new"), "done": State("done", final=True)}
    assert process.events == {"finish": Event("finish", manual=True)}
    assert process.transitions == (Transition("new", "done", "finish"),)


@pytest.mark.parametrize(
    ("keys", "state"),
    [
        ("title: New", State("new", title={"": "New"})),
        ("title: {en: New, de-AT: Neu}, customer: {de: Bestellt}", State("new", title={"en": "New", "de-AT": "Neu"}, customer={"de": "Bestellt"})),
        ("flags: [reserved, exclude from invoice]", State("new", flags=frozenset({"reserved", "exclude from invoice"}))),
        ("on_enter: issue_invoice", State("new", on_enter=(Call("issue_invoice"),))),
        (
            "on_enter: [issue_invoice, {mail: {template: shipped}}]",
            State("new", on_enter=(Call("issue_invoice"), Call("mail", {"template": "shipped"}))),
        ),
        ("on_enter: {issue_invoice: {scope: order}}", State("new", on_enter=(Call("issue_invoice", {"scope": "order"}),))),
        ("run: refund_payment, then: finish", State("new", run=Call("refund_payment"), then="finish")),
        ("run: refund_payment, on_error: finish", State("new", run=Call("refund_payment"), on_error="finish")),
        ("retry: {attempts: 3, delay: 1m}", State("new", retry=Retry(attempts=3, delay=timedelta(minutes=1)))),
        ("retry: {attempts: 3}", State("new", retry=Retry(attempts=3))),
        ("expect_within: 1d 12h", State("new", expect_within=timedelta(hours=36))),
    ],
)
def test_keys_of_a_state(tmp_path: Path, keys: str, state: State) -> None:
    text = with_state(keys)
    if "on_error" in keys:
        text = text.replace("manual: true}", "manual: true}\n  go: {manual: true}") + "  - {from: new, event: go, to: done}\n"
    assert sample(tmp_path, text).states["new"] == state


@pytest.mark.parametrize(
    ("keys", "event"),
    [
        (
            "title: {en: Finish}, manual: true, main: true, confirm: true, reason: required",
            Event("finish", title={"en": "Finish"}, manual=True, main=True, confirm=True, reason=True),
        ),
        ("command: {note: {text: bye}}, auto: true", Event("finish", command=(Call("note", {"text": "bye"}),), auto=True)),
        ("prepare: record_payment, manual: true", Event("finish", prepare=(Call("record_payment"),), manual=True)),
        ("auto: true, manual: true", Event("finish", auto=True, manual=True)),
        ("manual: true, roles: [clerk, admin]", Event("finish", manual=True, roles=("clerk", "admin"))),
        ("after: 3d, retry: {delay: 1h}", Event("finish", timer=Timer(after=timedelta(days=3)), retry=Retry(delay=timedelta(hours=1)))),
        ("every: 10m", Event("finish", timer=Timer(every=timedelta(minutes=10)))),
        ("after: 2 business days", Event("finish", timer=Timer(business_days=2))),
        ("after: 1 business day, calendar: DE-BY", Event("finish", timer=Timer(business_days=1, calendar="DE-BY"))),
        ('at: {time: "09:00"}', Event("finish", timer=Timer(time="09:00"))),
        (
            'at: {time: "09:00", days: [fri, mon], zone: Europe/Berlin}',
            Event("finish", timer=Timer(time="09:00", days=(0, 4), zone="Europe/Berlin")),
        ),
        ("at: {due: invoice_due}", Event("finish", timer=Timer(due="invoice_due"))),
        ("manual: true, fields: {reference: {}}", Event("finish", manual=True, fields=(Field("reference"),))),
        (
            "manual: true, fields: {sum: {type: money, required: true, title: {en: Sum}}, size: {type: choice, choices: [S, 12]}}",
            Event(
                "finish",
                manual=True,
                fields=(Field("sum", "money", title={"en": "Sum"}, required=True), Field("size", "choice", choices=("S", "12"))),
            ),
        ),
    ],
)
def test_keys_of_an_event(tmp_path: Path, keys: str, event: Event) -> None:
    assert sample(tmp_path, with_event(keys)).events["finish"] == event


@pytest.mark.parametrize(
    ("keys", "transition"),
    [
        ("event: finish, happy: true", Transition("new", "done", "finish", happy=True)),
        ("event: finish, command: issue_invoice", Transition("new", "done", "finish", command=(Call("issue_invoice"),))),
        ("event: finish, if: payment_is_settled", Transition("new", "done", "finish", conditions=(Call("payment_is_settled"),))),
        (
            "event: finish, if: [payment_is_settled, {all_items_in: {states: [new, done]}}]",
            Transition("new", "done", "finish", conditions=(Call("payment_is_settled"), Call("all_items_in", {"states": ["new", "done"]}))),
        ),
        (
            'event: finish, if: {data: {gift: true, boxes: 2, weight: "1.5", color: red}}',
            Transition("new", "done", "finish", conditions=(Call("data", {"gift": True, "boxes": 2, "weight": "1.5", "color": "red"}),)),
        ),
    ],
)
def test_keys_of_a_transition(tmp_path: Path, keys: str, transition: Transition) -> None:
    assert sample(tmp_path, SMALLEST.replace("event: finish", keys)).transitions == (transition,)


def test_a_transition_without_event_is_the_workers(tmp_path: Path) -> None:
    text = SMALLEST + "  - {from: new, if: payment_is_settled, to: done}\n"
    assert sample(tmp_path, text).transitions[1] == Transition("new", "done", conditions=(Call("payment_is_settled"),))


def test_a_list_of_sources_is_an_arrow_from_each(tmp_path: Path) -> None:
    text = SMALLEST.replace("  new: {}", "  new: {}\n  paid: {}").replace("from: new", "from: [new, paid]") + "  - {from: new, to: paid}\n"
    assert [(arrow.source, arrow.target) for arrow in sample(tmp_path, text).transitions] == [("new", "done"), ("paid", "done"), ("new", "paid")]


def test_states_events_and_transitions_keep_the_order_of_the_file(tmp_path: Path) -> None:
    text = SMALLEST.replace("finish: {manual: true}", "z: {manual: true}\n  finish: {manual: true}\n  a: {manual: true}")
    text += "  - {from: new, event: z, to: done}\n  - {from: new, event: a, to: done}\n"
    process = sample(tmp_path, text)
    assert list(process.events) == ["z", "finish", "a"]
    assert [arrow.event for arrow in process.transitions] == ["finish", "z", "a"]


def test_nothing_after_the_colon_of_a_state_or_event_is_an_empty_mapping(tmp_path: Path) -> None:
    text = SMALLEST.replace("  new: {}", "  new:").replace("finish: {manual: true}", "finish:")
    assert [finding.code for finding in report_on(tmp_path, sample=text).findings] == ["OMS042"]


def test_names_are_the_text_as_it_is_written(tmp_path: Path) -> None:
    text = SMALLEST.replace("new", "3D secure check").replace("done", "1_000").replace("finish", '"on"')
    report = report_on(tmp_path, sample=text)
    process = report.processes["sample"].process
    assert list(process.states) == ["3D secure check", "1_000"]
    assert list(process.events) == ["on"]
    assert {finding.code for finding in report.findings} == {"OMS003"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("pause: 36h", {"pause": "1d 12h"}),
        ("pause: 1d, share: '0.50'", {"pause": "1d", "share": "0.50"}),
        ("pause: 1d, share: 2", {"pause": "1d", "share": "2"}),
        ("pause: 1d, times: -3, loud: false", {"pause": "1d", "times": -3, "loud": False}),
        ("pause: 1d, words: [a, b]", {"pause": "1d", "words": ["a", "b"]}),
    ],
)
def test_arguments_are_kept_as_plain_values(tmp_path: Path, given: str, kept: dict[str, object]) -> None:
    process = load_process(folder_with(tmp_path, sample=with_state(f"on_enter: {{ring: {{{given}}}}}")), "sample", RINGING).process
    assert process.states["new"].on_enter == (Call("ring", kept),)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("pause: soon", '"soon" is no duration.'),
        ("pause: 1d, share: 0.5", '"share" must be a decimal number in quotes.'),
        ("pause: 1d, share: 'NaN'", '"share" must be a decimal number in quotes.'),
        ("pause: 1d, share: half", '"share" must be a decimal number in quotes.'),
        ("pause: 1d, times: 1.0", '"times" must be a whole number.'),
        ("pause: 1d, times: 1_000", '"times" must be a whole number.'),
        ("pause: 1d, times: '3'", '"times" must be a whole number.'),
        ("pause: 1d, loud: yes", '"loud" must be true or false.'),
        ("pause: 1d, words: a", '"words" must be a list.'),
        ("pause: 1d, words: [[a]]", '"words" must be text.'),
        ("pause: 1d, words: [null]", '"words" must be text.'),
    ],
)
def test_an_argument_of_the_wrong_type_is_told(tmp_path: Path, given: str, sentence: str) -> None:
    report = check_folder(folder_with(tmp_path, sample=with_state(f"on_enter: {{ring: {{{given}}}}}")), RINGING)
    assert [finding.sentence for finding in report.findings] == [sentence]


def ring(items: object, *, pause: timedelta, share: Decimal = Decimal(1), times: int = 1, loud: bool = True, words: list[str] | None = None) -> None:
    raise NotImplementedError


RINGING = replace(WORDS, commands=words_of([ring]))


def test_loading_one_process_gives_its_fingerprint(tmp_path: Path) -> None:
    loaded = load_process(folder_with(tmp_path, sample=SMALLEST, other="[]"), "sample", WORDS)
    assert loaded.process.name == "sample"
    assert loaded.source_sha256 == hashlib.sha256(SMALLEST.encode()).hexdigest()


def test_the_fingerprint_is_known_without_parsing(tmp_path: Path) -> None:
    parts = {"part_a": "process: a\nparts: [b]\ntransitions: []\n", "part_b": "process: b\ntransitions: []\n"}
    loaded = load_process(folder_with(tmp_path, sample=SMALLEST + "parts: [a]\n", **parts), "sample", WORDS)
    assert loaded.process.parts == ("a", "b")
    assert fingerprint(tmp_path, "sample", loaded.process.parts) == loaded.source_sha256


def test_another_byte_in_a_part_is_another_fingerprint(tmp_path: Path) -> None:
    text = SMALLEST + "parts: [a]\n"
    first = load_process(folder_with(tmp_path, sample=text, part_a="process: a\ntransitions: []\n"), "sample", WORDS)
    second = load_process(folder_with(tmp_path, sample=text, part_a="process: a\ntransitions: [] # same\n"), "sample", WORDS)
    assert first.process == second.process
    assert first.source_sha256 != second.source_sha256


def test_loading_a_faulty_process_raises_all_its_problems_with_their_places(tmp_path: Path) -> None:
    with pytest.raises(InvalidProcess) as caught:
        load_process(folder_with(tmp_path, sample=SMALLEST.replace("final", "finl").replace("to: done", "to: dome")), "sample", WORDS)
    assert [(problem.where, problem.sentence) for problem in caught.value.problems] == [
        (f"{tmp_path}/sample.yaml:5:10", 'A state has no key "finl". Hint: did you mean "final"?'),
        (f"{tmp_path}/sample.yaml:9:36", 'There is no state "dome". Hint: did you mean "done"?'),
    ]


def test_warnings_do_not_hinder_loading(tmp_path: Path) -> None:
    text = SMALLEST.replace("finish: {manual: true}", "finish: {manual: true}\n  forget: {}")
    assert load_process(folder_with(tmp_path, sample=text), "sample", WORDS).process.name == "sample"


def test_loading_what_is_not_there_says_what_is(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r'There is no process "other" in .*\. There is: sample\.'):
        load_process(folder_with(tmp_path, sample=SMALLEST), "other", WORDS)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=re.escape(f'There is no folder "{tmp_path}/nowhere" with process files.')):
        check_folder(tmp_path / "nowhere", WORDS)
