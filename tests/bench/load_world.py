"""A country in a database: 750 mediators, sixty offices, two years of arrivals and of rosters.

Three large centres are planned together, the local centres by region. Weeks that are past keep
their shifts and not the problems they were built on, which nobody asks for in the load.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from typing import Any

import numpy as np
from flask import Flask
from load_seats import Told, seats
from peewee import JSONField
from small_world import SmallWorld, build_small_world

from app.models import (
    Arrival,
    Assignment,
    Language,
    LanguageLevel,
    Mediator,
    MediatorLanguage,
    Office,
    OfficeKind,
    OpeningHours,
    PlanningGroup,
    Protocol,
    Requirement,
    Role,
    Roster,
    RosterStatus,
    User,
    UserRole,
    database,
)
from app.services import passwords
from app.services.horizon import Horizon, monday_of
from app.services.problems import BuildOptions, build_problem
from app.services.rosters import Built, save_draft
from solver import Assignment as Given
from solver import Draft, Problem, Result, Status

CENTRES = (150, 110, 40)
"""Mediators of the three large centres."""
REGIONS, LOCAL_CENTRES, LOCAL_PEOPLE = 6, 57, 450
WEEKS_BEHIND = 104
SPOKEN = ("pt", "en", "uk", "ru", "zh", "kea", "ar", "hi", "bn", "ne", "fr", "es", "ro", "ur", "fa")
COORDINATORS = 30
_CHUNK = 500


def make(app: Flask, now: dt.datetime, seed: int = 1) -> Told:
    """Fill an empty database with tables; the rest of the suite's small world is in it too."""
    draw = random.Random(seed)
    monday = monday_of(now.date())
    with database.connection_context():
        world = build_small_world(now)
        Protocol.update(ends_on=dt.date(2099, 12, 31)).execute()
        with database.atomic():
            offices = _offices(world)
            people = _people(world, offices, draw)
            users = _accounts(people, offices, now)
        _arrivals(offices, now, np.random.default_rng(seed))
        drafts = []
        for group in PlanningGroup.select().where(PlanningGroup.code != "network"):
            drafts.append(_weeks(world, group, monday, now, draw))
        database.execute_sql("ANALYZE")
        return seats(app, world, offices, users, drafts, monday, now)


def _offices(world: SmallWorld) -> list[tuple[Office, int]]:
    """Each office with how many mediators are at home there."""
    for code in SPOKEN[6:]:
        Language.create(code=code, name_pt=f"língua {code}", name_en=f"language {code}")
    centres = PlanningGroup.create(code="centres", name="Centros nacionais")
    made = [
        (_office(centres, f"centre{index}", OfficeKind.CENTRE), count)
        for index, count in enumerate(CENTRES)
    ]
    each, more = divmod(LOCAL_PEOPLE, LOCAL_CENTRES)
    regions = [
        PlanningGroup.create(code=f"region{index}", name=f"Região {index}")
        for index in range(REGIONS)
    ]
    for index in range(LOCAL_CENTRES):
        office = _office(regions[index % REGIONS], f"local{index}", OfficeKind.LOCAL_CENTRE)
        made.append((office, each + (index < more)))
    return made


def _office(group: PlanningGroup, code: str, kind: OfficeKind) -> Office:
    office = Office.create(group=group, code=code, name=f"Centro {code}", kind=kind)
    for weekday in range(5):
        OpeningHours.create(office=office, weekday=weekday, opens_minute=540, closes_minute=1080)
    return office


def _people(
    world: SmallWorld, offices: list[tuple[Office, int]], draw: random.Random
) -> dict[int, list[Mediator]]:
    model, found, number = world.mediators[0], {}, 0
    for office, count in offices:
        found[office.id] = []
        for _one in range(count):
            number += 1
            person = Mediator.create(
                code=f"p{number:04}",
                name=f"Pessoa {number:04}",
                association=world.associations[number % 2],
                regime=model.regime,
                week_minutes=2100,
                shift_least_minutes=240,
                shift_most_minutes=480,
                home_office=office,
                starts_on=model.starts_on,
            )
            found[office.id].append(person)
            MediatorLanguage.insert_many(
                [
                    {"mediator": person.id, "language": code, "level": LanguageLevel.FLUENT}
                    for code in ("pt", *draw.sample(SPOKEN[1:], 2))
                ]
            ).execute()
    return found


def _accounts(
    people: dict[int, list[Mediator]], offices: list[tuple[Office, int]], now: dt.datetime
) -> dict[str, list[User]]:
    def user(name: str, role: Role, **columns: Any) -> User:
        office = columns.pop("office", None)
        made = User.create(
            email=f"{name}@example.org",
            name=name,
            password_hash=passwords.NONE,
            created_at=now,
            **columns,
        )
        UserRole.create(user=made, role=role, office=office)
        return made

    everyone = [one for listed in people.values() for one in listed]
    return {
        "mediators": [user(one.code, Role.MEDIATOR, mediator=one) for one in everyone],
        "coordinators": [user(f"coordinator{n}", Role.COORDINATOR) for n in range(COORDINATORS)],
    }


