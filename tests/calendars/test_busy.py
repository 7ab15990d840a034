"""Busy times out of other people's calendars, good, odd and hostile."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.busy import BusyInterval, BusyLimits, read_busy
from calendars.busy_apart import read_busy_apart
from calendars.faults import CalendarFault

START = datetime(2026, 3, 16, tzinfo=UTC)
END = datetime(2026, 4, 13, tzinfo=UTC)
SECRET = "Consulta de oncologia"


def calendar(*events, head=""):
    parts = [
        f"BEGIN:VEVENT\nUID:{event.pop('UID', number)}\nSUMMARY:{SECRET}\n"
        + "".join(f"{name}:{value}\n" for name, value in event.items())
        + "END:VEVENT\n"
        for number, event in enumerate(map(dict, events))
    ]
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//\n{head}{''.join(parts)}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def at(month, day, hour, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def spans(data, **options):
    reading = read_busy(data, START, END, **options)
    assert not reading.unread
    return [(one.start, one.end) for one in reading.intervals]


ONE = {"DTSTART": "20260330T090000Z", "DTEND": "20260330T100000Z"}


def test_a_weekly_hour_stays_at_its_wall_clock_over_the_clock_change():
    event = {
        "DTSTART;TZID=Europe/Lisbon": "20260105T093000",
        "DURATION": "PT1H",
        "RRULE": "FREQ=WEEKLY",
    }
    assert spans(calendar(event)) == [
        (at(3, 16, 9, 30), at(3, 16, 10, 30)),
        (at(3, 23, 9, 30), at(3, 23, 10, 30)),
        (at(3, 30, 8, 30), at(3, 30, 9, 30)),
        (at(4, 6, 8, 30), at(4, 6, 9, 30)),
    ]


@pytest.mark.parametrize(
    ("head", "zone", "expected"),
    [
        ("", "Europe/Lisbon", (at(3, 29, 23), at(3, 30, 23))),
        ("", "Atlantic/Azores", (at(3, 30, 0), at(3, 31, 0))),
        ("X-WR-TIMEZONE:Atlantic/Azores\n", "Europe/Lisbon", (at(3, 30, 0), at(3, 31, 0))),
        ("X-WR-TIMEZONE:Nowhere/Land\n", "Europe/Lisbon", (at(3, 29, 23), at(3, 30, 23))),
    ],
)
def test_a_whole_day_is_a_day_of_the_calendars_own_zone(head, zone, expected):
    assert spans(calendar({"DTSTART;VALUE=DATE": "20260330"}, head=head), zone=zone) == [expected]


def test_a_day_that_ends_on_itself_is_that_day():
    event = {"DTSTART;VALUE=DATE": "20260331", "DTEND;VALUE=DATE": "20260331"}
    assert spans(calendar(event)) == [(at(3, 30, 23), at(3, 31, 23))]


@pytest.mark.parametrize(
    ("form", "stamp", "hour"), [(";TZID=Europe/Lisbon", "", 20), ("", "Z", 21), ("", "", 20)]
)
def test_a_series_until_a_day_holds_on_that_day(form, stamp, hour):
    event = {
        f"DTSTART{form}": f"20260327T210000{stamp}",
        f"DTEND{form}": f"20260327T213000{stamp}",
        "RRULE": "FREQ=DAILY;UNTIL=20260330",
    }
    assert spans(calendar(event))[2:] == [
        (at(3, day, hour), at(3, day, hour, 30)) for day in (29, 30)
    ]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize(("until", "held"), [("99991231", True), ("00010101", False)])
def test_a_series_until_the_end_of_time_is_read(zone, until, held):
    event = {
        f"DTSTART;TZID={zone}": "20260330T090000",
        f"DTEND;TZID={zone}": "20260330T100000",
        "RRULE": f"FREQ=DAILY;UNTIL={until}",
    }
    assert bool(spans(calendar(event))) == held


def test_the_day_of_a_clock_change_has_its_real_length():
    (span,) = spans(calendar({"DTSTART;VALUE=DATE": "20260329"}))
    assert span[1] - span[0] == timedelta(hours=23)


def test_times_without_a_zone_are_the_calendars():
    event = {"DTSTART": "20260330T090000", "DTEND": "20260330T100000"}
    assert spans(calendar(event), zone="Atlantic/Azores") == [(at(3, 30, 9), at(3, 30, 10))]
    assert spans(calendar(event), zone="Europe/Lisbon") == [(at(3, 30, 8), at(3, 30, 9))]


def test_a_zone_by_its_windows_name_and_a_zone_described_in_the_file():
    vtimezone = (
        "BEGIN:VTIMEZONE\nTZID:Casa\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    windows = {"DTSTART;TZID=W. Europe Standard Time": "20260330T090000", "DURATION": "PT1H"}
    own = {"DTSTART;TZID=Casa": "20260331T090000", "DURATION": "PT1H"}
    assert spans(calendar(windows, own, head=vtimezone)) == [
        (at(3, 30, 7), at(3, 30, 8)),
        (at(3, 31, 6), at(3, 31, 7)),
    ]


@pytest.mark.parametrize(
    "free",
    [
        {"STATUS": "CANCELLED"},
        {"TRANSP": "TRANSPARENT"},
        {"X-MICROSOFT-CDO-BUSYSTATUS": "FREE"},
    ],
)
def test_what_is_cancelled_or_free_is_not_busy(free):
    assert spans(calendar({**ONE, **free})) == []
    assert spans(calendar({**ONE, "STATUS": "TENTATIVE", "TRANSP": "OPAQUE"})) != []


def test_an_exception_of_a_series_moves_or_cancels_its_own_occurrence_only():
    series = {**ONE, "UID": "s", "RRULE": "FREQ=DAILY;COUNT=4", "EXDATE": "20260402T090000Z"}
    moved = {
        "UID": "s",
        "RECURRENCE-ID": "20260331T090000Z",
        "DTSTART": "20260331T150000Z",
        "DTEND": "20260331T160000Z",
    }
    called_off = {
        "UID": "s",
        "RECURRENCE-ID": "20260401T090000Z",
        "DTSTART": "20260401T090000Z",
        "DTEND": "20260401T100000Z",
        "STATUS": "CANCELLED",
    }
    assert spans(calendar(series, moved, called_off)) == [
        (at(3, 30, 9), at(3, 30, 10)),
        (at(3, 31, 15), at(3, 31, 16)),
    ]


def test_overlapping_and_touching_times_are_one_and_a_gap_stays():
    def event(start, end):
        return {"DTSTART": f"20260330T{start}Z", "DTEND": f"20260330T{end}Z"}

    events = [
        event("090000", "110000"),
        event("100000", "103000"),
        event("110000", "120000"),
        event("120001", "130000"),
    ]
    assert spans(calendar(*events)) == [
        (at(3, 30, 9), at(3, 30, 12)),
        (at(3, 30, 12) + timedelta(seconds=1), at(3, 30, 13)),
    ]


def test_times_are_cut_at_the_horizon():
    long = {"DTSTART": "20260101T000000Z", "DTEND": "20260901T000000Z"}
    assert spans(calendar(long)) == [(START, END)]
    before = {"DTSTART": "20260315T230000Z", "DTEND": "20260316T000000Z"}
    after = {"DTSTART": "20260413T000000Z", "DTEND": "20260413T010000Z"}
    assert spans(calendar(before, after)) == []


def test_free_busy_lists_count():
    data = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VFREEBUSY\r\nUID:1\r\n"
        b"FREEBUSY:20260317T100000Z/PT1H,20260318T100000Z/20260318T120000Z\r\n"
        b"FREEBUSY;FBTYPE=FREE:20260319T100000Z/PT1H\r\n"
        b"END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )
    assert spans(data) == [(at(3, 17, 10), at(3, 17, 11)), (at(3, 18, 10), at(3, 18, 12))]


@pytest.mark.parametrize(
    "bad",
    [
        {**ONE, "RRULE": "FREQ=SECONDLY"},
        {**ONE, "RRULE": "FREQ=MINUTELY;INTERVAL=5"},
        {**ONE, "RRULE": "FREQ=HOURLY"},
        {**ONE, "RRULE": "FREQ=DAILY;INTERVAL=0"},
        {**ONE, "RRULE": "FREQ=DAILY;INTERVAL=1001"},
        {**ONE, "RRULE": "FREQ=DAILY;BYHOUR=9,10;BYMINUTE=" + ",".join(map(str, range(13)))},
        {**ONE, "RRULE": "FREQ=WEEKLY;BYDAY=ZZ"},
        {"DTSTART": SECRET},
        {"DTSTART": "19691231T235959Z"},
        {"DTEND": "20260330T100000Z"},
        {**ONE, "RDATE": SECRET},
    ],
)
def test_an_event_that_cannot_be_read_is_named_by_number_and_spoils_no_other(bad):
    good = {"DTSTART": "20260320T090000Z", "DTEND": "20260320T100000Z"}
    reading = read_busy(calendar(good, bad), START, END)
    assert reading.intervals == (BusyInterval(at(3, 20, 9), at(3, 20, 10)),)
    assert [fault.thing for fault in reading.unread] == ["event 2"]
    assert SECRET not in str(reading)


def test_two_dozen_moments_a_day_is_the_limit():
    minutes = ",".join(map(str, range(12)))
    event = {
        "DTSTART": "20260330T090000Z",
        "DURATION": "PT30S",
        "RRULE": f"FREQ=DAILY;COUNT=24;BYHOUR=9,10;BYMINUTE={minutes}",
    }
    assert len(spans(calendar(event))) == 24


def test_size_events_and_occurrences_at_their_limit_and_one_past():
    daily = {**ONE, "DTSTART": "20260316T090000Z", "DURATION": "PT1H", "RRULE": "FREQ=DAILY"}
    del daily["DTEND"]
    data = calendar(daily, ONE)
    exact = BusyLimits(bytes=len(data), events=2, occurrences=29)
    assert len(spans(data, limits=exact)) == 28
    for limits, field in (
        (BusyLimits(bytes=len(data) - 1), "bytes"),
        (BusyLimits(events=1), "events"),
        (BusyLimits(occurrences=28), "occurrences within the horizon"),
    ):
        with pytest.raises(CalendarFault) as caught:
            read_busy(data, START, END, limits=limits)
        assert [fault.field for fault in caught.value.faults] == [field]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"<!doctype html><title>Sign in</title>",
        b"BEGIN:VCALENDAR",
        b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\n" * 2000,
    ],
)
def test_what_is_no_calendar_is_refused(data):
    with pytest.raises(CalendarFault, match="iCalendar"):
        read_busy(data, START, END)


def test_all_that_is_wrong_with_a_question_is_told_at_once():
    with pytest.raises(CalendarFault) as caught:
        read_busy(b"x" * 11, END, START, zone="Lua", limits=BusyLimits(bytes=10))
    assert [fault.field for fault in caught.value.faults] == ["bytes", "length", "zone"]
    with pytest.raises(CalendarFault, match="with a time zone"):
        read_busy(b"", START.replace(tzinfo=None), END)


def test_reading_apart_gives_the_same():
    data = calendar(ONE, {**ONE, "RRULE": "FREQ=SECONDLY"}, {"DTSTART;VALUE=DATE": "20260402"})
    assert read_busy_apart(data, START, END) == read_busy(data, START, END)
    with pytest.raises(CalendarFault) as apart:
        read_busy_apart(b"junk", START, END)
    with pytest.raises(CalendarFault) as here:
        read_busy(b"junk", START, END)
    assert apart.value.faults == here.value.faults


def test_a_rule_that_never_strikes_is_given_up_on():
    never = {**ONE, "RRULE": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}
    events = [{**never, "UID": str(number)} for number in range(200)]
    with pytest.raises(CalendarFault, match="within 1 s"):
        read_busy_apart(calendar(*events), START, END, seconds=1)


def test_a_reading_that_eats_memory_is_given_up_on():
    events = [{**ONE, "UID": str(number), "X-PAD": "x" * 100} for number in range(5000)]
    assert len(read_busy_apart(calendar(*events), START, END).intervals) == 1
    with pytest.raises(CalendarFault, match="16 MB"):
        read_busy_apart(calendar(*events), START, END, memory_mb=16)


def test_a_series_over_the_night_of_the_change_keeps_its_length():
    night = {
        "DTSTART;TZID=Europe/Lisbon": "20260327T230000",
        "DURATION": "PT8H",
        "RRULE": "FREQ=DAILY;COUNT=3",
    }
    assert spans(calendar(night)) == [
        (at(3, 27, 23), at(3, 28, 7)),
        (at(3, 28, 23), at(3, 29, 7)),
        (at(3, 29, 22), at(3, 30, 6)),
    ]
    once = {
        "DTSTART;TZID=Europe/Lisbon": "20260328T230000",
        "DTEND;TZID=Europe/Lisbon": "20260329T070000",
    }
    assert spans(calendar(once)) == [(at(3, 28, 23), at(3, 29, 6))]


# ---- Against a second implementation: simple events, expanded by hand ----

LISBON = ZoneInfo("Europe/Lisbon")


@st.composite
def simple_series(draw):
    first = date(2026, 3, 1) + timedelta(days=draw(st.integers(0, 40)))
    return (
        first,
        draw(st.integers(0, 23)),
        30 * draw(st.integers(1, 20)),
        draw(st.integers(1, 3)),
        draw(st.integers(1, 20)),
    )


@given(st.lists(simple_series(), max_size=5))
def test_daily_series_agree_with_counting_days(series):
    events, halves = [], set()
    half = timedelta(minutes=30)
    for first, hour, length, interval, count in series:
        events.append(
            {
                "DTSTART;TZID=Europe/Lisbon": f"{first:%Y%m%d}T{hour:02}0000",
                "DURATION": f"PT{length}M",
                "RRULE": f"FREQ=DAILY;INTERVAL={interval};COUNT={count}",
            }
        )
        for n in range(count):
            day = first + timedelta(days=n * interval)
            start = datetime(day.year, day.month, day.day, hour, tzinfo=LISBON).astimezone(UTC)
            halves |= {start + m * half for m in range(length // 30)}
    read = read_busy(calendar(*events), START, END)
    covered = {
        interval.start + m * half
        for interval in read.intervals
        for m in range((interval.end - interval.start) // half)
    }
    assert covered == {one for one in halves if START <= one < END}
    assert not read.unread


LINES = st.sampled_from(
    f"""
