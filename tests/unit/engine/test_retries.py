"""What the engine drives is tried again, each attempt counted before the work: rules 15 and 16, semantics 6."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from oms.engine.care import retry_order
from oms.errors import CommandFailed, Permanent
from tests.unit.engine.scene import Scene

AUTO = """
initial: new
states: {new: {}, ready: {}, done: {final: true}}
events:
  start: {manual: true}
  finish: {auto: true, command: {do: {what: finish}}}
  leave: {manual: true}
transitions:
  - {from: new, event: start, to: ready}
  - {from: ready, event: finish, to: done}
  - {from: ready, event: leave, to: done}
"""
EVENTLESS = """
initial: new
states: {new: {}, done: {final: true}}
events: {leave: {manual: true}, wave: {manual: true}}
transitions:
  - {from: new, to: done, command: {do: {what: finish}}}
  - {from: new, event: leave, to: done}
  - {from: new, event: wave, to: new}
"""
TIMER = """
initial: new
states: {new: {}, done: {final: true}}
events: {expire: {after: 1m, command: {do: {what: finish}}}, leave: {manual: true}}
transitions:
  - {from: new, event: expire, to: done}
  - {from: new, event: leave, to: done}
"""


def _pauses(scene: Scene) -> list[int]:
    """Seconds between the tries that the engine makes, until it gives up."""
    tries = []
    while due := [at for at in (*(item.look_at for item in scene.order().items), *(timer.next_at for timer in scene.timers())) if at]:
        scene.clock.now = max(min(due), scene.clock.now)
        scene.drain()
    for row in scene.order().history:
        tries += [row.at] if row.error else []
    return [int((second - first).total_seconds()) for first, second in pairwise(tries)]


def _place_one(scene: Scene) -> None:
    scene.place(items=[{"sku": "CUP", "name": "Cup", "quantity": 2, "unit_price": "10.00", "tax_rate": "19"}])


@pytest.mark.parametrize("process", [AUTO, EVENTLESS, TIMER], ids=["auto", "event-less", "timer"])
def test_what_the_engine_drives_is_tried_eight_times_with_growing_pauses_then_needs_attention(scene: Scene, process: str) -> None:  # rule 16
    scene.open(process)
    _place_one(scene)
    scene.world.broken["finish"] = RuntimeError("no ink")
    if process is AUTO:
        scene.trigger("start")

    assert _pauses(scene) == [pytest.approx(pause * 1.05, rel=0.06) for pause in (10, 20, 40, 80, 160, 320, 640)]

    assert len(scene.failures()) == 8
    (incident,) = scene.incidents()
    assert incident.kind == "given up"
    assert "given up after 8 tries: RuntimeError: no ink" in incident.text
    assert "oms order retry" in incident.text


@pytest.mark.parametrize("process", [AUTO, EVENTLESS, TIMER], ids=["auto", "event-less", "timer"])
def test_a_permanent_failure_is_not_tried_again(scene: Scene, process: str) -> None:  # rule 16, semantics 6
    scene.open(process)
    _place_one(scene)
    scene.world.broken["finish"] = Permanent("The street is missing.")
    if process is AUTO:
        scene.trigger("start")

    scene.wait(minutes=2)
    scene.wait(hours=24)

    assert len(scene.failures()) == 1
    (incident,) = scene.incidents()
    assert "not tried again: The street is missing." in incident.text


@pytest.mark.parametrize("process", [AUTO, EVENTLESS, TIMER], ids=["auto", "event-less", "timer"])
def test_once_it_is_mended_a_retry_moves_it_and_the_incident_closes(scene: Scene, process: str) -> None:  # rule 31
    scene.open(process)
    _place_one(scene)
    scene.world.broken["finish"] = Permanent("The street is missing.")
    if process is AUTO:
        scene.trigger("start")
    scene.wait(minutes=2)
    assert scene.order().head.attention
    scene.world.broken.clear()

    retry_order(scene.shop.engine, "A-1", actor="petra")
    scene.drain()

    assert scene.states() == ["done"]
    assert scene.incidents() == []
    assert not scene.order().head.attention


def test_an_incident_closes_when_its_item_moves_another_way(scene: Scene) -> None:  # rule 31
    scene.open(EVENTLESS)
    _place_one(scene)
    scene.world.broken["finish"] = Permanent("The street is missing.")
    scene.drain()
    assert len(scene.incidents()) == 1

    scene.trigger("leave", actor="petra")

    assert scene.incidents() == []
    assert not scene.order().head.attention
    ((kind, by),) = scene.rows("SELECT kind, closed_by FROM incident")
    assert (kind, by) == ("given up", "petra")


@pytest.mark.parametrize(
    ("process", "key"),
    [
        (AUTO, ("finish: {auto: true,", "finish: {auto: true, retry: {attempts: 12, delay: 1m},")),
        (EVENTLESS, ("states: {new: {},", "states: {new: {retry: {attempts: 12, delay: 1m}},")),
        (TIMER, ("expire: {after: 1m,", "expire: {after: 1m, retry: {attempts: 12, delay: 1m},")),
    ],
    ids=["auto", "event-less", "timer"],
)
def test_retry_on_an_event_or_on_the_state_of_an_event_less_arrow_says_how_often_and_how_soon(
    scene: Scene, process: str, key: tuple[str, str]
) -> None:  # keys: retry, rule 16
    assert key[0] in process
    scene.open(process.replace(*key))
    _place_one(scene)
    scene.world.broken["finish"] = RuntimeError("no ink")
    if process is AUTO:
        scene.trigger("start")
    for _ in range(20):
        scene.wait(minutes=70)

    assert len(scene.failures()) == 12
    (incident,) = scene.incidents()
    assert "given up after 12 tries: RuntimeError: no ink" in incident.text


def test_retry_of_a_state_is_not_that_of_its_timers(scene: Scene) -> None:  # rule 16
    scene.open(TIMER.replace("states: {new: {},", "states: {new: {retry: {attempts: 2}},"))
    _place_one(scene)
    scene.world.broken["finish"] = RuntimeError("no ink")
    for _ in range(20):
        scene.wait(minutes=70)

    assert len(scene.failures()) == 8


def test_no_pause_grows_beyond_an_hour(scene: Scene) -> None:  # rule 16
    scene.open(EVENTLESS.replace("states: {new: {},", "states: {new: {retry: {attempts: 5, delay: 40m}},"))
    _place_one(scene)
    scene.world.broken["finish"] = RuntimeError("no ink")

    pauses = []
    for _ in range(4):
        scene.drain()
        item = scene.order().items[0]
        assert item.look_at is not None
        pauses.append((item.look_at - scene.clock.now) / timedelta(minutes=1))
        scene.clock.now = item.look_at

    assert pauses == [pytest.approx(42, abs=2), pytest.approx(63, abs=3), pytest.approx(63, abs=3), pytest.approx(63, abs=3)]


def test_a_commit_of_the_order_does_not_hurry_what_failed(scene: Scene) -> None:  # rule 15
    scene.open(EVENTLESS)
    _place_one(scene)
    scene.world.broken["finish"] = RuntimeError("no ink")
    scene.drain()
    planned = scene.order().items[0].look_at

    scene.trigger("wave")

    assert scene.order().items[0].look_at == planned
    assert scene.order().items[0].attempts == 1


def test_an_attempt_of_an_item_is_counted_before_it_is_made(scene: Scene) -> None:  # rule 15
    scene.open(EVENTLESS)
    _place_one(scene)
    now, item = scene.clock.now, scene.order().items[0].id
    for attempt in range(1, 9):
        with scene.shop.store.writing() as work:  # a worker claims it and dies
            assert work.looks.claim([item], now=now, again=now) == {item}
        assert scene.order().items[0].attempts == attempt

    scene.drain()

    assert scene.world.done == []
    (incident,) = scene.incidents()
    assert "the process died during each try" in incident.text


def test_an_attempt_of_a_timer_is_counted_before_it_is_made(scene: Scene) -> None:  # rule 15
    scene.open(TIMER)
    _place_one(scene)
    scene.clock.move(minutes=2)
    now, timer = scene.clock.now, scene.timers()[0].id
    for attempt in range(1, 9):
        with scene.shop.store.writing() as work:
            assert work.timers.claim([timer], now=now, again=now) == {timer}
        assert scene.timers()[0].attempts == attempt

    scene.drain()

    assert scene.world.done == []
    (incident,) = scene.incidents()
    assert "the process died during each try" in incident.text


def test_a_failing_order_never_delays_another(scene: Scene) -> None:  # semantics 6
    scene.open(
        TIMER.replace(
            "{from: new, event: expire, to: done}",
            "{from: new, event: expire, if: {data: {sick: true}}, to: done, command: {do: {what: sick}}}\n  - {from: new, event: expire, to: done}",
        )
    )
    for number in range(6):
        scene.place(f"A-{number}", data={"sick": number % 2 == 0})
    scene.world.broken["sick"] = RuntimeError("ill")

    scene.wait(minutes=2)

    assert [scene.states(f"A-{number}")[0] for number in range(6)] == ["new", "done", "new", "done", "new", "done"]


def test_nothing_is_tried_again_by_itself_after_a_button(scene: Scene) -> None:  # semantics 6
    scene.open(AUTO.replace("start: {manual: true}", "start: {manual: true, command: {do: {what: start}}}"))
    _place_one(scene)
    scene.world.broken["start"] = RuntimeError("stuck")
    with pytest.raises(Exception, match="stuck"):
        scene.trigger("start")
    scene.world.broken.clear()

    scene.wait(days=2)

    assert scene.states() == ["new"]


def test_the_caller_is_told_when_an_auto_hop_is_tried_again(scene: Scene) -> None:  # semantics 6
    scene.open(AUTO)
    _place_one(scene)
    scene.world.broken["finish"] = RuntimeError("no ink")

    (result,) = scene.trigger("start").results

    assert (result.outcome, result.state, result.error) == ("moved", "ready", "RuntimeError: no ink")
    assert result.next_try is not None
    item = scene.order().items[0]
    assert item.look_at is not None
    assert result.next_try == item.look_at.isoformat()


def test_an_auto_event_may_be_a_button_too_so_that_a_person_can_try_at_once(scene: Scene) -> None:  # rule 23
    scene.open(AUTO.replace("finish: {auto: true,", "finish: {auto: true, manual: true,"))
    _place_one(scene)
    scene.world.broken["finish"] = RuntimeError("no ink")
    scene.trigger("start")
    with pytest.raises(CommandFailed, match="no ink"):
        scene.trigger("finish")
    assert scene.order().items[0].attempts == 1
    scene.world.broken.clear()

    scene.trigger("finish")

    assert scene.states() == ["done"]