def _arrivals(
    offices: list[tuple[Office, int]], now: dt.datetime, draw: np.random.Generator
) -> None:
    """Two years, half hour by half hour: six hundred a day in the largest, a dozen in a small."""
    rows: list[dict[str, Any]] = []
    for office, people in offices:
        spoken = SPOKEN if people > 20 else SPOKEN[:6]
        shares = np.array([0.5, *[0.5 / (len(spoken) - 1)] * (len(spoken) - 1)])
        for back in range(1, 7 * WEEKS_BEHIND):
            day = now.date() - dt.timedelta(days=back)
            if day.weekday() > 4:
                continue
            counts = draw.poisson(np.outer(np.full(18, people * 4 / 18), shares))
            opens = dt.datetime(day.year, day.month, day.day, 9, tzinfo=dt.UTC)
            rows += [
                {
                    "office": office.id,
                    "starts_at": opens + int(slot) * dt.timedelta(minutes=30),
                    "language": spoken[which],
                    "need": "general",
                    "count": int(counts[slot, which]),
                    "source": "import",
                }
                for slot, which in zip(*counts.nonzero(), strict=True)
            ]
        _insert(Arrival, rows)
        rows.clear()


def _insert(table: Any, rows: list[dict[str, Any]]) -> None:
    """By the driver's own way of many rows, several times as quick as the models'."""
    if not rows:
        return
    statement, _first = table.insert(**rows[0]).sql()
    columns = re.search(r"\(([^)]*)\) VALUES", statement)[1].replace('"', "").split(", ")
    fields = [table._meta.columns[name] for name in columns]
    assert set(rows[0]) <= {field.name for field in fields}
    kept = [
        (json.dumps if isinstance(field, JSONField) else field.db_value, field.name, field.default)
        for field in fields
    ]
    values = [[convert(row.get(name, default)) for convert, name, default in kept] for row in rows]
    with database.atomic():
        database.cursor().executemany(statement, values)


def _weeks(
    world: SmallWorld,
    group: PlanningGroup,
    monday: dt.date,
    now: dt.datetime,
    draw: random.Random,
) -> tuple[Roster, Problem]:
    """Two years of published weeks, this one among them, and the next one as a draft."""
    for week in (monday, monday + dt.timedelta(weeks=1)):
        _require(group, week)
    this_week, _problem = _draft(world, group, monday, now, draw)
    Roster.update(status=RosterStatus.PUBLISHED, published_at=now).where(
        Roster.id == this_week.id
    ).execute()
    shifts = list(Assignment.select().where(Assignment.roster == this_week).dicts())
    for back in range(1, WEEKS_BEHIND):
        earlier = dt.timedelta(weeks=back)
        roster = Roster.create(
            group=group,
            week_starts_on=monday - earlier,
            version=1,
            status=RosterStatus.PUBLISHED,
            created_at=now - earlier,
            published_at=now - earlier,
        )
        rows = [
            {
                **{name: value for name, value in one.items() if name != "id"},
                "roster": roster.id,
                "date": one["date"] - earlier,
                "starts_at": one["starts_at"] - earlier,
                "ends_at": one["ends_at"] - earlier,
                "breaks": [],
                "uid": f"{one['uid']}.{back}",
                "created_at": one["created_at"] - earlier,
                "changed_at": one["changed_at"] - earlier,
            }
            for one in shifts
        ]
        _insert(Assignment, rows)
    return _draft(world, group, monday + dt.timedelta(weeks=1), now, draw)


def _require(group: PlanningGroup, week: dt.date) -> None:
    horizon, rows = Horizon(week), []
    for office in Office.select().where(Office.group == group):
        people = Mediator.select().where(Mediator.home_office == office).count()
        for day in range(5):
            date = horizon.date(day)
            for hour in range(9, 18):
                for place, code in enumerate(SPOKEN if people > 20 else SPOKEN[:4]):
                    rows.append(
                        {
                            "office": office.id,
                            "week_starts_on": week,
                            "starts_at": horizon.wall(date, hour * 60),
                            "ends_at": horizon.wall(date, hour * 60 + 60),
                            "needs": [f"lang:{code}"],
                            "count": max(1, people // (3 if place == 0 else 18)),
                            "minimum": 0,
                            "cost": 10,
                            "minimum_cost": 10,
                            "exclusive": True,
                        }
                    )
    for start in range(0, len(rows), 400):
        Requirement.insert_many(rows[start : start + 400]).execute()


def _draft(
    world: SmallWorld, group: PlanningGroup, week: dt.date, now: dt.datetime, draw: random.Random
) -> tuple[Roster, Problem]:
    """Everybody works on five days at home, at hours drawn by lot."""
    problem = build_problem(group, week, BuildOptions())
    fitting: dict[tuple[str, int], list[str]] = {}
    for one in problem.shifts:
        if 10 <= len(one.worked) <= 14:
            fitting.setdefault((one.office, one.day), []).append(one.id)
    given = [
        Given(person.id, draw.choice(fitting[office, day]))
        for person in problem.mediators
        for office in list(person.offices)[:1]
        for day in range(5)
        if (office, day) in fitting
    ]
    draft = Draft(problem, given)
    result = Result(problem.name, Status.FEASIBLE, draft.cost, None, 1.0, tuple(given))
    with database.atomic():
        built = Built(group, week, problem, result, draft.judgement, None)
        made = save_draft(world.system, built, now)
    return Roster.get_by_id(made), problem
