"""What happens later: rules 20 and 22, semantics 7, the keys `after`, `every`, `at` and `calendar`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oms.engine.by_hand import run_now
from oms.errors import CommandFailed, NotAllowed, NotPossible
from tests.unit.engine.scene import REFERENCE, Scene

BILL = """
initial: open
states: {open: {}, paid: {final: true}, cancelled: {final: true}, elsewhere: {}}
events:
  remind: {after: 3d, command: {do: {what: remind}}}
  expire: {after: 14d, command: {do: {what: expire}}}
  pay: {manual: true}
  wave: {manual: true}
  go: {manual: true}
  back: {manual: true}
transitions:
  - {from: open, event: remind, to: open}
  - {from: open, event: expire, to: cancelled}
  - {from: open, event: pay, to: paid}
  - {from: open, event: wave, to: open}
  - {from: open, event: go, to: elsewhere}
  - {from: elsewhere, event: back, to: open}
"""


def _due(scene: Scene) -> dict[str, datetime]:
    return {timer.event: timer.due_at for timer in scene.timers()}


def _one(scene: Scene) -> None:
    scene.place(items=[{"sku": "CUP", "name": "Cup", "quantity": 2, "unit_price": "10.00", "tax_rate": "19"}])


def test_a_reminder_never_postpones_the_cancellation(scene: Scene) -> None:  # semantics 7
    scene.open(BILL)
    _one(scene)
    start, entered = scene.clock.now, scene.order().items[0].entered_at

    scene.wait(days=3)

    assert [what for what, _ in scene.world.done] == ["remind"]
    assert _due(scene) == {"expire": start + timedelta(days=14)}
    assert scene.order().items[0].entered_at == entered
    scene.wait(days=11)
    assert scene.states() == ["cancelled"]
    assert [what for what, _ in scene.world.done] == ["remind", "expire"]


def test_neither_does_anything_else_that_leads_back_to_the_same_state(scene: Scene) -> None:  # semantics 7
    scene.open(BILL)
    _one(scene)
    before = scene.timers()
    scene.clock.move(days=1)

    scene.trigger("wave")

    assert scene.timers() == before
    assert scene.order().items[0].moves == 0


def test_a_new_stay_has_timers_of_its_own(scene: Scene) -> None:  # semantics 7
    scene.open(BILL)
    _one(scene)
    scene.wait(days=2)
    scene.trigger("go")
    assert scene.timers() == []

    scene.trigger("back")

    assert _due(scene) == {"remind": scene.clock.now + timedelta(days=3), "expire": scene.clock.now + timedelta(days=14)}
    assert scene.order().items[0].moves == 2


def test_a_timer_never_fires_early_and_never_twice(scene: Scene) -> None:  # semantics 7
    scene.open(BILL)
    _one(scene)

    scene.wait(days=3, seconds=-1)
    assert scene.world.done == []
    scene.wait(seconds=1)
    scene.drain()
    scene.wait(days=3)

    assert [what for what, _ in scene.world.done] == ["remind"]


def test_missed_timers_fire_once_after_downtime_in_the_order_of_their_times(scene: Scene) -> None:  # semantics 7, rule 20
    scene.open(BILL)
    _one(scene)

    scene.wait(days=400)

    assert [what for what, _ in scene.world.done] == ["remind", "expire"]
    assert scene.states() == ["cancelled"]


def test_timers_due_at_the_same_time_fire_in_file_order(scene: Scene) -> None:  # rule 20
    scene.open("""
        initial: open
        states: {open: {}, end: {final: true}}
        events:
          zeta: {after: 2h, command: {do: {what: zeta}}}
          alpha: {after: 1h 60m, command: {do: {what: alpha}}}
          leave: {manual: true}
        transitions:
          - {from: open, event: alpha, to: open}
          - {from: open, event: zeta, to: open}
          - {from: open, event: leave, to: end}
        """)
    _one(scene)

    scene.wait(hours=2)

    assert [what for what, _ in scene.world.done] == ["zeta", "alpha"]


def test_the_first_timer_that_moves_the_item_takes_the_others_with_it(scene: Scene) -> None:  # rule 20
    scene.open(BILL.replace("{from: open, event: remind, to: open}", "{from: open, event: remind, to: elsewhere}"))
    _one(scene)

    scene.wait(days=20)

    assert [what for what, _ in scene.world.done] == ["remind"]
    assert scene.states() == ["elsewhere"]
    assert scene.timers() == []


def test_items_of_one_order_that_entered_apart_within_a_minute_fire_together(scene: Scene) -> None:  # rule 20
    scene.open(BILL)
    scene.place()
    scene.trigger("go")
    scene.clock.now = datetime(2026, 12, 1, 10, 0, 5, tzinfo=UTC)
    scene.trigger("back", "1")
    scene.clock.move(seconds=50)
    scene.trigger("back", "2")

    assert {timer.due_at for timer in scene.timers() if timer.event == "remind"} == {datetime(2026, 12, 4, 10, 1, tzinfo=UTC)}
    scene.clock.now = datetime(2026, 12, 4, 10, 1, tzinfo=UTC)
    scene.drain()
    assert scene.world.done == [("remind", ("1", "2"))]


def test_a_delay_below_an_hour_is_kept_to_the_second(scene: Scene) -> None:  # rule 20
    scene.open(BILL.replace("after: 3d", "after: 59m"))
    scene.clock.now = datetime(2026, 12, 1, 10, 0, 5, tzinfo=UTC)
    _one(scene)

    assert _due(scene)["remind"] == datetime(2026, 12, 1, 10, 59, 5, tzinfo=UTC)


CLOSED = """
initial: open
states: {open: {}, end: {final: true}}
events:
  try: {%s}
  leave: {manual: true}
