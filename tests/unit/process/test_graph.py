"""A process as Mermaid text: `oms graph`."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from oms.process.graph import to_mermaid
from oms.process.model import Call, Event, Process, State, Timer, Transition

DAY = timedelta(days=1)


def process_of(states: list[State], events: list[Event], transitions: list[Transition]) -> Process:
    return Process(
        name="example",
        initial=states[0].name,
        states={state.name: state for state in states},
        events={event.name: event for event in events},
        transitions=tuple(transitions),
    )


EXAMPLE = process_of(
    [
        State("new"),
        State("payment pending", title={"de": "Zahlung ausstehend"}),
        State("invoiced", on_enter=(Call("issue_invoice"), Call("mail", {"template": "invoice", "copy": True}))),
        State("refunding", run=Call("refund_payment"), then="finish refund", on_error="fail refund"),
        State("cancelled", final=True),
    ],
    [
        Event("accept", auto=True, command=(Call("mail", {"template": "order_confirmation"}),)),
        Event("pay", title={"": "payment"}, prepare=(Call("record_payment"),)),
        Event("remind", timer=Timer(after=3 * DAY)),
        Event("cancel", manual=True),
        Event("finish refund"),
        Event("fail refund"),
    ],
    [
        Transition("new", "payment pending", "accept", happy=True),
        Transition("payment pending", "invoiced", "pay", (Call("payment_is_settled"), Call("all_items_in", {"states": ["new", "paid"]})), happy=True),
        Transition("payment pending", "payment pending", "pay"),
        Transition("payment pending", "payment pending", "remind"),
        Transition("invoiced", "refunding", "cancel", command=(Call("issue_credit_note"),)),
        Transition("refunding", "cancelled", "finish refund"),
        Transition("refunding", "refunding", "fail refund"),
        Transition("cancelled", "refunding", None, (Call("order_is_overpaid"),)),
        Transition("cancelled", "new"),
    ],
)

DRAWN = """\
stateDiagram-v2
    state "new" as s0
    state "payment pending" as s1
    state "invoiced" as s2
    s2 : on_enter issue_invoice, mail(template=invoice, copy=True)
    state "refunding" as s3
    s3 : run refund_payment, then finish refund, on_error fail refund
    state "cancelled" as s4
    [*] --> s0
    s0 --> s1 : ✓ accept (auto) / mail(template=order_confirmation)
    s1 --> s2 : ✓ payment [payment_is_settled and all_items_in(states=new or paid)] / record_payment
    s1 --> s1 : payment / record_payment
    s1 --> s1 : remind (after 3d)
    s2 --> s3 : cancel (manual) / issue_credit_note
    s3 --> s4 : finish refund
    s3 --> s3 : fail refund
    s4 --> s3 : [order_is_overpaid]
    s4 --> s0
    s4 --> [*]
    classDef happy stroke-width:3px
    class s0,s1,s2 happy
"""


def test_everything_that_decides_an_items_way_is_drawn() -> None:
    assert to_mermaid(EXAMPLE) == DRAWN


def test_an_order_that_walks_through_is_shown() -> None:
    drawn = to_mermaid(EXAMPLE, visited=("new", "payment pending"), current={"invoiced"})
    assert drawn.startswith(DRAWN)
    assert re.findall(r"class (\S+) (\w+)", drawn) == [("s0,s1,s2", "happy"), ("s0,s1", "visited"), ("s2", "current")]


@pytest.mark.parametrize("locale", ["de", "de_DE", "de-AT"])
def test_titles_are_those_of_the_locale(locale: str) -> None:
    drawn = to_mermaid(EXAMPLE, locale=locale)
    assert 'state "Zahlung ausstehend" as s1' in drawn
    assert 'state "new" as s0' in drawn


@pytest.mark.parametrize(
    ("timer", "drawn"),
    [
        (Timer(after=1.5 * DAY), "after 1d 12h"),
        (Timer(every=DAY / 144), "every 10m"),
        (Timer(business_days=2), "after 2 business days"),
        (Timer(business_days=2, calendar="DE-BY"), "after 2 business days DE-BY"),
        (Timer(time="09:00"), "at 09#58;00"),
        (Timer(time="09:00", days=(0, 4), zone="Europe/Berlin"), "at 09#58;00 mon fri Europe/Berlin"),
        (Timer(due="invoice_due"), "at invoice_due"),
    ],
)
def test_timers_say_when(timer: Timer, drawn: str) -> None:
    process = process_of([State("new")], [Event("remind", timer=timer)], [Transition("new", "new", "remind")])
    assert f"    s0 --> s0 : remind ({drawn})\n" in to_mermaid(process)


def test_an_event_that_several_may_let_happen_says_so() -> None:
    process = process_of([State("new")], [Event("close", auto=True, manual=True, timer=Timer(after=DAY))], [Transition("new", "new", "close")])
    assert "    s0 --> s0 : close (auto, manual, after 1d)\n" in to_mermaid(process)


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ('say "no"', "say #34;no#34;"),
        ("a: b; c", "a#58; b#59; c"),
        ("#35; %% {x}", "#35;35#59; #37;#37; #123;x#125;"),
        ("a --> b", "a #45;#45;#62; b"),
        ("<script>", "#60;script#62;"),
        ("*loud* _soft_ `x`", "#42;loud#42; #95;soft#95; #96;x#96;"),
        ("1. reminder", "1#46; reminder"),
        ("1) reminder", "1#41; reminder"),
        ("- new", "#45; new"),
        ("new\nstate x", "new state x"),
        ("change direction LR", "change direction#32;LR"),
        ("3D-check v1.2 (bezahlt für später) 訂單", "3D-check v1.2 (bezahlt für später) 訂單"),
    ],
)
def test_names_are_text_whatever_they_mean_to_mermaid(name: str, drawn: str) -> None:
    process = process_of([State(name)], [Event(name)], [Transition(name, name, name)])
    assert to_mermaid(process).splitlines()[1:] == [f'    state "{drawn}" as s0', "    [*] --> s0", f"    s0 --> s0 : {drawn}"]


def test_arguments_are_text_too() -> None:
    process = process_of([State("new", on_enter=(Call("note", {"text": "hello:\nworld"}),))], [], [])
    assert "    s0 : on_enter note(text=hello#58; world)\n" in to_mermaid(process)
