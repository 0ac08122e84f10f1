"""What leaves the house: rules 25 to 27, semantics 8, the keys `run`, `then`, `on_error` and `retry`."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from oms.engine.care import retry_order
from oms.engine.jobs import run_job
from oms.errors import Permanent, Temporary
from oms.outbox import JobStatus
from tests.unit.engine.scene import REFERENCE, Scene

CALLING = """
initial: new
states:
  new: {}
  calling: {run: {call: {whom: A}}, then: answer, on_error: miss}
  answered: {on_enter: {do: {what: cheer}}}
  missed: {on_enter: {do: {what: sigh}}}
  done: {final: true}
events:
  start: {manual: true}
  answer: {command: {do: {what: note answer}}}
  miss: {}
  hang up: {manual: true}
transitions:
  - {from: new, event: start, to: calling}
  - {from: calling, event: answer, to: answered}
  - {from: calling, event: miss, to: missed}
  - {from: calling, event: hang up, to: done}
  - {from: answered, event: hang up, to: done}
  - {from: missed, event: hang up, to: done}
  - {from: missed, event: start, to: calling}
"""
WITHOUT_ON_ERROR = (
    CALLING.replace(", on_error: miss", "").replace("  miss: {}\n", "").replace("event: miss,", "event: hang up, if: {is_open: {door: back}},")
)
WITH_DELAY = (
    CALLING.replace("states:", "states:\n  late: {}")
    .replace("events:", "events:\n  delay: {manual: true}")
    .replace("transitions:", "transitions:\n  - {from: calling, event: delay, to: late}\n  - {from: late, event: answer, to: answered}")
)


def _call(scene: Scene, process: str = CALLING) -> None:
    scene.open(process)
    scene.place()
    scene.trigger("start")


def _run_until(scene: Scene, status: JobStatus) -> list[float]:
    """Run the newest call as often as it is due. Returns the pauses between tries, in seconds."""
    pauses: list[float] = []
    while scene.job().status is not status:
        assert len(pauses) < 50, f"it is still {scene.job().status}"
        before = scene.clock.now
        scene.clock.now = max(scene.job().next_at or before, before)
        pauses.append((scene.clock.now - before).total_seconds())
        scene.drain()
    return pauses[1:]


def test_entering_a_state_with_run_orders_one_job_for_all_its_items_and_nothing_leaves_the_house_yet(scene: Scene) -> None:  # rule 25
    _call(scene)

    job = scene.job()
    assert (job.name, job.state, job.then, job.on_error, job.arguments) == ("call", "calling", "answer", "miss", {"whom": "A"})
    assert [item for item, _ in job.items] == [item.id for item in scene.order().items]
    assert scene.world.calls == []


def test_when_it_is_done_then_happens_with_what_it_brought(scene: Scene) -> None:  # keys: run, then
    _call(scene)
    scene.world.brought["A"] = {"said": "hello"}

    scene.drain()

    assert scene.states() == ["answered", "answered"]
    assert scene.order().triggers[-1].payload == '{"said": "hello"}'
    assert scene.order().triggers[-1].actor == "job:call"
    assert scene.order().triggers[-1].cause == f"job:{scene.job().id}"
    assert scene.job().status is JobStatus.DONE


def test_the_id_of_the_job_is_the_same_key_towards_the_outside_on_every_try(scene: Scene) -> None:  # rule 26
    _call(scene)
    scene.world.break_for("A", Temporary("engaged"), times=2)

    _run_until(scene, JobStatus.DONE)

    assert scene.world.calls == [("A", scene.job().id)] * 3


def test_a_job_is_tried_for_a_day_with_pauses_that_double_up_to_an_hour_then_on_error_happens(scene: Scene) -> None:  # rule 16, keys: on_error
    _call(scene)
    scene.world.broken["A"] = Temporary("engaged")

    pauses = _run_until(scene, JobStatus.DEAD)

    assert pauses[:5] == [pytest.approx(pause * 1.05, rel=0.06) for pause in (10, 20, 40, 80, 160)]
    assert max(pauses) <= 3960
    assert timedelta(hours=24) <= timedelta(seconds=sum(pauses)) <= timedelta(hours=28)
    assert scene.states() == ["missed", "missed"]
    assert scene.order().triggers[-1].payload == '{"error": "engaged"}'


def test_a_permanent_error_is_not_tried_again(scene: Scene) -> None:  # rule 16
    _call(scene)
    scene.world.broken["A"] = Permanent("No such number.")

    scene.drain()

    assert scene.world.calls == [("A", scene.job().id)]
    assert scene.states() == ["missed", "missed"]
    assert scene.incidents() == []


def test_retry_on_the_state_says_how_often_its_job_is_tried(scene: Scene) -> None:  # rule 16, keys: retry
    _call(scene, CALLING.replace("calling: {run:", "calling: {retry: {attempts: 3, delay: 1m}, run:"))
    scene.world.broken["A"] = Temporary("engaged")

    assert _run_until(scene, JobStatus.DEAD) == [pytest.approx(63, abs=3), pytest.approx(126, abs=6)]


def test_a_job_without_on_error_that_dies_needs_attention_and_can_be_tried_again(scene: Scene) -> None:  # rules 26 and 31
    _call(scene, WITHOUT_ON_ERROR)
    scene.world.broken["A"] = Permanent("No such number.")
    scene.drain()
    (incident,) = scene.incidents()
    assert incident.kind == "job died"
    assert incident.text == (
        '"call" is given up after 1 try: No such number. Mend that, then: oms order retry A-1. '
        'If it was settled elsewhere: oms order skip A-1 --reason "…".'
    )
    assert scene.states() == ["calling", "calling"]
    scene.world.broken.clear()
    claims = scene.job().claims

    assert retry_order(scene.shop.engine, REFERENCE, actor="petra").jobs == 1
    scene.drain()

    assert scene.states() == ["answered", "answered"]
    assert scene.incidents() == []
    assert (scene.job().attempts, scene.job().claims) == (1, claims + 1)


def test_an_item_that_leaves_takes_the_incident_of_its_dead_job_along(scene: Scene) -> None:  # rule 31
    _call(scene, WITHOUT_ON_ERROR)
    scene.world.broken["A"] = Permanent("No such number.")
    scene.drain()

    scene.trigger("hang up", "1")
    assert len(scene.incidents()) == 1
    scene.trigger("hang up", "2")

    assert scene.incidents() == []
    assert not scene.order().head.attention


# ---- Landing ----


def test_if_the_event_that_follows_fails_it_is_repeated_never_the_effect(scene: Scene) -> None:  # Jobs: finish
    _call(scene)
    scene.world.break_for("cheer", RuntimeError("hoarse"), times=3)

    assert _run_until(scene, JobStatus.DONE) == [pytest.approx(pause * 1.05, rel=0.06) for pause in (10, 20, 40)]

    assert len(scene.world.calls) == 1
    assert scene.states() == ["answered", "answered"]
    assert scene.failures() == [("answer", "calling", "answered", ["1", "2"])] * 3


def test_landing_is_tried_as_often_as_the_event_says_then_needs_attention_and_can_be_tried_again(scene: Scene) -> None:  # rule 16
    _call(scene, CALLING.replace("answer: {command", "answer: {retry: {attempts: 3, delay: 1m}, command"))
    scene.world.brought["A"] = {"said": "hello"}
    scene.world.broken["cheer"] = RuntimeError("hoarse")

    assert _run_until(scene, JobStatus.DEAD) == [pytest.approx(63, abs=3), pytest.approx(126, abs=6)]
    (incident,) = scene.incidents()
    assert incident.kind == "effect without followers"
    assert "RuntimeError: hoarse" in incident.text
    scene.world.broken.clear()
    retry_order(scene.shop.engine, REFERENCE, actor="petra")
    scene.drain()

    assert len(scene.world.calls) == 1
    assert scene.states() == ["answered", "answered"]
    assert scene.order().triggers[-1].payload == '{"said": "hello"}'
    assert scene.incidents() == []


def test_a_permanent_failure_of_the_event_that_follows_is_not_repeated(scene: Scene) -> None:  # semantics 6
    _call(scene)
    scene.world.broken["cheer"] = Permanent("The street is missing.")

    scene.drain()

    assert scene.job().status is JobStatus.DEAD
    assert len(scene.failures()) == 1
    (incident,) = scene.incidents()
    assert "The street is missing." in incident.text


def test_if_on_error_fails_it_is_repeated_never_the_effect(scene: Scene) -> None:  # rule 15
    _call(scene)
    scene.world.broken["A"] = Permanent("No such number.")
    scene.world.break_for("sigh", RuntimeError("hoarse"), times=3)

    assert _run_until(scene, JobStatus.DEAD) == [pytest.approx(pause * 1.05, rel=0.06) for pause in (10, 20, 40)]

    assert len(scene.world.calls) == 1
    assert scene.states() == ["missed", "missed"]
    assert scene.order().triggers[-1].payload == '{"error": "No such number."}'


def test_on_error_that_fails_for_good_needs_attention_and_can_be_tried_again(scene: Scene) -> None:  # rule 15
    _call(scene)
    scene.world.broken |= {"A": Permanent("No such number."), "sigh": Permanent("No tissue.")}
    scene.drain()
    (incident,) = scene.incidents()
    assert incident.text == '"call" failed: No such number. Then "miss" failed: No tissue. Mend that, then: oms order retry.'
    scene.world.broken.clear()

    retry_order(scene.shop.engine, REFERENCE, actor="petra")
    scene.drain()

    assert len(scene.world.calls) == 1
    assert scene.states() == ["missed", "missed"]
    assert scene.incidents() == []


def test_only_the_items_whose_hop_failed_land_again(scene: Scene) -> None:  # Jobs: finish
    process = CALLING.replace(
        "- {from: calling, event: answer, to: answered}",
        "- {from: calling, event: answer, if: {data: {deaf: true}}, to: answered}\n  - {from: calling, event: answer, to: done}",
    )
    scene.open(process)
    item = {"sku": "CUP", "name": "Cup", "quantity": 1, "unit_price": "10.00", "tax_rate": "19"}
    scene.place(items=[item, {**item, "data": {"deaf": True}}])
    scene.trigger("start")
    scene.world.break_for("cheer", RuntimeError("hoarse"), times=1)
    scene.drain()
    assert scene.states() == ["done", "calling"]

    scene.wait(seconds=12)

    assert scene.states() == ["done", "answered"]
    assert scene.incidents() == []


def test_an_endless_chain_behind_a_job_needs_attention_and_the_effect_is_not_repeated(scene: Scene) -> None:  # rule 12
    scene.open("""
        initial: calling
        states: {calling: {run: {call: {whom: A}}, then: answer}, up: {}, down: {}, end: {final: true}}
        events: {answer: {}, turn: {auto: true}, leave: {manual: true}}
        transitions:
          - {from: calling, event: answer, to: up}
          - {from: up, event: turn, if: {is_open: {door: wheel}}, to: down}
          - {from: down, event: turn, if: {is_open: {door: wheel}}, to: up}
          - {from: [up, down], event: leave, to: end}
        """)
    scene.world.doors.add("wheel")
    scene.place("A-1")
    scene.place("A-2")

    scene.wait(days=1)

    assert len(scene.world.calls) == 2
    assert scene.states("A-1") == ["calling", "calling"]
    (incident,) = scene.incidents("A-1")
    assert "more than 50 hops" in incident.text


# ---- Items that left ----


def test_leaving_drops_a_job_that_was_never_tried(scene: Scene) -> None:  # rule 27, semantics 8
    _call(scene)

    scene.trigger("hang up")
    scene.drain()

    assert scene.job().status is JobStatus.DROPPED
    assert scene.world.calls == []
    assert scene.incidents() == []


def test_a_job_goes_on_for_the_items_that_are_still_there(scene: Scene) -> None:  # semantics 8
    _call(scene)

    scene.trigger("hang up", "1")
    scene.drain()

    assert scene.states() == ["done", "answered"]
    (incident,) = scene.incidents()
    assert incident.kind == "effect without followers"
    assert 'item 1 in "done"' in incident.text


def test_leaving_drops_a_job_that_was_tried_and_says_that_nobody_knows_what_it_did(scene: Scene) -> None:  # rule 27
    _call(scene)
    scene.world.broken["A"] = Temporary("cut off")
    scene.drain()

    scene.trigger("hang up")

    assert scene.job().status is JobStatus.DROPPED
    (incident,) = scene.incidents()
    assert incident.kind == "outcome unknown"
    assert incident.text == '"call" was tried 1 times when its items left "calling"; its effect is unknown: cut off'


def test_leaving_while_the_event_that_follows_waits_says_what_the_job_brought(scene: Scene) -> None:  # rule 27
    _call(scene)
    scene.world.brought["A"] = {"said": "hello"}
    scene.world.broken["cheer"] = RuntimeError("hoarse")
    scene.drain()

    scene.trigger("hang up")

    assert scene.job().status is JobStatus.DROPPED
    (incident,) = scene.incidents()
    assert incident.kind == "effect without followers"
    assert '{"said": "hello"}' in incident.text


def _while_it_runs(scene: Scene, event: str) -> None:
    """Claim the call as a worker would, let the event happen, then end the call."""
    job = scene.job()
    with scene.shop.store.writing() as work:
        assert work.jobs.claim(job.id, worker="w", now=scene.clock.now, lease_until=scene.clock.now + timedelta(seconds=60))
    scene.trigger(event)
    scene.clock.move(seconds=61)
    assert run_job(scene.shop.engine, job.id, worker="v")


def test_a_job_that_has_begun_is_not_stopped_and_its_event_happens_where_the_items_are_if_they_have_it(scene: Scene) -> None:  # rule 27
    _call(scene, WITH_DELAY)

    _while_it_runs(scene, "delay")

    assert scene.states() == ["answered", "answered"]
    assert scene.incidents() == []


def test_where_they_do_not_have_it_the_result_is_kept_for_a_person(scene: Scene) -> None:  # rule 27
    _call(scene)
    scene.world.brought["A"] = {"said": "hello"}

    _while_it_runs(scene, "hang up")

    assert scene.states() == ["done", "done"]
    assert scene.job().status is JobStatus.DONE
    (incident,) = scene.incidents()
    assert incident.kind == "effect without followers"
    assert 'item 1 in "done", 2 in "done"' in incident.text
    assert '{"said": "hello"}' in incident.text


def test_a_new_stay_orders_a_new_job(scene: Scene) -> None:  # semantics 7 and 8
    _call(scene)
    scene.world.broken["A"] = Permanent("No such number.")
    scene.drain()
    scene.world.broken.clear()

    scene.trigger("start")
    scene.drain()

    assert scene.states() == ["answered", "answered"]
    first, second = scene.world.calls
    assert first != second


# ---- Claims ----


def test_a_job_whose_lease_is_alive_belongs_to_its_worker(scene: Scene) -> None:  # rule 28
    _call(scene)
    job = scene.job()
    with scene.shop.store.writing() as work:
        work.jobs.claim(job.id, worker="w", now=scene.clock.now, lease_until=scene.clock.now + timedelta(seconds=60))

    assert run_job(scene.shop.engine, job.id, worker="v") is False
    scene.drain()
    assert scene.world.calls == []


def test_a_worker_that_lost_its_lease_can_no_longer_settle_the_job(scene: Scene) -> None:  # rule 26: the fence
    _call(scene)
    job, now = scene.job(), scene.clock.now
    with scene.shop.store.writing() as work:
        slow = work.jobs.claim(job.id, worker="slow", now=now, lease_until=now + timedelta(seconds=60))
    assert slow is not None
    scene.clock.move(seconds=61)
    scene.drain()
    assert scene.job().status is JobStatus.DONE

    with scene.shop.store.writing() as work:
        assert work.jobs.settle(slow, status=JobStatus.TODO) is False


def test_renewing_a_lease_keeps_everything_that_a_worker_is_doing(scene: Scene) -> None:  # Jobs: effect
    _call(scene)
    now = scene.clock.now
    with scene.shop.store.writing() as work:
        work.jobs.claim(scene.job().id, worker="w", now=now, lease_until=now + timedelta(seconds=60))
        assert work.jobs.renew("w", lease_until=now + timedelta(seconds=120)) == 1
    scene.clock.move(seconds=61)
    scene.drain()

    assert scene.world.calls == []


def test_each_attempt_is_counted_before_it_is_made(scene: Scene) -> None:  # rule 15
    _call(scene, CALLING.replace("calling: {run:", "calling: {retry: {attempts: 2}, run:"))
    for _ in range(2):
        with scene.shop.store.writing() as work:  # a worker claims it and dies
            assert work.jobs.claim(scene.job().id, worker="w", now=scene.clock.now, lease_until=scene.clock.now)
        scene.clock.move(seconds=1)

    scene.drain()

    assert scene.world.calls == []
    assert scene.states() == ["missed", "missed"]
    assert json.loads(scene.order().triggers[-1].payload or "") == {"error": "the process died during each try"}


def test_a_job_that_this_installation_does_not_have_is_dead_at_once(scene: Scene) -> None:  # rule 46
    _call(scene)
    with scene.shop.store.writing() as work:
        work.execute(text("UPDATE job SET name = 'gone'"))

    scene.drain()

    assert scene.states() == ["missed", "missed"]
    assert "is missing from this installation" in (scene.order().triggers[-1].payload or "")
