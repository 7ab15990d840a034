"""What is brought in from elsewhere: arrivals by a file or by another system, people, a board."""

from __future__ import annotations

import datetime as dt
import json
from abc import ABC, abstractmethod

from drafts import week_problem
from fault_house import House, Person
from fault_place import AGAIN, DONE, Answered, Place, actor_with, coming_week, saved_draft
from peewee import fn

from app.models import (
    Arrival,
    Assignment,
    AuditEntry,
    Mediator,
    Role,
    Roster,
    RosterEdit,
    Upload,
    database,
)
from app.services import api_keys
from app.services.horizon import Horizon

SLOTS = 40
LANGUAGES = ("pt", "uk", "zh")
PEOPLE = 12
AT_WORK = ("ana", "bo", "caio")


class Way(ABC):
    """One way in. `number` tells its rounds apart."""

    def __init__(self, house: House, person: Person) -> None:
        self.house, self.person = house, person

    @abstractmethod
    def prepare(self, number: int) -> None: ...

    @abstractmethod
    def send(self) -> int:
        """Bring it in: what the server answered."""

    @abstractmethod
    def is_in(self) -> bool:
        """Whether all of it is in, once; anything else than all or nothing is a fault."""

    @abstractmethod
    def check_kept(self, *, done: bool) -> None:
        """What must hold beside, as it is in or is not."""

    answer_once_more: int
    """What who sends again what is in is answered."""


class File(Way):
    """A coordinator looks at a file and then has it brought in."""

    answer_once_more = 404
    """The file is gone."""
    header: tuple[str, ...]
    also: dict[str, str] = {}  # noqa: RUF012 - nobody changes it
    """What the form says beside the columns."""

    def _upload(self, path: str, lines: list[str]) -> None:
        content = "\n".join([";".join(self.header), *lines]).encode()
        status, to, text = self.person.send_file(path, "file.csv", content)
        assert status == 302, text[-500:]
        self.path = to
        self.person.get(to)

    def send(self) -> int:
        columns = {f"column-{name}": str(place) for place, name in enumerate(self.header)}
        return self.person.post(self.path, do="import", **columns, **self.also)[0]

    def check_kept(self, *, done: bool) -> None:
        with database.connection_context():
            waits = Upload.select().where(Upload.id == int(self.path.split("/")[-1])).exists()
        assert waits != done, "the file waits exactly as long as it is not brought in"


class Visitors:
    """Arrivals of a day of their own."""

    def __init__(self, number: int) -> None:
        self.day = dt.datetime(2020, 1, 6, tzinfo=dt.UTC) + dt.timedelta(days=number)
        self.rows = [
            (self.day + slot * dt.timedelta(minutes=30), language, 1 + (slot + place) % 3)
            for slot in range(SLOTS)
            for place, language in enumerate(LANGUAGES)
        ]

    def are_counted(self) -> bool:
        until = self.day + dt.timedelta(days=1)
        with database.connection_context():
            counted = (
                Arrival.select(fn.SUM(Arrival.count))
                .where(Arrival.starts_at >= self.day, Arrival.starts_at < until)
                .scalar()
            )
        assert counted in (None, sum(row[2] for row in self.rows)), "all of it or nothing"
        return counted is not None


class ArrivalsFile(File):
    header = ("date", "language", "visitors")
    also = {"office": "lisbon"}  # noqa: RUF012

    def prepare(self, number: int) -> None:
        self.visitors = Visitors(number)
        lines = [f"{when.isoformat()};{code};{n}" for when, code, n in self.visitors.rows]
        self._upload("/intake/import", lines)

    def is_in(self) -> bool:
        return self.visitors.are_counted()


class ArrivalsOfASystem(Way):
    """Another system, which had no answer, sends it again under the same key."""

    answer_once_more = 200
    key = ""

    def prepare(self, number: int) -> None:
        self.number = number
        self.visitors = Visitors(number)
        if not self.key:
            now = dt.datetime.now(dt.UTC)
            with database.connection_context():
                administrator = actor_with(Role.ADMINISTRATOR)
                _id, self.key = api_keys.create_key(administrator, "Tickets", ["lisbon"], now)

    def send(self) -> int:
        arrivals = [
            {"office": "lisbon", "starts_at": when.isoformat(), "language": language, "visitors": n}
            for when, language, n in self.visitors.rows
        ]
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Idempotency_Key": f"round-{self.number:06d}",
            "Content_Type": "application/json",
        }
        body = json.dumps({"arrivals": arrivals}).encode()
        return self.house.ask("POST", "/api/arrivals", body, **headers)[0]

    def is_in(self) -> bool:
        return self.visitors.are_counted()

    def check_kept(self, *, done: bool) -> None: ...


