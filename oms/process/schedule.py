"""When a timer is due. The only module that knows `holidays`. Moments come in aware and go out in UTC; what reads a clock stands elsewhere."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count
from zoneinfo import ZoneInfo, available_timezones

from oms.process.model import Timer

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_NO_ZONES = {"localtime", "Factory"}  # they stand among the zones: the one of this machine, and none


def due_at(timer: Timer, now: datetime, *, zone: str, calendar: str, ask_due: Callable[[str], datetime]) -> datetime:
    """The moment at which a timer is due that is armed now: when an item enters the state, and again when it found no way out.

    Args:
        timer: of an event.
        now: the trigger's only clock, aware.
        zone: the store's IANA zone, for a timer that names none.
        calendar: the store's calendar, such as `DE-BY`, for a timer that names none.
        ask_due: calls the function of that name for the item; a moment that is past means now.

    Raises:
        TypeError: the function's answer is no aware datetime.
        ValueError: the moment lies beyond the year 9999.
    """
    now = now.astimezone(UTC)
    if timer.due:
        return max(now, _aware(ask_due(timer.due), timer.due))
    try:
        return _reckoned(timer, now, zone=ZoneInfo(timer.zone or zone), calendar=timer.calendar or calendar)
    except OverflowError as error:
        raise ValueError("The timer would be due after the year 9999: shorten it.") from error


def is_zone(text: str) -> bool:
    """Whether the text names a time zone, such as `Europe/Berlin`, written exactly so."""
    return text in _zones()


def is_calendar(text: str) -> bool:
    """Whether the public holidays of that country (`DE`, ISO 3166-1) or part of it (`DE-BY`, mostly ISO 3166-2) are known."""
    import holidays  # noqa: PLC0415 - knows all countries: who reads no settings and reckons no business days does without it

    country, dash, part = text.partition("-")
    parts = holidays.list_supported_countries(include_aliases=False).get(country)
    return parts is not None and (not dash or part in parts)


def _reckoned(timer: Timer, now: datetime, *, zone: ZoneInfo, calendar: str) -> datetime:
    if timer.time:
        return _next(now, time.fromisoformat(timer.time), days=timer.days, zone=zone)
    if timer.business_days:
        local = now.astimezone(zone)
        return _full_minute(_moment(_working_day(local.date(), timer.business_days, calendar=calendar), local.time(), zone=zone))
    delay = timer.after or timer.every
    if not delay:
        raise ValueError("The timer says nothing: it needs after, every, business days, a time or a due function.")
    return _full_minute(now + delay) if delay >= _HOUR else now + delay


def _aware(answer: object, name: str) -> datetime:
    if isinstance(answer, datetime) and answer.utcoffset() is not None:
        return answer.astimezone(UTC)
    raise TypeError(f"The due function {name} answered {answer!r:.80}: it must answer a datetime with a time zone.")


def _full_minute(moment: datetime) -> datetime:
    """Rule 20: rounded up, so that the items of one order are due together."""
    return moment + (_EPOCH - moment) % _MINUTE


def _next(now: datetime, clock: time, *, days: tuple[int, ...], zone: ZoneInfo) -> datetime:
    """The next moment after now at which clocks of the zone show that time on one of the weekdays (none = on any day)."""
    yesterday = now.astimezone(zone).date() - _DAY  # its late hours may have been carried into today, by clocks set forward
    candidates = (yesterday + offset * _DAY for offset in count())
    return next(moment for day in candidates if (not days or day.weekday() in days) and (moment := _moment(day, clock, zone=zone)) > now)


def _moment(day: date, clock: time, *, zone: ZoneInfo) -> datetime:
    """When clocks show that time on that day. One that comes twice means the first, one that is skipped is that much later (RFC 5545, 3.3.5)."""
    return datetime.combine(day, clock.replace(fold=0), tzinfo=zone).astimezone(UTC)


def _working_day(day: date, number: int, *, calendar: str) -> date:
    """`number` working days after the day: one after a Saturday is Monday."""
    year, days = day.year, _working_days(calendar, day.year)
    position = bisect_right(days, day) + number - 1
    while position >= len(days):
        position, year = position - len(days), year + 1
        days = _working_days(calendar, year)
    return days[position]


@cache
def _working_days(calendar: str, year: int) -> tuple[date, ...]:
    """A year at a time and then only read, for a calendar of `holidays` fills itself while it is asked, and threads would see it half filled."""
    import holidays  # noqa: PLC0415 - the same

    if year > MAXYEAR:
        raise OverflowError
    country, _, part = calendar.partition("-")
    known = holidays.country_holidays(country, subdiv=part or None, years=year)
    first = date(year, 1, 1)
    days = (first + offset * _DAY for offset in range((date(year, 12, 31) - first).days + 1))
    return tuple(day for day in days if known.is_working_day(day))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - _NO_ZONES)
