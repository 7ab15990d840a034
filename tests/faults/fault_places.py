"""Where the service is hit: in a build, a publication, a batch of mail; and in `fault_imports`,
`fault_migration` and `fault_copies`."""

from __future__ import annotations

import datetime as dt
import time

from drafts import require, week_problem
from fault_copies import Copies
from fault_house import Person
from fault_imports import Import
from fault_migration import Migration
from fault_place import (
    AGAIN,
    DONE,
    DOUBT,
    RESUMED,
    Answered,
    Place,
    actor_with,
    coming_week,
    saved_draft,
)
from peewee import fn

from app.models import (
    Mail,
    MailStatus,
    Message,
    Requirement,
    Role,
    Roster,
    RosterStatus,
    Run,
    RunStatus,
    User,
    database,
)
from app.services import rosters
from app.services.telling import tell
from solver import Assignment

MAILS = 12


class Build(Place):
    name = "build"
    victims = ("worker", "database")

    def prepare(self, number: int) -> None:
        super().prepare(number)
        self.house.worker()
        self.week = coming_week(number)
        with database.connection_context():
            if not Requirement.select().where(Requirement.week_starts_on == self.week).exists():
                for day in range(5):
                    require(self.house.world.lisbon, day, 9, 17, ["pt"], 2, week=self.week)
                    require(self.house.world.lisbon, day, 10, 14, ["uk"], 1, week=self.week)

    def begin(self) -> None:
        with database.connection_context():
            self.run_id = rosters.ask_build(
                actor_with(Role.COORDINATOR),
                self.house.world.group.id,
                self.week,
                dt.datetime.now(dt.UTC),
                name=f"build {self.number}",
                seconds=1,
            )

    def end(self, *, restarted: bool) -> str:
        with database.connection_context():
            begun = Run.get_by_id(self.run_id)
        if restarted and begun.status != RunStatus.DONE:
            self.house.bury()
        run = self.house.wait_for_run(self.run_id)
        with database.connection_context():
            assert run.status == RunStatus.DONE, (run.status, run.error)
            made = list(Roster.select().where(Roster.name == f"build {self.number}"))
            assert [one.id for one in made] == [run.result["roster"]], "one draft, the run's own"
            assert made[0].assignments.count() > 0
            assert run.ended_at is not None
        if begun.status == RunStatus.DONE:
            return DONE
        return RESUMED


class Publication(Place):
    name = "publication"
    victims = ("web", "database")
    person: Person | None = None

    def prepare(self, number: int) -> None:
        super().prepare(number)
        self.house.web()
        if self.person is None:
            self.person = Person(self.house, self.house.world.coordinator)
        self.week = coming_week(number)
        with database.connection_context():
            self.roster_id = self._draft()
            changes = rosters.publication_preview(actor_with(Role.COORDINATOR), self.roster_id)
            accounts = {row.mediator_id for row in User.select() if row.mediator_id}
            self.concerned = len({one.mediator_id for one in changes} & accounts)

    def _draft(self) -> int:
        """A week in which a few people work one day each, other days and hours each time."""
        problem = week_problem(self.house.world, self.week)
        given = []
        for index, code in enumerate(("ana", "bo", "caio")):
            least, most = next(one.shift_slots for one in problem.mediators if one.id == code)
            fitting = [
                one
                for one in problem.shifts
                if one.office == "lisbon" and least <= len(one.worked) <= most
            ]
            # Not every day is open: some weeks hold a holiday.
            days = sorted({one.day for one in fitting})
            day = days[(self.number + index) % len(days)]
            shifts = [one for one in fitting if one.day == day]
            given.append(Assignment(code, shifts[self.number * 7 % len(shifts)].id))
        return saved_draft(self.house, self.week, problem, given)

    def begin(self) -> None:
        assert self.person is not None
        self.answered = Answered(lambda: self._publish())

    def _publish(self) -> int:
        assert self.person is not None
        return self.person.post(f"/rosters/{self.roster_id}/publish", office="")[0]

    def end(self, *, restarted: bool) -> str:
        told = self.answered.wait()
        with database.connection_context():
            was = Roster.get_by_id(self.roster_id).status
        if told == 302:
            assert was == RosterStatus.PUBLISHED, "what was promised is kept"
        if was != RosterStatus.PUBLISHED:
            assert restarted, f"the server answered {told}"
            assert self._told() == 0, "nobody is told of what is not published"
            assert self._publish() == 302
        with database.connection_context():
            assert Roster.get_by_id(self.roster_id).status == RosterStatus.PUBLISHED
        assert self._told() == self.concerned
        return DONE if was == RosterStatus.PUBLISHED else AGAIN

    def _told(self) -> int:
        with database.connection_context():
            mark = f"roster.{self.roster_id}."
            return int(Message.select().where(Message.key.startswith(mark)).count())


class Letters(Place):
    name = "mail"
    victims = ("worker", "database")

    def prepare(self, number: int) -> None:
        super().prepare(number)
        self.house.worker()

    def begin(self) -> None:
        now = dt.datetime.now(dt.UTC)
        details = {"status": "approved", "first": "2026-03-09", "last": "2026-03-10"}
        with database.connection_context(), database.atomic():
            people = [row.id for row in User.select().order_by(User.id).limit(4)]
            for part in range(MAILS // 4):
                tell(people, "leave_decided", f"{self.mark}{part}", details, now)

    @property
    def mark(self) -> str:
        return f"letters.{self.number}."

    def end(self, *, restarted: bool) -> str:
        before = self._by_status()
        if restarted:
            self.house.bury()
        done = (MailStatus.SENT, MailStatus.IN_DOUBT)

        buried = time.monotonic()

        def all_done() -> bool:
            nonlocal buried
            if restarted and time.monotonic() > buried + 1:
                self.house.bury()
                buried = time.monotonic()
            found = self._by_status()
            return sum(found.get(one, 0) for one in done) == MAILS

        self.house.until(all_done, "mail is left over")
        after = self._by_status()
        if after.get(MailStatus.IN_DOUBT, 0):
            assert after[MailStatus.IN_DOUBT] == 1, "one kill, one mail in the window"
            return DOUBT
        return DONE if before.get(MailStatus.SENT, 0) == MAILS else RESUMED

    def _by_status(self) -> dict[MailStatus, int]:
        with database.connection_context():
            query = (
                Mail.select(Mail.status, fn.COUNT(Mail.id))
                .join(Message)
                .where(Message.key.startswith(self.mark))
                .group_by(Mail.status)
            )
            return {MailStatus(status): int(count) for status, count in query.tuples()}


PLACES: tuple[type[Place], ...] = (Build, Publication, Letters, Import, Migration, Copies)
