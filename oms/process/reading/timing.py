"""When an event happens by itself, and how often a failed try is repeated: nodes → `Timer`, `Retry` (rules 049 and 050)."""

from __future__ import annotations

import re
from datetime import timedelta

from oms.process.durations import LONGEST
from oms.process.findings import did_you_mean
from oms.process.model import Retry, Timer
from oms.process.reading.desk import Desk
from oms.process.reading.keys import Keys
from oms.process.reading.nodes import Node, Text
from oms.process.schedule import is_calendar, is_zone

AT_KEYS = ("time", "days", "zone", "due")
RETRY_KEYS = ("attempts", "delay")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_ATTEMPTS = 1000

_WAYS = ("after", "every", "at")
_BUSINESS_DAYS = re.compile(r"(\d{1,9}) business days?", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def read_timer(keys: Keys, desk: Desk) -> Timer | None:
    """The timer of an event, from `after`, `every` or `at`."""
    ways = [way for way in _WAYS if way in keys]
    for way in ways[1:]:
        desk.report("OMS002", keys.places()[way], f'"{ways[0]}" and "{way}" exclude each other.', hint="make two events of it")
    timer = _READERS[ways[0]](keys, desk) if ways else None
    if "calendar" in keys and not (timer and timer.business_days):
        desk.report("OMS002", keys.places()["calendar"], '"calendar" belongs to business days.', hint="write after: 2 business days")
    return timer


def _after(keys: Keys, desk: Desk) -> Timer | None:
    node = keys.node("after")
    days = _BUSINESS_DAYS.fullmatch(node.text) if isinstance(node, Text) else None
    if node is None or not days:
        after = keys.duration("after")
        return Timer(after=after) if after else None
    number = int(days[1])
    if not timedelta() < timedelta(days=number) <= LONGEST:
        desk.report("OMS050", node.place, f"{number} business days can't be.", hint=f"1 to {LONGEST.days}")
        return None
    return Timer(business_days=number, calendar=_calendar(keys, desk))


def _calendar(keys: Keys, desk: Desk) -> str | None:
    node = keys.node("calendar")
    calendar = desk.text(node, '"calendar"') if node is not None else None
    if node is None or calendar is None or is_calendar(calendar):
        return calendar
    desk.report("OMS050", node.place, f'There is no calendar "{calendar}".', hint="a country and a part of it, such as DE-BY")
    return None


def _every(keys: Keys, _desk: Desk) -> Timer | None:
    every = keys.duration("every")
    return Timer(every=every) if every else None


def _at(keys: Keys, desk: Desk) -> Timer | None:
    node = keys.node("at")
    if node is None:
        return None
    at = Keys(node, desk, what='"at"', known=AT_KEYS)
    if ("time" in at) == ("due" in at):
        desk.report("OMS002", node.place, '"at" needs either "time" or "due".', hint='write {time: "09:00", days: [mon, fri]} or {due: invoice_due}')
        return None
    if "due" in at:
        return _due(at, desk)
    time, days, zone = at.read("time", lambda each: _time(each, desk), None), _days(at, desk), at.read("zone", lambda each: _zone(each, desk), None)
    return Timer(time=time, days=days, zone=zone) if time else None


def _due(at: Keys, desk: Desk) -> Timer | None:
    for key in ("days", "zone"):
        if key in at:
            desk.report("OMS002", at.places()[key], f'"{key}" belongs to "time".')
    due, known = at.read("due", lambda each: desk.text(each, '"due"'), None), desk.vocabulary.dues
    if due is None or due in known:
        return Timer(due=due) if due else None
    desk.report("OMS011", at.places()["due"], f'There is no function "{due}" that computes when a timer is due.', hint=did_you_mean(due, known))
    return None


def _time(node: Node, desk: Desk) -> str | None:
    text = desk.text(node, '"time"')
    if text is None or _TIME.fullmatch(text):
        return text
    desk.report("OMS050", node.place, f'"{text}" is no time of day.', hint='write "09:00"')
    return None


def _days(at: Keys, desk: Desk) -> tuple[int, ...]:
    nodes = at.listed("days")
    if "days" in at and not nodes:
        desk.report("OMS002", at.places()["days"], '"days" names no day.', hint="leave it out for every day")
    days = [DAYS.index(day) for node in nodes if (day := desk.one_of(node, DAYS, what="A day")) is not None]
    return tuple(sorted(set(days)))


def _zone(node: Node, desk: Desk) -> str | None:
    zone = desk.text(node, '"zone"')
    if zone is None or is_zone(zone):
        return zone
    desk.report("OMS050", node.place, f'There is no time zone "{zone}".', hint="write it as Europe/Berlin")
    return None


_READERS = {"after": _after, "every": _every, "at": _at}


def read_retry(node: Node, desk: Desk) -> Retry | None:
    """How often and how soon; what is left out has its default."""
    keys = Keys(node, desk, what='"retry"', known=RETRY_KEYS)
    attempts = keys.read("attempts", lambda each: desk.whole(each, '"attempts"'), None)
    if attempts is not None and not 1 <= attempts <= MOST_ATTEMPTS:
        desk.report("OMS002", keys.places()["attempts"], f'"attempts" is 1 to {MOST_ATTEMPTS}.')
    default = Retry()
    return Retry(attempts=attempts or default.attempts, delay=keys.duration("delay") or default.delay)