transitions:
  - {from: open, event: try, if: {is_open: {door: gate}}, to: end}
  - {from: open, event: leave, to: end}
"""


@pytest.mark.parametrize("key", ["after: 30m", "every: 30m"])
def test_a_timer_that_finds_no_way_open_is_armed_again_with_the_same_delay(scene: Scene, key: str) -> None:  # semantics 7, rule 20
    scene.open(CLOSED % key)
    _one(scene)
    history = scene.order().history
    scene.wait(minutes=40)
    assert _due(scene) == {"try": scene.clock.now + timedelta(minutes=30)}
    assert scene.order().history == history

    scene.world.doors.add("gate")
    scene.wait(minutes=30)

    assert scene.states() == ["end"]


def test_every_goes_on_after_a_transition_to_the_same_state(scene: Scene) -> None:  # semantics 7, keys: every
    scene.open("""
        initial: open
        states: {open: {}, end: {final: true}}
        events: {poll: {every: 10m, command: {do: {what: poll}}}, leave: {manual: true}}
        transitions:
          - {from: open, event: poll, to: open}
          - {from: open, event: leave, to: end}
        """)
    _one(scene)

    for _ in range(3):
        scene.wait(minutes=10)

    assert len(scene.world.done) == 3
    scene.trigger("leave")
    assert scene.timers() == []


def test_every_missed_for_long_fires_once_and_then_in_its_own_time(scene: Scene) -> None:  # semantics 7
    scene.open("""
        initial: open
        states: {open: {}, end: {final: true}}
        events: {poll: {every: 10m, command: {do: {what: poll}}}, leave: {manual: true}}
        transitions:
          - {from: open, event: poll, to: open}
          - {from: open, event: leave, to: end}
        """)
    _one(scene)

    scene.wait(days=1)

    assert len(scene.world.done) == 1
    assert _due(scene) == {"poll": scene.clock.now + timedelta(minutes=10)}


@pytest.mark.parametrize(
    ("key", "due"),
    [
        ('at: {time: "09:00"}', datetime(2026, 11, 26, 8, 0, tzinfo=UTC)),  # the store's zone, Europe/Berlin; placed on a Wednesday at 10:00 there
        ('at: {time: "11:00"}', datetime(2026, 11, 25, 10, 0, tzinfo=UTC)),
        ('at: {time: "09:00", days: [mon, fri]}', datetime(2026, 11, 27, 8, 0, tzinfo=UTC)),
        ('at: {time: "09:00", days: [mon], zone: America/New_York}', datetime(2026, 11, 30, 14, 0, tzinfo=UTC)),
        ("after: 2 business days", datetime(2026, 11, 27, 9, 0, tzinfo=UTC)),
        ("after: 22 business days", datetime(2026, 12, 28, 9, 0, tzinfo=UTC)),  # Christmas is no business day in the store's calendar, DE-BE
        ("after: 30 business days, calendar: DE-BY", datetime(2027, 1, 11, 9, 0, tzinfo=UTC)),  # Epiphany is none in Bavaria
        ("after: 30 business days", datetime(2027, 1, 8, 9, 0, tzinfo=UTC)),
    ],
)
def test_a_timer_may_wait_for_a_clock_a_weekday_or_business_days(scene: Scene, key: str, due: datetime) -> None:  # keys: at, after, calendar
    scene.open(CLOSED % key)
    _one(scene)

    assert _due(scene) == {"try": due}


def test_a_clock_time_that_finds_no_way_open_waits_for_the_next_such_moment(scene: Scene) -> None:  # semantics 7
    scene.open(CLOSED % 'at: {time: "11:00", days: [wed]}')
    _one(scene)

    scene.wait(hours=1)

    assert _due(scene) == {"try": datetime(2026, 12, 2, 10, 0, tzinfo=UTC)}


def test_a_function_may_say_for_each_item_when_a_timer_is_due(scene: Scene) -> None:  # rule 22, keys: at
    scene.open(CLOSED % "at: {due: release_day}")
    first, second = scene.clock.now + timedelta(days=1), scene.clock.now + timedelta(days=2)
    scene.world.due = {"1": first, "2": second}

    scene.place()

    assert [timer.due_at for timer in scene.timers()] == [first, second]


def test_a_moment_that_is_past_fires_at_the_next_tick(scene: Scene) -> None:  # rule 22
    scene.open(CLOSED % "at: {due: release_day}")
    scene.world.due = {"1": scene.clock.now - timedelta(days=1)}
    scene.world.doors.add("gate")
    _one(scene)

    scene.drain()

    assert scene.states() == ["end"]


def test_a_moment_that_stays_past_while_no_way_is_open_is_asked_again_after_a_day(scene: Scene) -> None:  # rule 22
    scene.open(CLOSED % "at: {due: release_day}")
    scene.world.due = {"1": scene.clock.now - timedelta(days=1)}
    _one(scene)

    scene.drain()

    assert _due(scene) == {"try": scene.clock.now + timedelta(days=1)}


def test_a_function_that_raises_fails_the_hop_that_enters(scene: Scene) -> None:  # rule 22
    scene.open("""
        initial: new
        states: {new: {}, open: {}, end: {final: true}}
        events: {start: {manual: true}, try: {at: {due: release_day}}}
        transitions:
          - {from: new, event: start, to: open}
          - {from: open, event: try, to: end}
        """)
    _one(scene)
    scene.world.broken["release_day"] = RuntimeError("no calendar")

    with pytest.raises(CommandFailed, match="no calendar"):
        scene.trigger("start")

    assert scene.states() == ["new"]


def test_a_function_that_raises_when_it_is_asked_again_is_noted_and_tried_again(scene: Scene) -> None:  # rules 15 and 22
    scene.open(CLOSED % "at: {due: release_day}")
    scene.world.due = {"1": scene.clock.now}
    _one(scene)
    scene.world.broken["release_day"] = RuntimeError("no calendar")

    scene.drain()

    (timer,) = scene.timers()
    assert timer.error == "RuntimeError: no calendar"
    scene.world.broken.clear()
    scene.world.doors.add("gate")
    scene.wait(minutes=1)
    assert scene.states() == ["end"]


def test_run_now_is_a_trigger_by_the_person_who_asks_for_it(scene: Scene) -> None:  # rule 20
    scene.open(BILL)
    _one(scene)

    run_now(scene.shop.engine, REFERENCE, "expire", actor="petra")

    assert scene.states() == ["cancelled"]
    assert scene.order().history[-1].actor == "petra"


@pytest.mark.parametrize("key", [None, "k"])
@pytest.mark.parametrize("event", ["pay", "back", "nonsense"])
def test_nothing_is_run_now_for_which_no_timer_waits(scene: Scene, event: str, key: str | None) -> None:
    scene.open(BILL)
    _one(scene)

    with pytest.raises(NotPossible, match='Possible: timer "expire", timer "remind"'):
        run_now(scene.shop.engine, REFERENCE, event, actor="petra", key=key)

    assert scene.states() == ["open"]


def test_run_now_is_for_the_roles_that_the_process_names(scene: Scene) -> None:
    scene.open(BILL.replace("expire: {after: 14d,", "expire: {after: 14d, roles: [manager],"))
    _one(scene)

    with pytest.raises(NotAllowed, match='"expire" is for manager: you are clerk'):
        run_now(scene.shop.engine, REFERENCE, "expire", actor="petra", roles=["clerk"])

    assert not run_now(scene.shop.engine, REFERENCE, "expire", actor="mara", roles=["manager"], key="k").repeated
    assert run_now(scene.shop.engine, REFERENCE, "expire", actor="mara", roles=["manager"], key="k").repeated
    assert scene.states() == ["cancelled"]


def test_the_timer_is_who_let_it_happen(scene: Scene) -> None:  # semantics 9
    scene.open(BILL)
    _one(scene)

    scene.wait(days=3)

    assert (scene.order().history[-1].event, scene.order().history[-1].actor) == ("remind", "timer")


def test_a_poison_order_stops_nobody(scene: Scene) -> None:  # issue, item 5
    scene.open(BILL.replace("{from: open, event: expire, to:", "{from: open, event: expire, if: {data: {old: true}}, to:"))
    for number in range(5):
        scene.place(f"A-{number}", data={"old": True})
    with scene.shop.store.writing() as work:  # nobody knows how, but this order can't even be read
        work.orders.correct(1, document="{", customer_name="?", customer_email=None)

    scene.wait(days=14)

    assert [scene.states(f"A-{number}")[0] for number in range(5)] == ["open"] + ["cancelled"] * 4
    assert scene.failures("A-0") == [("expire", "open", "open", ["1"]), ("expire", "open", "open", ["2"])]


def test_a_trigger_never_has_a_clock_before_the_last_change_of_its_order(scene: Scene) -> None:  # rule 21
    scene.open(BILL)
    scene.clock.move(days=1)
    _one(scene)
    placed = scene.clock.now
    scene.clock.move(days=-1)

    scene.trigger("go")

    assert [row.at for row in scene.order().history] == [placed, placed]
    assert scene.order().items[0].entered_at == placed
