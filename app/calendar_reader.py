"""The part of a worker that looks at mediators' own calendars when they are due."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable

from app.models import database
from app.services import own_calendars
from app.services.keyring import Keyring

PAUSE_SECONDS = 5.0
log = logging.getLogger("escala.calendars")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class CalendarReader:
    """Asks one calendar after another, and rests when none is due."""

    def __init__(
        self,
        keys: Keyring,
        fetch: own_calendars.Fetch = own_calendars.fetch_calendar,
        clock: Callable[[], dt.datetime] = _now,
    ) -> None:
        self.keys = keys
        self.fetch = fetch
        self.clock = clock

    def run(self, leave: threading.Event) -> None:
        """Until told to leave."""
        while not leave.is_set():
            try:
                with database.connection_context():
                    found = self.read_one()
            except Exception:
                log.exception("own calendars could not be looked at")
                found = False
            if not found:
                leave.wait(PAUSE_SECONDS)

    def read_one(self) -> bool:
        """Look at one that is due; False when none is."""
        calendar_id = own_calendars.claim_due(self.clock())
        if calendar_id is None:
            return False
        own_calendars.refresh(calendar_id, self.keys, self.clock(), self.fetch)
        return True


def all_of(*parts: Callable[[threading.Event], None]) -> Callable[[threading.Event], None]:
    """Several things that go on beside a worker's runs, each in a thread of its own."""

    def run(leave: threading.Event) -> None:
        threads = [threading.Thread(target=one, args=(leave,), daemon=True) for one in parts]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

    return run
