"""When timers are due: point 7 of the semantics, rules 20, 22 and 49, faults F28 and F29."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.process.model import Timer
from oms.process.schedule import due_at, is_calendar, is_zone

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BERLIN, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")
NOW = datetime(2026, 3, 4, 10, 20, 30, 400, tzinfo=UTC)  # a Wednesday
A_LONG_TIME_AGO, IN_A_LONG_TIME = datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2100-01-01")


def never_asked(name: str) -> datetime:
    raise AssertionError(name)


def due(timer: Timer, now: datetime = NOW, *, zone: str = "Europe/Berlin", calendar: str = "DE-BE") -> datetime:
    return due_at(timer, now, zone=zone, calendar=calendar, ask_due=never_asked)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


# ---- after, every --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["after", "every"])
@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        (timedelta(seconds=30), datetime(2026, 3, 4, 10, 21, 0, 400, tzinfo=UTC)),
        (timedelta(minutes=59, seconds=59), datetime(2026, 3, 4, 11, 20, 29, 400, tzinfo=UTC)),
        (HOUR, datetime(2026, 3, 4, 11, 21, tzinfo=UTC)),
        (14 * DAY, datetime(2026, 3, 18, 10, 21, tzinfo=UTC)),
    ],
)
def test_delays_of_an_hour_and_more_are_rounded_up_to_the_full_minute(kind: str, delay: timedelta, expected: datetime) -> None:
    assert due(Timer(after=delay) if kind == "after" else Timer(every=delay)) == expected


def test_a_delay_that_ends_on_a_full_minute_is_not_prolonged() -> None:
    assert due(Timer(after=HOUR), NOW.replace(second=0, microsecond=0)) == datetime(2026, 3, 4, 11, 20, tzinfo=UTC)


@given(st.datetimes(A_LONG_TIME_AGO, IN_A_LONG_TIME, timezones=st.timezones()), st.timedeltas(timedelta(seconds=1), 3650 * DAY))
def test_a_delay_never_ends_early_and_at_most_a_minute_late(now: datetime, delay: timedelta) -> None:
    at = due(Timer(after=delay), now)
    assert at.tzinfo is UTC
    assert timedelta(0) <= at - now.astimezone(UTC) - delay < MINUTE


def test_a_day_has_24_hours_also_when_clocks_change() -> None:
    assert due(Timer(after=DAY), berlin("2026-03-28 12:00")) == berlin("2026-03-29 13:00")
    assert due(Timer(after=DAY), berlin("2026-10-24 12:00")) == berlin("2026-10-25 11:00")


# ---- at ------------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-04 08:59:59", "2026-03-04 09:00"),
        ("2026-03-04 09:00", "2026-03-05 09:00"),
        ("2026-03-04 23:59:59", "2026-03-05 09:00"),
        ("2028-02-28 10:00", "2028-02-29 09:00"),
        ("2026-12-31 10:00", "2027-01-01 09:00"),
    ],
)
def test_a_time_of_day_means_the_next_such_moment_after_now(now: str, expected: str) -> None:
    assert due(Timer(time="09:00"), berlin(now)) == berlin(expected)


@pytest.mark.parametrize(
    ("days", "expected"),
    [((0, 4), "2026-03-06 09:00"), ((2,), "2026-03-11 09:00"), ((0,), "2026-03-09 09:00"), ((3, 2), "2026-03-05 09:00")],
)
def test_weekdays_choose_among_the_days(days: tuple[int, ...], expected: str) -> None:
    assert due(Timer(time="09:00", days=days), berlin("2026-03-04 09:00")) == berlin(expected)


def test_a_timer_may_name_its_own_zone() -> None:
    assert due(Timer(time="09:00", zone="America/New_York")) == datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


NIGHTS = {
    "Europe/Berlin": ("2025-03-30", "2025-10-26", "2026-03-29", "2026-10-25"),
    "America/New_York": ("2025-03-09", "2025-11-02", "2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2025-04-06", "2025-10-05", "2026-04-05", "2026-10-04"),
}


@pytest.mark.parametrize(("zone", "night"), [(zone, night) for zone, nights in NIGHTS.items() for night in nights])
@pytest.mark.parametrize("clock", [time(hour, minute).isoformat("minutes") for hour in range(4) for minute in (0, 15, 30, 45)])
def test_a_daily_timer_happens_once_a_day_also_when_clocks_change(zone: str, night: str, clock: str) -> None:
    at = datetime.combine(date.fromisoformat(night) - 2 * DAY, time(12), tzinfo=ZoneInfo(zone))
    shown = []
    for _ in range(4):
        at = due(Timer(time=clock), at, zone=zone)
        shown.append(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
    assert [moment.date() for moment in shown] == [date.fromisoformat(night) + offset * DAY for offset in (-1, 0, 1, 2)]
    assert all(moment.time() == time.fromisoformat(clock) for moment in shown if moment.date() != date.fromisoformat(night))


@pytest.mark.parametrize(
    ("zone", "before", "clock", "utc"),
    [
        ("Europe/Berlin", "2026-03-28T12:00+01:00", "02:30", "2026-03-29T01:30+00:00"),  # skipped: clocks show 03:30
        ("America/New_York", "2026-03-07T12:00-05:00", "02:30", "2026-03-08T07:30+00:00"),  # the same
        ("Australia/Lord_Howe", "2026-10-03T12:00+10:30", "02:15", "2026-10-03T15:45+00:00"),  # skipped by half an hour: clocks show 02:45
        ("Europe/Berlin", "2026-10-24T12:00+02:00", "02:30", "2026-10-25T00:30+00:00"),  # twice: the first
        ("America/New_York", "2026-10-31T12:00-04:00", "01:30", "2026-11-01T05:30+00:00"),  # the same
        ("Australia/Lord_Howe", "2026-04-04T12:00+11:00", "01:45", "2026-04-04T14:45+00:00"),  # the same
    ],
)
def test_a_skipped_time_is_that_much_later_and_a_repeated_one_is_the_first(zone: str, before: str, clock: str, utc: str) -> None:
    assert due(Timer(time=clock), datetime.fromisoformat(before), zone=zone) == datetime.fromisoformat(utc)


def test_between_a_repeated_time_and_its_repetition_the_next_is_tomorrows() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for minutes in (0, 15, 60, 75):
        assert due(Timer(time="02:30"), first + minutes * MINUTE) == berlin("2026-10-26 02:30")


@given(
    st.datetimes(A_LONG_TIME_AGO, IN_A_LONG_TIME, timezones=st.just(UTC)),
    st.times(),
    st.sets(st.integers(0, 6)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Nuuk", "Asia/Kathmandu", "UTC"]),
)
def test_the_next_moment_is_after_now_and_none_is_left_out(now: datetime, clock: time, days: set[int], zone: str) -> None:
    timer = Timer(time=clock.isoformat(), days=tuple(days))
    at = due(timer, now, zone=zone)
    assert now < at <= now + (8 * DAY if days else DAY + 2 * HOUR) + (DAY if zone == "Pacific/Apia" else timedelta(0))  # Apia left out a day in 2011
    assert due(timer, at - timedelta(microseconds=1), zone=zone) == at
    assert due(timer, at, zone=zone) > at


# ---- Business days -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "number", "calendar", "expected"),
    [
        ("2026-03-04 10:00", 2, "DE-BE", "2026-03-06 10:00"),
        ("2026-03-06 17:00", 2, "DE-BE", "2026-03-10 17:00"),  # over a weekend
        ("2026-03-07 12:00", 1, "DE-BE", "2026-03-09 12:00"),  # from a Saturday
        ("2026-04-02 12:00", 1, "DE-BE", "2026-04-07 12:00"),  # Good Friday and Easter Monday
        ("2026-01-05 12:00", 1, "DE-BY", "2026-01-07 12:00"),  # Epiphany: in Bavaria
        ("2026-01-05 12:00", 1, "DE-BE", "2026-01-06 12:00"),  # not in Berlin
        ("2026-12-23 12:00", 5, "DE", "2026-12-31 12:00"),
        ("2026-12-23 12:00", 6, "DE", "2027-01-04 12:00"),  # into another year
        ("2026-03-27 12:00", 1, "DE", "2026-03-30 12:00"),  # the same time of day, clocks were set forward between
        ("2026-03-04 10:00:01", 1, "DE", "2026-03-05 10:01"),  # rounded up like every delay of an hour and more
    ],
)
def test_business_days_leave_out_weekends_and_public_holidays(now: str, number: int, calendar: str, expected: str) -> None:
    assert due(Timer(business_days=number), berlin(now), calendar=calendar) == berlin(expected)


def test_a_timer_may_name_its_own_calendar() -> None:
    assert due(Timer(business_days=1, calendar="DE-BY"), berlin("2026-01-05 12:00"), calendar="DE-BE") == berlin("2026-01-07 12:00")


def test_the_day_is_that_of_the_stores_zone() -> None:
    friday_in_berlin = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)
    assert due(Timer(business_days=1), friday_in_berlin) == berlin("2026-03-09 00:30")
    assert due(Timer(business_days=1), friday_in_berlin, zone="UTC") == datetime(2026, 3, 6, 23, 30, tzinfo=UTC)


def test_many_business_days_are_counted_over_many_years() -> None:
    at = due(Timer(business_days=2500), berlin("2026-01-01 12:00"))
    assert berlin("2035-11-01 00:00") < at < berlin("2036-02-01 00:00")


def test_threads_that_ask_for_a_new_year_at_once_get_the_same_answer() -> None:
    timer = Timer(business_days=1, calendar="AT")
    eves = [datetime(year, 12, 31, 12, tzinfo=UTC) for year in range(2040, 2060)]
    alone = [due(timer, eve) for eve in eves]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda eve: due(Timer(business_days=1, calendar="AT-9"), eve), eves * 4))
    assert together == alone * 4


# ---- Functions -----------------------------------------------------------------------------------------------------------------------------


def test_a_due_function_computes_the_moment() -> None:
    def ask(name: str) -> datetime:
        assert name == "invoice_due"
        return datetime(2026, 4, 1, 9, tzinfo=BERLIN)

    at = due_at(Timer(due="invoice_due"), NOW, zone="UTC", calendar="DE", ask_due=ask)
    assert (at, at.tzinfo) == (datetime(2026, 4, 1, 7, tzinfo=UTC), UTC)


def test_a_moment_that_is_past_means_now() -> None:
    assert due_at(Timer(due="invoice_due"), NOW, zone="UTC", calendar="DE", ask_due=lambda _: NOW - DAY) == NOW


@pytest.mark.parametrize(
    ("answer", "shown"),
    [(datetime.fromisoformat("2026-04-01"), "datetime.datetime(2026, 4, 1, 0, 0)"), (date(2026, 4, 1), "datetime.date(2026, 4, 1)"), (None, "None")],
)
def test_a_due_function_that_answers_no_aware_time_is_named(answer: object, shown: str) -> None:
    with pytest.raises(TypeError) as refused:
        due_at(Timer(due="invoice_due"), NOW, zone="UTC", calendar="DE", ask_due=lambda _: answer)  # type: ignore[arg-type,return-value]
    assert str(refused.value) == f"The due function invoice_due answered {shown}: it must answer a datetime with a time zone."


@pytest.mark.parametrize("error", [ValueError("in a shop"), OverflowError("in a shop")])
def test_what_a_due_function_raises_arrives_as_it_is(error: Exception) -> None:
    def ask(_name: str) -> datetime:
        raise error

    with pytest.raises(type(error), match="in a shop"):
        due_at(Timer(due="invoice_due"), NOW, zone="UTC", calendar="DE", ask_due=ask)


# ---- Limits --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timer", [Timer(after=DAY), Timer(every=HOUR), Timer(business_days=1), Timer(time="09:00"), Timer(time="09:00", days=(0,))])
def test_what_would_be_due_after_the_year_9999_is_refused_by_a_sentence(timer: Timer) -> None:
    with pytest.raises(ValueError, match=r"^The timer would be due after the year 9999: shorten it\.$"):
        due(timer, datetime(9999, 12, 31, 23, 30, tzinfo=UTC), zone="America/New_York")


def test_a_timer_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="The timer says nothing"):
        due(Timer())


@pytest.mark.parametrize("text", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
def test_a_zone_is_known_by_its_name(text: str) -> None:
    assert is_zone(text)


@pytest.mark.parametrize(
    "text", ["", "europe/berlin", "Europe", "Europe/Bonn", "+01:00", "localtime", "Factory", "posixrules", "../Berlin", "/etc/localtime", "a\0b"]
)
def test_anything_else_is_no_zone(text: str) -> None:
    assert not is_zone(text)


@pytest.mark.parametrize("text", ["DE", "DE-BE", "DE-BY", "AT", "AT-9", "US-CA", "GB-ENG"])
def test_a_calendar_is_a_country_or_a_part_of_it(text: str) -> None:
    assert is_calendar(text)
    assert due(Timer(business_days=1), calendar=text) == NOW + DAY - timedelta(seconds=30, microseconds=400) + MINUTE


@pytest.mark.parametrize("text", ["", "-", "de", "DE-", "DE-XX", "DE-by", "UK", "ZZ", "Germany", "DEU", "DE-BY-A", "NYSE"])
def test_anything_else_is_no_calendar(text: str) -> None:
    assert not is_calendar(text)
