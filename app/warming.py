"""Published weeks read before anybody looks at them.

The first look of a process at a country's week reads its problem and judges it whole, which takes
one to three seconds; every later look finds it kept (`app.services.judging`). So each web process
has a thread that looks first: at this week and the next as they are published, when the process
begins and whenever another version is. It leaves as much time as it takes, to those who wait.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import threading
import time
from collections.abc import Callable

from app.failures import failure_of
from app.models import Roster, database
from app.services.horizon import monday_of, network_date
from app.services.judging import keep_read
from app.services.published import rosters_of_weeks

LOOK_SECONDS = 15.0
WEEK = dt.timedelta(weeks=1)
log = logging.getLogger("escala.warming")


def warm_children() -> None:
    """Have every process that this one forks from now on read the weeks ahead of its readers."""
    server = os.getpid()

    def begin() -> None:
        # What a web process forks in its turn answers nobody.
        if os.getppid() == server:
            threading.Thread(target=keep_warm, name="warming", daemon=True).start()

    os.register_at_fork(after_in_child=begin)


def keep_warm() -> None:
    """Look for what is published now and again, as long as the process lives."""
    read: set[int] = set()
    while True:
        try:
            with database.connection_context():
                warm(dt.datetime.now(dt.UTC), read)
        except Exception as error:  # the database is away, or a roster cannot be read: pages tell
            log.warning("weeks could not be read ahead: %s", failure_of(error))
        time.sleep(LOOK_SECONDS)


def warm(now: dt.datetime, read: set[int], rest: Callable[[float], None] = time.sleep) -> None:
    """Read the versions of this week and the next that are published and not in `read`, and add
    them to it; after each `rest` for as long as it took."""
    week = monday_of(network_date(now))
    for (number,) in list(rosters_of_weeks(week, week + WEEK).tuples()):
        if number in read:
            continue
        read.add(number)
        began = time.monotonic()
        roster = Roster.get_or_none(Roster.id == number)
        if roster is not None and roster.problem_json:
            keep_read(roster)
        rest(time.monotonic() - began)
