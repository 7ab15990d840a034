"""Calendars: feeds and schedule maps out, busy times in.

Pure: knows nothing of the database, the web or the solver. What crosses its border is aware
datetimes in UTC, zone names, and frozen dataclasses.

- `feed`: iCalendar feeds of shifts and training
- `fetch`: one careful download of somebody's own calendar
- `busy`: the busy times in such a calendar, and nothing else of it
- `schedule_map`: the schedule map for the wall and a person's month, as PDF
"""
