"""What needs attention, and who is told: rule 31, the key `expect_within`."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from oms.engine.alerts import alert
from oms.engine.care import retry_order
from oms.engine.sweep import sweep
from oms.errors import Permanent, RenderFailed, Temporary
from oms.outbox import JobStatus
from tests.unit.engine.scene import Scene
from tests.unit.engine.test_webhooks import Hook, _inside, _serving  # noqa: F401 - a fixture

DESK = """
initial: open
states:
  open: {expect_within: 2d}
  failing: {}
  calling: {run: {call: {whom: A}}, then: end}
  done: {final: true, expect_within: 1d}
events:
  end: {}
  fail: {manual: true}
  start: {manual: true}
  wave: {manual: true}
  close: {manual: true}
transitions:
  - {from: open, event: fail, to: failing}
  - {from: open, event: start, to: calling}
  - {from: open, event: wave, to: open}
  - {from: failing, to: done, command: {do: {what: work}}}
  - {from: calling, event: end, to: done}
  - {from: [open, calling], event: close, to: done}
"""
BROKEN = "{{ invoice.nummer }}"
OWNER = "owner@shop.example"


def _alerts(scene: Scene) -> list[tuple[str, str]]:
    """Subject and text of what was promised."""
    promised = [json.loads(arguments) for (arguments,) in scene.rows("SELECT arguments FROM job WHERE name = 'send_alert' ORDER BY created_at")]
    return [(alert["subject"], alert["text"]) for alert in promised]


def test_an_item_that_stays_longer_than_expected_needs_attention_once(scene: Scene) -> None:  # keys: expect_within
    scene.open(DESK)
    scene.place()
    scene.clock.move(days=2)
    assert sweep(scene.shop.engine) == 0
    scene.clock.move(seconds=1)

    assert sweep(scene.shop.engine) == 2
    assert sweep(scene.shop.engine) == 0

    first, _ = scene.incidents()
    assert (first.kind, first.text) == ("late", 'Item 1 has been in "open" since 2026-11-25 10:00 CET; 2d is expected.')
    assert scene.order().head.attention


def test_it_needs_it_no_more_once_it_moves(scene: Scene) -> None:  # rule 31
    scene.open(DESK)
    scene.place()
    scene.clock.move(days=3)
    sweep(scene.shop.engine)

    scene.trigger("close", "1")
    assert len(scene.incidents()) == 1
    assert scene.order().head.attention
    scene.trigger("close", "2")

    assert scene.incidents() == []
    assert not scene.order().head.attention


def test_but_it_is_still_late_after_a_transition_to_the_same_state(scene: Scene) -> None:  # semantics 7, rule 31
    scene.open(DESK)
    scene.place()
    scene.clock.move(days=3)
    sweep(scene.shop.engine)

    scene.trigger("wave")

    assert {incident.kind for incident in scene.incidents()} == {"late"}
    assert scene.order().head.attention


def test_nobody_waits_for_anything_in_a_final_state(scene: Scene) -> None:  # keys: final
    scene.open(DESK)
    scene.place()
    scene.trigger("close")
    scene.clock.move(days=30)

    assert sweep(scene.shop.engine) == 0


def _fail(scene: Scene, reference: str = "A-1") -> None:
    scene.world.broken["work"] = Permanent("No paper.")
    scene.place(reference)
    scene.trigger("fail", reference=reference)
    scene.drain()


def test_an_incident_is_open_once_per_kind_and_subject_and_its_text_is_kept_up_to_date(scene: Scene) -> None:  # rule 31
    scene.open(DESK)
    now = scene.clock.now
    with scene.shop.store.writing() as work:
        assert work.incidents.open("given up", "item:1", text="first", at=now) is True
        assert work.incidents.open("given up", "item:1", text="second", at=now + timedelta(hours=1)) is False
        assert work.incidents.close("given up", "item:1", by="petra", at=now) is True
        assert work.incidents.open("given up", "item:1", text="third", at=now) is True

    assert scene.rows("SELECT text, closed_by FROM incident ORDER BY id") == [("second", "petra"), ("third", None)]


def test_somebody_is_told_of_the_first_incident_of_a_kind_at_once(scene: Scene) -> None:  # rule 31
    scene.open(DESK)
    _fail(scene)

    assert alert(scene.shop.engine, OWNER) is True

    ((subject, text),) = _alerts(scene)
    assert subject == "2 things need attention: given up"
    assert "2026-11-25 10:00 CET  given up: Item 1 in" in text
    assert "oms incident list" in text


def test_then_in_a_digest_at_most_hourly(scene: Scene) -> None:  # rule 31
    scene.open(DESK)
    _fail(scene, "A-1")
    alert(scene.shop.engine, OWNER)
    scene.clock.move(minutes=30)
    _fail(scene, "A-2")

    assert alert(scene.shop.engine, OWNER) is False
    scene.clock.move(minutes=31)
    assert alert(scene.shop.engine, OWNER) is True

    assert [subject for subject, _ in _alerts(scene)] == ["2 things need attention: given up"] * 2


def test_a_new_kind_does_not_wait_for_the_digest(scene: Scene) -> None:  # rule 31
    scene.open(DESK)
    _fail(scene, "A-1")
    alert(scene.shop.engine, OWNER)
    scene.place("A-2")
    scene.clock.move(minutes=1)
    with scene.shop.store.writing() as work:
        work.incidents.open("late", "item:99", text="Late.", at=scene.clock.now)

    assert alert(scene.shop.engine, OWNER) is True


@pytest.mark.parametrize("address", [None, OWNER])
def test_nobody_is_told_of_nothing_and_nothing_is_told_to_nobody(scene: Scene, address: str | None) -> None:  # rule 31
    scene.open(DESK)
    if address is None:
        _fail(scene)

    assert alert(scene.shop.engine, address) is False
    assert _alerts(scene) == []


def test_a_long_list_is_cut_and_the_rest_is_counted(scene: Scene) -> None:  # rule 31
    scene.open(DESK)
    with scene.shop.store.writing() as work:
        for number in range(53):
            work.incidents.open("late", f"item:{number}", text=f"Late {number}.", at=scene.clock.now)

    alert(scene.shop.engine, OWNER)

    ((subject, text),) = _alerts(scene)
    assert subject == "53 things need attention: late"
    assert text.count("late: Late") == 50
    assert "… and 3 more" in text


@pytest.mark.usefixtures("_inside")
def test_a_system_of_the_shop_is_told_too_and_a_call_that_fails_alerts_nobody(scene: Scene) -> None:  # rule 31
    hook = Hook()
    scene.open(DESK)
    _fail(scene)
    with _serving(hook):
        hook.answers = [503, 204]
        assert alert(scene.shop.engine, None, webhook=hook.url) is True
        scene.drain()
        scene.wait(minutes=1)
    assert len(hook.heard) == 2
    (_, key, body), again = hook.heard
    assert again[1:] == (key, body), "the same call, once more"
    assert body["subject"] == "2 things need attention: given up"
    assert [(each["kind"], each["order"]) for each in body["incidents"]] == [("given up", "A-1")] * 2

    scene.clock.move(hours=2)
    _fail(scene, "A-2")
    alert(scene.shop.engine, None, webhook="ftp://nobody.example")
    scene.drain()
    assert ("alert",) in scene.rows("SELECT kind FROM incident WHERE closed_at IS NULL")
    scene.clock.move(hours=2)
    assert alert(scene.shop.engine, OWNER) is False


def test_two_workers_that_tell_at_once_tell_once(scene: Scene) -> None:  # rule 31
    scene.open(DESK)
    _fail(scene)
    with scene.shop.store.reading() as work:
        untold = [incident.id for incident in work.incidents.untold()]
    with scene.shop.store.writing() as work:
        assert len(work.incidents.tell(untold, at=work.now())) == len(untold)
    with scene.shop.store.writing() as work:
        assert work.incidents.tell(untold, at=work.now()) == []


def test_telling_that_fails_is_an_incident_that_alerts_nobody(scene: Scene) -> None:  # rule 31
    scene.open(DESK)
    with scene.shop.store.writing() as work:
        work.incidents.open("late", "item:1", text="Late.", at=scene.clock.now)
    alert(scene.shop.engine, "this is no address")
    for _ in range(10):
        scene.wait(days=2)

    assert scene.rows("SELECT status FROM job WHERE name = 'send_alert'") == [(str(JobStatus.DEAD),)]
    assert scene.rows("SELECT kind FROM incident WHERE closed_at IS NULL ORDER BY id") == [("late",), ("alert",)]
    assert alert(scene.shop.engine, OWNER) is False


def test_a_paper_that_can_not_be_printed_is_seen_at_once_and_tried_again_when_it_is_mended(scene: Scene) -> None:  # F34
    scene.open_shipped()
    template = scene.folder / "templates" / "invoices" / "invoice.html"
    template.parent.mkdir(parents=True)
    template.write_text(BROKEN, encoding="utf-8")
    scene.reopen()
    scene.place()
    scene.pay("168.80")
    scene.drain()

    texts = {incident.kind: incident.text for incident in scene.incidents()}
    assert list(texts) == ["not printed"]
    assert "invoice.html:1: 'dict object' has no attribute 'nummer'" in texts["not printed"]
    assert texts["not printed"].endswith("It is tried again by itself; when it is mended, at once by: oms order retry A-1.")
    assert scene.order().head.attention
    number = scene.order().invoices[0][0].number

    template.unlink()
    assert retry_order(scene.shop.engine, "A-1", actor="petra").jobs == 2
    scene.drain()

    assert scene.incidents() == []
    assert not scene.order().head.attention
    ((document, file),) = scene.order().invoices
    assert (document.number, file is None) == (number, False)


def test_a_paper_that_is_printed_by_itself_after_a_while_needs_no_attention_any_more(scene: Scene) -> None:  # F34
    scene.open(DESK.replace(", then: end", ", then: end, on_error: close"))
    scene.place()
    scene.trigger("start")
    scene.world.break_for("A", RenderFailed("Out of paper."), times=2)
    scene.drain()
    assert [incident.kind for incident in scene.incidents()] == ["not printed"]

    scene.wait(seconds=12)
    scene.wait(seconds=24)

    assert scene.states() == ["done", "done"]
    assert (scene.incidents(), scene.order().head.attention) == ([], False)


def test_what_is_tried_again_by_itself_can_be_tried_at_once(scene: Scene) -> None:
    scene.open(DESK.replace(", then: end", ", then: end, on_error: close"))
    scene.place()
    scene.trigger("start")
    scene.world.broken["A"] = Temporary("Engaged.")
    scene.drain()
    scene.world.broken.clear()

    assert retry_order(scene.shop.engine, "A-1", actor="petra").jobs == 1
    scene.drain()

    assert scene.states() == ["done", "done"]