BEGIN:VCALENDAR|END:VCALENDAR|BEGIN:VEVENT|END:VEVENT|BEGIN:VTIMEZONE|END:VTIMEZONE
BEGIN:STANDARD|END:STANDARD|BEGIN:VFREEBUSY|END:VFREEBUSY|FREEBUSY:20260402T090000Z/PT2H
FREEBUSY:x/y|TZID:Casa|TZOFFSETFROM:+0100|TZOFFSETTO:-9900|UID:1|UID:2|UID:|CALSCALE:JULIAN
X-WR-TIMEZONE:Casa|X-WR-TIMEZONE:Atlantic/Azores|SUMMARY:{SECRET}| folded|:|;=
DTSTART:20260330T090000Z|DTSTART;VALUE=DATE:20260330|DTSTART;TZID=Casa:20260330T090000
DTSTART:99991231T235959Z|DTSTART:20260330T090000|DTEND:20260330T100000Z
DTEND;VALUE=DATE:20260401|DTEND:20250101T000000Z
DURATION:PT1H|DURATION:-P1D|DURATION:P999999999D
RRULE:FREQ=DAILY;COUNT=3|RRULE:FREQ=WEEKLY;BYDAY=MO,TU|RRULE:FREQ=YEARLY;INTERVAL=0
RRULE:COUNT=-1;FREQ=DAILY|RRULE:FREQ=DAILY;UNTIL=20260401|RRULE:FREQ=SECONDLY|RRULE:
RRULE:FREQ=DAILY;UNTIL=20260401T000000Z|RDATE:20260402T090000Z
RDATE;VALUE=PERIOD:20260402T090000Z/PT2H|EXDATE:20260331T090000Z|EXDATE;VALUE=DATE:20260331
RECURRENCE-ID:20260331T090000Z|RECURRENCE-ID;RANGE=THISANDFUTURE:20260331T090000Z
SEQUENCE:x|SEQUENCE:3|STATUS:CANCELLED|TRANSP:TRANSPARENT
""".strip()
    .replace("\n", "|")
    .split("|")
)


def assert_well_formed(data):
    """Either refused with reasons, or a tidy answer; never another exception, never a title."""
    try:
        reading = read_busy(data, START, END)
    except CalendarFault as fault:
        refused = fault
    else:
        refused = None
    if refused:
        assert refused.faults
        assert SECRET not in str(refused)
        return
    assert SECRET not in str(reading)
    edges = [edge for one in reading.intervals for edge in (one.start, one.end)]
    assert edges == sorted(set(edges))
    assert all(START <= edge <= END and edge.tzinfo is UTC for edge in edges)


@settings(max_examples=400, deadline=None)
@given(st.lists(LINES, max_size=25), st.booleans())
def test_shuffled_lines_never_break_the_reader(lines, framed):
    if framed:
        lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"]
    assert_well_formed("\r\n".join(lines).encode())


@given(st.binary(max_size=300))
def test_any_bytes_never_break_the_reader(data):
    assert_well_formed(data)
