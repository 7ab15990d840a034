"""A year of shifts in Lisbon and the Azores, over both clock changes, as real clients show it."""

import http.server
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from icalendar import Calendar
from khal_client import Khal

from calendars.busy import read_busy
from calendars.feed import Break, FeedEvent, FeedSettings, etag, render_feed

ROW = datetime(2025, 12, 10, 10, tzinfo=UTC)
ZONES = ["Europe/Lisbon", "Atlantic/Azores"]
WALL = "%Y-%m-%d %H:%M"


def year_of_shifts(zone_name):
    """Shifts as the roster's wall clock gives them, and as events.

    Five days a week with the start moving about, and a night on each Saturday, so that both
    nights of the clock change are worked through.
    """
    zone = ZoneInfo(zone_name)
    given, events = {}, []
    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365)):
        if day.weekday() == 6:
            continue
        start = time(22, 0) if day.weekday() == 5 else time(7 + day.day % 5, 30 * (day.day % 2))
        wall_start = datetime.combine(day, start)
        wall_end = wall_start + timedelta(hours=8)
        first, last = (wall.replace(tzinfo=zone).astimezone(UTC) for wall in (wall_start, wall_end))
        uid = f"{day:%j}-{zone_name.replace('/', '-')}@escala.pt"
        given[uid] = (f"{wall_start:{WALL}}", f"{wall_end:{WALL}}")
        middle = first + timedelta(hours=4)
        events.append(
            FeedEvent(
                uid=uid,
                start=first,
                end=last,
                sequence=0,
                created=ROW,
                modified=ROW,
                summary="Atendimento, balcão jurídico",
                location="CNAIM; Rua Álvaro Coutinho 14",
                breaks=(Break(middle, middle + timedelta(minutes=30)),),
                zone=zone_name,
            )
        )
    return given, events


def settings(zone):
    return FeedSettings(name="Turnos de Fatou Sané", zone=zone, refresh_hours=2)


@pytest.mark.parametrize("zone", ZONES)
def test_icalendar_and_recurring_ical_events_show_the_hours_that_were_given(zone):
    given, events = year_of_shifts(zone)
    body = render_feed(events, settings(zone))
    query = recurring_ical_events.of(Calendar.from_ical(body))
    seen = {
        str(event["UID"]): tuple(
            f"{event[edge].dt.astimezone(ZoneInfo(zone)):{WALL}}" for edge in ("DTSTART", "DTEND")
        )
        for event in query.between(datetime(2025, 12, 31), datetime(2027, 1, 2))  # noqa: DTZ001
    }
    assert seen == given


@pytest.mark.parametrize("zone", ZONES)
def test_ical_js_shows_the_hours_that_were_given(node, zone):
    given, events = year_of_shifts(zone)
    read = node("read_feed.mjs", render_feed(events, settings(zone)), zone)
    assert {one["uid"]: (one["start"], one["end"]) for one in read["events"]} == given
    assert (read["name"], read["refresh"]) == ("Turnos de Fatou Sané", 7200)
    assert {one["summary"] for one in read["events"]} == {"Atendimento, balcão jurídico"}
    assert {one["location"] for one in read["events"]} == {"CNAIM; Rua Álvaro Coutinho 14"}
    for one in read["events"]:
        assert one["description"].startswith(f"{one['start'][11:]}–{one['end'][11:]} (hora d")


@pytest.mark.parametrize("zone", ZONES)
def test_our_own_reading_of_busy_times_agrees(zone):
    _, events = year_of_shifts(zone)
    horizon = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, 12, tzinfo=UTC)
    reading = read_busy(render_feed(events, settings(zone)), *horizon)
    assert [(one.start, one.end) for one in reading.intervals] == [
        (event.start, event.end) for event in events
    ]


# ---- khal, fed by vdirsyncer from a server ----


class FeedHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.server.body
        self.send_response(200)
        self.send_header("Content-Type", "text/calendar; charset=utf-8")
        self.send_header("ETag", etag(body))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def feed_server(body):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FeedHandler)
    server.body = body
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("zone", ZONES)
def test_khal_shows_the_hours_that_were_given_before_and_after_changes(tmp_path, zone):
    given, events = year_of_shifts(zone)
    title = "Atendimento, balcão jurídico"
    with feed_server(render_feed(events, settings(zone))) as server:
        khal = Khal(tmp_path, f"http://127.0.0.1:{server.server_port}/feed.ics", zone)
        assert khal.shows(date(2026, 1, 1), 366) == sorted(
            (*hours, title) for hours in given.values()
        )
        files = {path: path.stat().st_mtime_ns for path in khal.items.iterdir()}

        # One shift an hour later, in the week of the spring change; one called off; one renamed.
        moved, gone, renamed = (event.uid for event in (events[74], events[100], events[250]))
        later = datetime(2026, 3, 1, tzinfo=UTC)

        def changed(event):
            hour = timedelta(hours=event.uid == moved)
            return replace(
                event,
                start=event.start + hour,
                end=event.end + hour,
                breaks=(),
                sequence=1,
                modified=later,
                summary="Formação" if event.uid == renamed else event.summary,
            )

        server.body = render_feed(
            [
                changed(event) if event.uid in (moved, renamed) else event
                for event in events
                if event.uid != gone
            ],
            settings(zone),
        )
        expected = {uid: (*hours, title) for uid, hours in given.items() if uid != gone}
        an_hour_on = (datetime.fromisoformat(wall) + timedelta(hours=1) for wall in given[moved])
        expected[moved] = (*(f"{wall:{WALL}}" for wall in an_hour_on), title)
        expected[renamed] = (*given[renamed], "Formação")
        assert khal.shows(date(2026, 1, 1), 366) == sorted(expected.values())
        kept = {path: path.stat().st_mtime_ns for path in khal.items.iterdir()}
        assert len(files.items() & kept.items()) == len(events) - 3  # no other file was touched
