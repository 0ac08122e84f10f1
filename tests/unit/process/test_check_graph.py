"""Where the rules of `oms check` end: what they must not report, and what they must although it looks well."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.process.folders import SMALLEST, report_on

HEAD = "process: sample\ninitial: new\n"


def codes(folder: Path, *, states: str, events: str = "{}", transitions: tuple[str, ...]) -> list[tuple[str, int]]:
    """Code and line of each finding; the first transition stands in line 6."""
    arrows = "".join(f"\n  - {{{arrow}}}" for arrow in transitions)
    report = report_on(folder, sample=f"{HEAD}states: {{{states}}}\nevents: {events}\ntransitions:{arrows or ' []'}")
    return [(finding.code, finding.line) for finding in report.findings]


def test_a_state_that_only_late_money_reaches_is_reachable(tmp_path: Path) -> None:
    found = codes(
        tmp_path,
        states="new: {}, gone: {final: true}, refunding: {run: refund_payment, then: finish}",
        events="{expire: {after: 1d}, pay: {}, finish: {}}",
        transitions=("from: new, event: expire, to: gone", "from: gone, event: pay, to: refunding", "from: refunding, event: finish, to: gone"),
    )
    assert found == []


def test_a_circle_with_a_way_out_is_no_circle_without_end(tmp_path: Path) -> None:
    found = codes(
        tmp_path,
        states="new: {}, held: {}, done: {final: true}",
        events="{hold: {manual: true}, go: {manual: true}}",
        transitions=("from: new, event: hold, to: held", "from: held, event: go, to: new", "from: new, event: go, to: done"),
    )
    assert found == []


def test_what_leads_to_a_dead_end_is_not_told_again(tmp_path: Path) -> None:
    found = codes(tmp_path, states="new: {}, stuck: {}", events="{go: {manual: true}}", transitions=("from: new, event: go, to: stuck",))
    assert found == [("OMS021", 3)]


def test_a_process_without_final_state_is_one_finding(tmp_path: Path) -> None:
    found = codes(
        tmp_path,
        states="new: {}, held: {}",
        events="{go: {manual: true}}",
        transitions=("from: new, event: go, to: held", "from: held, event: go, to: new"),
    )
    assert found == [("OMS022", 3)]


def test_a_state_may_be_final_from_the_start(tmp_path: Path) -> None:
    assert codes(tmp_path, states="new: {final: true}", transitions=()) == []


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("", "", [("OMS030", 7)]),
        (", if: payment_is_settled", "", []),
        (", if: payment_is_settled", ", if: payment_has_begun", []),
        (", if: payment_is_settled", ", if: payment_is_settled", [("OMS030", 7)]),
        (", if: payment_is_settled", ", if: [payment_has_begun, payment_is_settled]", [("OMS030", 7)]),
        (", if: [payment_has_begun, payment_is_settled]", ", if: payment_is_settled", []),
        (", if: [payment_has_begun, payment_is_settled]", ", if: [payment_is_settled, payment_has_begun]", [("OMS030", 7)]),
        (", if: {data: {gift: true}}", ", if: {data: {gift: false}}", []),
        (", if: {data: {gift: true}}", ', if: {data: {gift: "true"}}', []),
        (", if: {data: {boxes: 1}}", ", if: {data: {boxes: true}}", []),
        ("", ", if: payment_is_settled", [("OMS030", 7)]),
    ],
)
def test_the_later_of_two_arrows_must_have_a_chance(tmp_path: Path, first: str, second: str, found: list[tuple[str, int]]) -> None:
    transitions = (f"from: new, event: go, to: done{first}", f"from: new, event: go, to: done{second}")
    assert codes(tmp_path, states="new: {}, done: {final: true}", events="{go: {manual: true}}", transitions=transitions) == found


def test_an_else_of_host_and_part_is_one_too_many(tmp_path: Path) -> None:
    part = "process: vip\ntransitions:\n  - {from: new, event: finish, to: done}\n"
    report = report_on(tmp_path, sample=SMALLEST + "parts: [vip]\n", part_vip=part)
    assert [(finding.code, Path(finding.file).name) for finding in report.findings] == [("OMS030", "vip.yaml")]


def test_polling_needs_no_else(tmp_path: Path) -> None:
    transitions = ("from: new, event: poll, if: payment_is_settled, to: done",)
    assert codes(tmp_path, states="new: {}, done: {final: true}", events="{poll: {every: 10m}}", transitions=transitions) == []


def test_a_failed_job_may_lead_to_a_person_who_leads_to_the_invoice(tmp_path: Path) -> None:
    found = codes(
        tmp_path,
        states="new: {run: refund_payment, then: go, on_error: fail}, failed: {}, done: {final: true, on_enter: issue_invoice}",
        events="{go: {}, fail: {}, retry: {manual: true}}",
        transitions=("from: new, event: go, to: done", "from: new, event: fail, to: failed", "from: failed, event: retry, to: done"),
    )
    assert found == []


@pytest.mark.parametrize(
    ("event", "arrow", "target"),
    [
        ("", "", "on_enter: issue_invoice"),
        ("command: issue_invoice", "", ""),
        ("prepare: issue_invoice", "", ""),
        ("", ", command: [mail_invoice, {issue_invoice: {scope: order}}]", ""),
    ],
)
def test_a_failed_job_must_not_issue_an_invoice_itself(tmp_path: Path, event: str, arrow: str, target: str) -> None:
    found = codes(
        tmp_path,
        states=f"new: {{run: refund_payment, then: go, on_error: fail}}, failed: {{{target}}}, done: {{final: true}}",
        events=f"{{go: {{manual: true}}, fail: {{{event}}}}}",
        transitions=("from: new, event: go, to: done", f"from: new, event: fail, to: failed{arrow}", "from: failed, event: go, to: done"),
    )
    assert found == [("OMS035", 3)]


def test_a_chain_that_asks_somewhere_comes_to_rest(tmp_path: Path) -> None:
    found = codes(
        tmp_path,
        states="new: {}, held: {}, done: {final: true}",
        events="{go: {auto: true}, stop: {manual: true}}",
        transitions=("from: new, event: go, to: held", "from: held, if: payment_is_settled, to: new", "from: held, event: stop, to: done"),
    )
    assert found == []


def test_a_chain_through_parts_and_three_states_is_told_once(tmp_path: Path) -> None:
    found = codes(
        tmp_path,
        states="new: {}, a: {}, b: {}, done: {final: true}",
        events="{go: {auto: true}, stop: {manual: true}}",
        transitions=("from: new, event: go, to: a", "from: a, to: b", "from: b, event: go, to: new", "from: a, event: stop, to: done"),
    )
    assert found == [("OMS040", 6)]


def test_arrows_are_not_followed_while_names_are_missing(tmp_path: Path) -> None:
    found = codes(
        tmp_path,
        states="new: {}, paid: {}, done: {final: true}",
        events="{go: {manual: true}}",
        transitions=("from: new, event: go, to: piad", "from: paid, event: go, to: done", "from: paid, event: go, to: new"),
    )
    assert found == [("OMS010", 6), ("OMS030", 8)]


def test_a_silenced_error_lets_the_process_run(tmp_path: Path) -> None:
    text = SMALLEST.replace("  new: {}", "  new: {}\n  old: {}   # oms: ignore[OMS020] orders of last year stand here")
    report = report_on(tmp_path, sample=text + "  - {from: old, event: finish, to: done}\n")
    assert report.findings == ()
    assert list(report.processes) == ["sample"]


def test_only_the_named_rule_is_silenced(tmp_path: Path) -> None:
    text = SMALLEST.replace("  new: {}", "  new: {}\n  old: {}   # oms: ignore[OMS020] orders of last year stand here")
    assert [finding.code for finding in report_on(tmp_path, sample=text).findings] == ["OMS021"]


def test_several_rules_are_silenced_in_one_line(tmp_path: Path) -> None:
    text = SMALLEST.replace("  new: {}", "  new: {}\n  old: {}   # oms: ignore[OMS020, OMS021] comes later")
    assert report_on(tmp_path, sample=text).findings == ()


def test_what_could_not_be_read_is_never_silenced(tmp_path: Path) -> None:
    text = SMALLEST.replace("  new: {}", "  new: {finl: true}   # oms: ignore[OMS002] please")
    assert [finding.code for finding in report_on(tmp_path, sample=text).findings] == ["OMS002"]


def test_a_problem_in_a_part_of_two_processes_is_told_once(tmp_path: Path) -> None:
    part = "process: vip\nevents:\n  forget: {}\ntransitions: []\n"
    other = SMALLEST.replace("process: sample", "process: other") + "parts: [vip]\n"
    report = report_on(tmp_path, sample=SMALLEST + "parts: [vip]\n", other=other, part_vip=part)
    assert [finding.code for finding in report.findings] == ["OMS024"]


def test_a_process_without_states_is_not_told_at_each_name_of_one(tmp_path: Path) -> None:
    below = "transitions:\n  - {from: new, event: pay, to: paid}"
    text = f"{HEAD}status: {{new: {{}}, paid: {{final: true}}}}\nevents: {{pay: {{manual: true}}}}\n{below}"
    findings = report_on(tmp_path, sample=text).findings
    assert [finding.sentence for finding in findings if "There is no state" in finding.sentence] == ['There is no state "new".']
    assert "there is none" not in {finding.hint for finding in findings}
