"""Why an item waits (rule 48)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oms.engine.waiting import Waiting, roughly, waiting
from oms.outbox import Job, JobStatus
from oms.ports.records import Incident, Item, OrderHead, TimerRow
from oms.ports.views import OrderView
from oms.process.model import Call, Event, Process, State, Timer, Transition

ENTERED = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
NOW = ENTERED + timedelta(hours=1)
LATER = NOW + timedelta(hours=2)
SETTLED = Call("payment_is_settled")
ITEM = Item(7, 1, 1, 0, 2, "here", ENTERED, moves=2, seq=3, look_at=None, look_pause=None, attempts=0, error=None, ref=None, split_from=None)
HEAD = OrderHead(1, "main", "A-1001", 1, "EUR", "de", ENTERED, ENTERED, held=None, attention=False)
VIEW = OrderView(HEAD, "Jana Novak", None, 16880, "{}", "prepayment", 1, None, (ITEM,), *((),) * 11)


def a_process(*events: Event, arrows: Sequence[Transition], here: State | None = None) -> Process:
    states = {"here": here or State("here"), "there": State("there", final=True)}
    return Process("prepayment", "here", states, {event.name: event for event in events}, tuple(arrows))


def an_arrow(event: str | None = None, *conditions: Call, happy: bool = False) -> Transition:
    return Transition("here", "there", event, conditions, happy=happy)


def a_timer(event: str, *, due_at: datetime = LATER, moves: int = 2, error: str | None = None, next_at: datetime | None = LATER) -> TimerRow:
    return TimerRow(3, 1, ITEM.id, moves, event, due_at, attempts=2, next_at=next_at, error=error)


def a_job(status: JobStatus = JobStatus.TODO, *, error: str | None = None, next_at: datetime | None = NOW) -> Job:
    stay = ((ITEM.id, ITEM.moves),)
    return Job("j", "refund_payment", 1, "1:1", "here", stay, "finish", "fail", status=status, attempts=2, next_at=next_at, error=error)


def an_incident(kind: str, subject: str, text: str, *, item: int | None = None) -> Incident:
    return Incident(1, kind, subject, 1, item, NOW, None, None, text)


AFTER_3D = Timer(after=timedelta(days=3))
PAY = Event("pay")
SHIP = Event("ship", manual=True)
REMIND, EXPIRE = Event("remind", timer=AFTER_3D), Event("expire", timer=AFTER_3D)
PAYING = a_process(PAY, arrows=[an_arrow("pay", happy=True)])


def wait(process: Process, view: OrderView = VIEW, item: Item = ITEM) -> Waiting:
    return waiting(view, process, item, NOW)


@pytest.mark.parametrize(
    ("event", "kind", "sentence"),
    [
        (SHIP, "person", 'Waits for a person: "ship".'),
        (PAY, "outside", 'Waits for "pay" from outside.'),
        (REMIND, "timer", 'Waits for the timer "remind", due in 2h.'),
    ],
)
def test_the_event_of_the_happy_arrow_says_who_is_waited_for(event: Event, kind: str, sentence: str) -> None:
    other = Event("cancel", manual=True)
    process = a_process(other, event, arrows=[an_arrow("cancel"), an_arrow(event.name, happy=True)])
    view = replace(VIEW, timers=(a_timer("remind"),) if event is REMIND else ())
    waits = wait(process, view)
    assert (waits.kind, waits.sentence, waits.since) == (kind, sentence, ENTERED)
    assert waits.due_at == (LATER if event is REMIND else None)
    assert waits.others == ('a person: "cancel"',)


def test_a_happy_arrow_without_event_names_its_condition_and_the_next_look() -> None:
    waits = wait(a_process(arrows=[an_arrow(None, SETTLED, happy=True)]), item=replace(ITEM, look_at=LATER))
    assert (waits.kind, waits.sentence, waits.due_at) == ("engine", "Waits for the condition payment_is_settled, looked at again in 2h.", LATER)


def test_an_auto_event_that_found_nothing_open_waits_as_an_arrow_without_event() -> None:
    accept = Event("accept", auto=True, manual=True)
    states = Call("all_items_in", {"states": ["paid", "shipped"]})
    waits = wait(a_process(accept, arrows=[an_arrow("accept", states, happy=True)]), item=replace(ITEM, look_at=LATER))
    assert (waits.kind, waits.others) == ("engine", ('a person: "accept"',))
    assert waits.sentence == "Waits for the condition all_items_in (states: paid or shipped), looked at again in 2h."


def test_a_timer_with_a_button_waits_for_the_timer_and_the_person_may_be_earlier() -> None:
    close = Event("close", manual=True, timer=AFTER_3D)
    waits = wait(a_process(close, arrows=[an_arrow("close", happy=True)]), replace(VIEW, timers=(a_timer("close"),)))
    assert (waits.kind, waits.others) == ("timer", ('a person: "close"',))


def test_without_a_happy_arrow_the_next_timer_comes_first_then_people_then_systems_then_conditions() -> None:
    process = a_process(
        PAY, SHIP, EXPIRE, REMIND, arrows=[an_arrow(None, SETTLED), an_arrow("pay"), an_arrow("ship"), an_arrow("expire"), an_arrow("remind")]
    )
    timers = (a_timer("expire", due_at=LATER + timedelta(days=1)), a_timer("remind"))
    waits = wait(process, replace(VIEW, timers=timers))
    assert (waits.kind, waits.sentence, waits.due_at) == ("timer", 'Waits for the timer "remind", due in 2h.', LATER)
    assert waits.others == ('the timer "expire", due in 1d 2h', 'a person: "ship"', '"pay" from outside', "the condition payment_is_settled")


def test_a_timer_of_an_earlier_stay_is_not_waited_for() -> None:
    process = a_process(REMIND, SHIP, arrows=[an_arrow("remind"), an_arrow("ship")])
    assert wait(process, replace(VIEW, timers=(a_timer("remind", moves=1),))).kind == "person"


def test_what_only_leads_back_is_not_waited_for_unless_it_is_a_timer() -> None:
    back = [Transition("here", "here", event.name) for event in (PAY, REMIND)]
    process = a_process(PAY, SHIP, REMIND, arrows=[*back, an_arrow("ship")])
    waits = wait(process, replace(VIEW, timers=(a_timer("remind"),)))
    assert (waits.sentence, waits.others) == ('Waits for the timer "remind", due in 2h.', ('a person: "ship"',))
    assert wait(a_process(PAY, arrows=[Transition("here", "here", "pay")])).sentence == 'Nothing leads out of "here".'


def test_a_hold_comes_first_and_the_rest_is_told_below_it() -> None:
    held = replace(VIEW, head=replace(HEAD, held="customer asked"), process_held="the warehouse moves")
    waits = wait(PAYING, held, replace(ITEM, error="No seller", look_at=LATER))
    assert waits.kind == "held"
    assert waits.sentence == 'The order is held: customer asked. To go on: oms order release A-1001 --reason "…".'
    assert waits.others[0] == "The process is held: the warehouse moves. To go on: oms release process:prepayment."
    assert waits.others[-1] == '"pay" from outside'


def test_a_failed_try_comes_before_what_else_would_move_the_item() -> None:
    waits = wait(PAYING, item=replace(ITEM, error="OSError: gone", attempts=5, look_at=LATER))
    assert (waits.kind, waits.due_at, waits.others) == ("failed", LATER, ('"pay" from outside',))
    assert waits.sentence == "The next step failed: OSError: gone. Tried 5 of 8 times; again in 2h."


def test_a_failed_timer_and_a_failed_job_say_when_they_are_tried_again() -> None:
    view = replace(VIEW, timers=(a_timer("remind", error="no template"),), jobs=(a_job(error="bank closed", next_at=LATER),))
    waits = wait(a_process(REMIND, arrows=[an_arrow("remind")]), view)
    assert waits.sentence == 'The timer "remind" failed: no template. Tried 2 of 8 times; again in 2h.'
    assert waits.others == ('"refund_payment" failed: bank closed. Tried 2 of 33 times; again in 2h.',)


def test_a_job_that_is_done_but_not_landed_says_which_event_fails() -> None:
    waits = wait(PAYING, replace(VIEW, jobs=(a_job(JobStatus.LANDING, error="no stock", next_at=LATER),)))
    assert waits.sentence == '"refund_payment" is done, but "finish" failed: no stock. Tried 2 of 8 times; again in 2h.'


def test_what_was_given_up_is_told_once_and_how_to_try_it_again() -> None:
    given_up = an_incident("given up", "item:7", "Item 1: the next step failed", item=7)
    waits = wait(PAYING, replace(VIEW, incidents=(given_up,)), replace(ITEM, error="No seller.", attempts=8))
    assert waits.sentence == "The next step failed: No seller. It is not tried again by itself. Mend that, then: oms order retry A-1001."
    assert waits.others == ('"pay" from outside',)


@pytest.mark.parametrize(
    "incident",
    [
        an_incident("outcome unknown", "item:7", "Nobody knows", item=7),
        an_incident("job died", "job:j", "Nobody knows"),
        an_incident("endless chain", "order:1", "Nobody knows"),
    ],
    ids=lambda incident: incident.subject,
)
def test_an_incident_of_the_item_its_job_or_its_order_is_a_failure(incident: Incident) -> None:
    waits = wait(PAYING, replace(VIEW, incidents=(incident,), jobs=(a_job(JobStatus.DEAD),)))
    assert (waits.kind, waits.sentence, waits.since) == ("failed", "Nobody knows.", NOW)


@pytest.mark.parametrize(
    "incident",
    [
        an_incident("late", "item:7:2", "15d is expected", item=7),
        an_incident("mail not delivered", "mail:4:to", "550 no such user"),
        an_incident("given up", "item:8", "another item", item=8),
        an_incident("job died", "job:another", "another item's job"),
    ],
    ids=lambda incident: incident.kind,
)
def test_an_incident_that_keeps_nothing_from_moving_is_no_reason(incident: Incident) -> None:
    assert wait(PAYING, replace(VIEW, incidents=(incident,))).kind == "outside"


@pytest.mark.parametrize(
    ("job", "sentence"),
    [
        (a_job(JobStatus.RUNNING), 'Waits for the engine, which is doing "refund_payment" (try 2).'),
        (a_job(), 'Waits for the engine: "refund_payment" is to be done now.'),
        (a_job(next_at=LATER), 'Waits for the engine: "refund_payment" is to be done in 2h.'),
    ],
)
def test_an_open_job_of_the_stay_is_the_engines_work(job: Job, sentence: str) -> None:
    finish, fail = Event("finish"), Event("fail")
    refunding = State("here", run=Call("refund_payment"), then="finish", on_error="fail")
    process = a_process(finish, fail, arrows=[an_arrow("finish", happy=True), an_arrow("fail")], here=refunding)
    waits = wait(process, replace(VIEW, jobs=(job,)))
    assert (waits.kind, waits.sentence, waits.others) == ("engine", sentence, ())


@pytest.mark.parametrize("job", [a_job(JobStatus.DONE), a_job(JobStatus.DROPPED), replace(a_job(), items=((ITEM.id, 1),))])
def test_jobs_that_ended_or_belong_to_an_earlier_stay_are_not_waited_for(job: Job) -> None:
    assert wait(PAYING, replace(VIEW, jobs=(job,))).kind == "outside"


def test_a_due_look_is_the_engines_work() -> None:
    waits = wait(PAYING, item=replace(ITEM, look_at=NOW))
    assert (waits.kind, waits.sentence) == ("engine", "Waits for the engine, which looks at it as soon as a worker runs.")


def test_a_final_state_waits_for_nobody_also_when_the_order_is_held() -> None:
    waits = wait(PAYING, replace(VIEW, head=replace(HEAD, held="why ever")), replace(ITEM, state="there"))
    assert (waits.kind, waits.sentence, waits.others) == ("nobody", "Done.", ())


def test_a_failed_job_is_told_also_in_a_final_state() -> None:
    waits = wait(PAYING, replace(VIEW, jobs=(a_job(error="bank closed", next_at=LATER),)), replace(ITEM, state="there"))
    assert waits.kind == "failed"


def test_a_state_that_nothing_leaves_waits_for_nobody() -> None:
    assert wait(a_process(arrows=[])).sentence == 'Nothing leads out of "here".'


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(days=29, hours=23, minutes=59), "29d 23h"),
        (timedelta(days=14, seconds=55), "14d"),
        (timedelta(minutes=4, seconds=10), "4m 10s"),
        (timedelta(hours=1), "1h"),
        (timedelta(milliseconds=3), "0s"),
        (timedelta(seconds=-5), "0s"),
    ],
)
def test_a_duration_is_told_in_its_largest_unit_and_the_next_one(duration: timedelta, text: str) -> None:
    assert roughly(duration) == text