class BoardFile(File):
    """The week of some people into a draft that is empty so far: one edit."""

    header = ("mediator", "date", "office", "start", "end")
    also = {"revision": "0"}  # noqa: RUF012

    def prepare(self, number: int) -> None:
        week = coming_week(number)
        with database.connection_context():
            problem = week_problem(self.house.world, week)
            self.roster_id = saved_draft(self.house, week, problem, [])
        begins = [day.start for day in problem.days]
        # Nine to one: not every day is open, some weeks hold a holiday.
        days = {
            one.day
            for one in problem.shifts
            if one.office == "lisbon"
            and (one.start - begins[one.day], one.end - begins[one.day]) == (18, 26)
        }
        dates = [Horizon(week).date(day) for day in sorted(days)]
        lines = [f"{who};{date};lisbon;09:00;13:00" for who in AT_WORK for date in dates]
        self.days = len(lines)
        self._upload(f"/rosters/{self.roster_id}/import", lines)

    def is_in(self) -> bool:
        with database.connection_context():
            days = Assignment.select().where(Assignment.roster == self.roster_id).count()
            edits = RosterEdit.select().where(RosterEdit.roster == self.roster_id).count()
            revision = Roster.get_by_id(self.roster_id).revision
            told = entries("roster.edit", [self.roster_id])
        assert (days, edits, revision, told) in ((0, 0, 0, 0), (self.days, 1, 1, 1))
        return bool(days)


class PeopleFile(File):
    """New people, and one of those before by another name."""

    header = (
        "code", "name", "called_name", "association", "regime", "home_office", "languages",
        "starts_on",
    )  # fmt: skip

    def prepare(self, number: int) -> None:
        self.mark, self.called = f"p{number}-", f"Eva {number}"
        # Their time lies far ahead: the weeks of the other places stay as small as they were.
        lines = [
            f"{self.mark}{one};Pessoa {number} {one};;aurora;private;lisbon;pt, uk;2098-01-01"
            for one in range(PEOPLE)
        ]
        eva = f"eva;Eva Exemplo;{self.called};aurora;private;azores;pt, uk;2025-01-01"
        self._upload("/mediators/import", [*lines[:5], eva, *lines[5:]])

    def is_in(self) -> bool:
        with database.connection_context():
            new = Mediator.select(Mediator.id).where(Mediator.code.startswith(self.mark))
            people = [row.id for row in new]
            spoken = sum(len(row.languages) for row in new)
            changed = Mediator.get(Mediator.code == "eva").called_name == self.called
            told = entries("mediator.create", people)
        found = (len(people), spoken, changed, told)
        assert found in ((0, 0, False, 0), (PEOPLE, 2 * PEOPLE, True, PEOPLE)), found
        return changed


def entries(action: str, of: list[int]) -> int:
    """How often the audit log tells of it."""
    theirs = AuditEntry.object_id.in_([str(one) for one in of])
    return int(AuditEntry.select().where(AuditEntry.action == action, theirs).count())


WAYS: tuple[type[Way], ...] = (ArrivalsFile, ArrivalsOfASystem, BoardFile, PeopleFile)


class Import(Place):
    """All of it or nothing, by whichever way; and never twice."""

    name = "import"
    victims = ("web", "database")
    kinds = len(WAYS)
    ways: tuple[Way, ...] = ()

    def prepare(self, number: int) -> None:
        super().prepare(number)
        self.house.web()
        if not self.ways:
            person = Person(self.house, self.house.world.coordinator)
            self.ways = tuple(one(self.house, person) for one in WAYS)
        self.way = self.ways[number % len(self.ways)]
        self.way.prepare(number)

    def begin(self) -> None:
        self.answered = Answered(self.way.send)

    def end(self, *, restarted: bool) -> str:
        told = self.answered.wait()
        was = self.way.is_in()
        if told in (200, 201, 302):
            assert was, "what was promised is kept"
        self.way.check_kept(done=was)
        if not was:
            assert restarted, f"the server answered {told}"
            again = self.way.send()
            assert again in (201, 302), f"sent again, the server answered {again}"
        once_more = self.way.send()
        assert once_more == self.way.answer_once_more, f"once more, it answered {once_more}"
        assert self.way.is_in()
        self.way.check_kept(done=True)
        return DONE if was else AGAIN
