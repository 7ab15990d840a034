"""Kills at random moments, one after another, and what must hold of the whole after each."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fault_house import House
from fault_place import Place
from fault_places import PLACES
from peewee import fn

from app.models import (
    AuditEntry,
    Mail,
    MailStatus,
    PlanningGroup,
    Roster,
    RosterStatus,
    Run,
    RunStatus,
    database,
)
from app.services import audit


@dataclass(frozen=True)
class Kill:
    number: int
    place: str
    victim: str
    seconds: float
    """After the work was asked for."""
    outcome: str


def kills(
    house: House,
    seed: int,
    count: int,
    first: int = 0,
    where: tuple[type[Place], ...] = PLACES,
    struck_first: str = "",
) -> Iterator[Kill]:
    """So many kills; place, victim and moment of each follow from `seed` and its number.

    `struck_first` is the victim of the first one, a part that may be killed in every place. Every
    place is gone through once without a kill, in each of its kinds, which tells how long it takes.
    """
    places = {one.name: one(house) for one in where}
    lasts = {
        (name, turn % place.kinds): rehearse(place, turn)
        for index, (name, place) in enumerate(places.items())
        for turn in range(index, index + place.kinds)
    }
    for number in range(first, first + count):
        draw = random.Random(f"{seed}.{number}")
        place = draw.choice(list(places.values()))
        victims = [one for one in place.victims if one != "database" or house.server]
        victim = draw.choice(victims)
        if struck_first and number == first:
            victim = struck_first
        turn = 10 + number
        moment = draw.uniform(0, lasts[place.name, turn % place.kinds])
        place.prepare(turn)
        place.begin()
        time.sleep(moment)
        strike(house, victim)
        try:
            outcome = place.end(restarted=True)
            check_everything(house)
        except AssertionError as error:
            where = f"kill {number} of seed {seed}: {victim} in {place.name} at {moment:.3f} s"
            raise AssertionError(f"{where}: {error}") from error
        yield Kill(number, place.name, victim, moment, outcome)


def rehearse(place: Place, number: int) -> float:
    """Seconds that the work takes when nothing is killed."""
    place.prepare(number)
    began = time.monotonic()
    place.begin()
    place.end(restarted=False)
    return time.monotonic() - began


def strike(house: House, victim: str) -> None:
    """Kill a part, and start it again as whoever runs it would."""
    if victim == "database":
        assert house.server is not None
        house.server.kill()
        house.server.start_again()
        return
    number = house.kill(victim)
    house.bury(number)
    if victim == "worker":
        house.worker()
    elif victim == "web":
        house.web()


def check_everything(house: House) -> None:
    """What must hold of the whole database, whatever was killed."""
    with database.connection_context():
        check_files(house)
        assert audit.verify() is None, "the audit log is broken"
        ended = Run.select().where(Run.status.in_((RunStatus.DONE, RunStatus.FAILED)))
        for run in ended:
            assert run.status == RunStatus.DONE, run.error
            assert run.ended_at is not None
            assert run.lease_until is None
        drafts = [run.result["roster"] for run in ended]
        assert len(drafts) == len(set(drafts))
        for group in PlanningGroup.select():
            published = (
                Roster.select(Roster.week_starts_on, fn.COUNT(Roster.id))
                .where(Roster.group == group, Roster.status == RosterStatus.PUBLISHED)
                .group_by(Roster.week_starts_on)
            )
            assert all(count == 1 for _week, count in published.tuples())
        once = Counter(
            entry.object_id
            for entry in AuditEntry.select().where(AuditEntry.action == "roster.publish")
        )
        assert set(once.values()) <= {1}, "no roster is published twice"
        done = (RosterStatus.PUBLISHED, RosterStatus.SUPERSEDED)
        assert set(once) == {str(row.id) for row in Roster.select().where(Roster.status.in_(done))}
        check_mail(house)


def check_mail(house: House) -> None:
    """The worker goes on sending meanwhile: what counts as sent is read before what has arrived,
    and what was written after it."""
    sent = _message_ids(Mail.select().where(Mail.status == MailStatus.SENT))
    arrived = house.sink.ids()
    written = _message_ids(Mail.select())
    assert set(arrived.values()) <= {1}, "a mail came twice"
    assert set(arrived) <= written, "a mail came that nobody wrote"
    assert sent <= set(arrived), "a mail counts as sent that did not come"


def _message_ids(mails: Iterable[Mail]) -> set[str]:
    return {f"<{one.uid}@example.org>" for one in mails}


def check_files(house: House) -> None:
    """The database's own look at itself."""
    if house.server is None:
        assert database.execute_sql("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute_sql("PRAGMA foreign_key_check").fetchall() == []
        return
    database.execute_sql("CREATE EXTENSION IF NOT EXISTS amcheck")
    database.execute_sql(
        "SELECT bt_index_check(i.indexrelid, true) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE a.amname = 'btree' AND n.nspname = 'public'"
    )
