"""Placing is a hop from nowhere to the initial state: rule 19."""

from __future__ import annotations

import pytest

from oms.errors import CommandFailed, Conflict, InvalidOrder, NotFound
from tests.builders import an_order
from tests.unit.engine.scene import REFERENCE, Scene

DESK = """
initial: new
states:
  new: {on_enter: {do: {what: greet}}}
  checked: {on_enter: {do: {what: stamp}}}
  gone: {final: true}
events:
  check: {auto: true, command: {do: {what: check}}}
  expire: {after: 1d}
  leave: {manual: true}
transitions:
  - {from: new, event: check, to: checked}
  - {from: new, event: expire, to: gone}
  - {from: [new, checked], event: leave, to: gone}
"""


def test_placing_enters_the_initial_state_with_everything_that_entering_means(scene: Scene) -> None:  # rule 19
    scene.open(DESK.replace("auto: true", "manual: true"))

    answer = scene.place()

    assert scene.history() == [("__place__", None, "new", ["1", "2"])]
    assert scene.notes() == ["greet"]
    assert {timer.event for timer in scene.timers()} == {"expire"}
    assert [(result.item, result.outcome, result.state) for result in answer.results] == [("1", "moved", "new"), ("2", "moved", "new")]


def test_auto_events_follow_in_the_same_breath(scene: Scene) -> None:  # rule 19, keys: auto
    scene.open(DESK)

    scene.place()

    assert scene.states() == ["checked", "checked"]
    assert scene.notes() == ["greet", "check", "stamp"]


def test_an_order_is_stored_even_if_a_later_hop_fails(scene: Scene) -> None:  # rule 19
    scene.open(DESK)
    scene.world.broken["stamp"] = RuntimeError("no ink")

    answer = scene.place()

    assert [(result.outcome, result.state, result.error) for result in answer.results] == [("moved", "new", "RuntimeError: no ink")] * 2
    assert scene.states() == ["new", "new"]
    assert scene.notes() == ["greet"]
    assert scene.failures() == [("check", "new", "checked", ["1", "2"])]


def test_only_a_failing_command_of_the_initial_state_refuses_it_and_nothing_is_stored(scene: Scene) -> None:  # rule 19
    scene.open(DESK)
    scene.world.broken["greet"] = RuntimeError("no voice")

    with pytest.raises(CommandFailed, match=r'^The order "A-1" can\'t be placed: RuntimeError: no voice$'):
        scene.place()

    with pytest.raises(NotFound):
        scene.order()
    assert scene.rows("SELECT count(*) FROM orders UNION ALL SELECT count(*) FROM history") == [(0,), (0,)]
    scene.world.broken.clear()
    assert scene.place().moved


def test_an_order_whose_chain_would_never_end_is_stored_where_it_began_and_somebody_is_told(scene: Scene) -> None:  # rules 12 and 19
    scene.open("""
        initial: up
        states: {up: {}, down: {}, end: {final: true}}
        events: {turn: {auto: true}, leave: {manual: true}}
        transitions:
          - {from: up, event: turn, if: {is_open: {door: wheel}}, to: down}
          - {from: down, event: turn, if: {is_open: {door: wheel}}, to: up}
          - {from: [up, down], event: leave, to: end}
        """)
    scene.world.doors.add("wheel")

    scene.place()

    assert set(scene.states()) == {"up"}
    assert scene.rows("SELECT kind FROM incident") == [("endless chain",)]


def test_an_order_placed_again_with_the_same_content_answers_the_same_and_changes_nothing(scene: Scene) -> None:  # order document
    scene.open(DESK)
    scene.place()

    answer = scene.place()

    assert answer.repeated
    assert [(result.outcome, result.state, result.why) for result in answer.results] == [("stayed", "checked", "placed before")] * 2
    assert scene.rows("SELECT count(*) FROM orders") == [(1,)]


def test_with_other_content_it_is_refused(scene: Scene) -> None:  # order document
    scene.open(DESK)
    scene.place()

    with pytest.raises(Conflict, match='"A-1" exists with other content'):
        scene.place(comment="Please ring twice.")


def test_an_order_for_a_process_that_is_not_deployed_is_refused_with_those_that_are(scene: Scene) -> None:  # order document
    scene.open(DESK)

    with pytest.raises(InvalidOrder, match=r'no deployed process "bazaar"\. Deployed: prepayment'):
        scene.place(process="bazaar")


def test_the_process_is_chosen_by_the_payment_method_unless_the_order_names_one(scene: Scene) -> None:  # order document
    scene.open(DESK)
    with pytest.raises(InvalidOrder, match='no deployed process "invoice"'):
        scene.place(payment={"method": "invoice"})
    with pytest.raises(InvalidOrder, match='no deployed process "marketplace"'):
        scene.place(process="marketplace", payment={"method": "prepayment"})

    assert scene.place(payment={"method": "shells"}).moved


def test_a_gift_card_that_the_order_was_placed_with_is_a_payment(scene: Scene) -> None:  # order document: payments
    scene.open("""
        initial: owing
        states: {owing: {}, paid: {final: true}}
        events: {check: {auto: true}, leave: {manual: true}}
        transitions:
          - {from: owing, event: check, if: payment_is_settled, to: paid}
          - {from: owing, event: leave, to: paid}
        """)

    scene.place(payments=[{"method": "gift_card", "amount": "168.80", "reference": "GC-1"}])

    assert scene.states() == ["paid", "paid"]
    assert [(payment.provider, payment.reference, payment.amount_minor) for payment in scene.order().payments] == [("gift_card", "GC-1 (A-1)", 16880)]


def test_a_final_initial_state_is_final(scene: Scene) -> None:  # keys: final
    scene.open("initial: done\nstates: {done: {final: true}}\nevents: {}\ntransitions: []\n")

    scene.place()

    assert scene.rows("SELECT final FROM order_item") == [(1,), (1,)]
    assert scene.order(REFERENCE).head.attention is False


def test_a_default_that_changed_since_makes_no_other_order_of_it(scene: Scene) -> None:  # order document
    scene.open(DESK)
    scene.place()
    settings = scene.folder / "config" / "oms.toml"
    changed = settings.read_text().replace('default = "prepayment"', 'default = "invoice"')
    changed = changed.replace('prices = "gross"', 'prices = "net"').replace('payment_terms = "14d"', 'payment_terms = "30d"')
    settings.write_text(changed)
    shop = scene.reopen()

    assert shop.place(an_order("A-1")).repeated
    with pytest.raises(Conflict):
        shop.place(an_order("A-1", comment="Please ring twice."))
