"""How long do the network's pages take with 33 and with 75 offices? Prints a table.

    python tests/bench/bench_network.py [--offices 33 75] [--runs 5] [--profile NAME]

A database file of its own with so many offices, ten people at each, fifteen languages, a published
week, a year of arrivals by day, notes of waits and what visitors said. Every figure is a whole
request through the application, as the server runs it, the median of so many, in milliseconds of
processor time, so that what else the machine does is left out.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "bench")]

from bench_desk import page, profile, timed  # noqa: E402
from small_world import PASSWORD, SmallWorld, build_small_world  # noqa: E402

from app import create_app  # noqa: E402
from app.config import read_settings  # noqa: E402
from app.database import migrate  # noqa: E402
from app.models import (  # noqa: E402
    Arrival,
    ArrivalOutcome,
    Language,
    Mediator,
    MediatorLanguage,
    Office,
    OfficeKind,
    OpeningHours,
    Requirement,
    Roster,
    RosterStatus,
    database,
)
from app.services import field_routes, kept_weeks  # noqa: E402
from app.services.field_checks import RouteFacts, StopFacts  # noqa: E402
from app.services.horizon import Horizon, monday_of  # noqa: E402
from app.services.problems import BuildOptions, build_problem  # noqa: E402
from app.services.rosters import Built, save_draft  # noqa: E402
from solver import Assignment, Draft, Result, Status  # noqa: E402

NOW = dt.datetime.now(dt.UTC)
"""Pages read the clock."""
MONDAY = monday_of(NOW.date()) + dt.timedelta(days=7)
PEOPLE_AN_OFFICE = 10
LANGUAGES = 15
TARGET = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offices", type=int, nargs="+", default=[33, 75])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--profile", metavar="NAME", help="profile one row instead")
    asked = parser.parse_args()
    columns = {}
    for offices in asked.offices:
        with tempfile.TemporaryDirectory() as folder:
            columns[offices] = measure(Path(folder), offices, asked.runs, asked.profile)
    print(f"\n{'milliseconds, by offices':44}" + "".join(f"{one:>10}" for one in columns))
    for name in next(iter(columns.values())):
        print(f"{name:44}" + "".join(f"{columns[one][name]:>10.0f}" for one in columns))


def measure(folder: Path, offices: int, runs: int, profiled: str | None) -> dict[str, float]:
    application = create_app(read_settings({"ESCALA_SECRET_KEY": "k" * 40}, instance=folder))
    application.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    migrate(folder)
    with database.connection_context():
        world = build_small_world(NOW)
        made = populate(world, offices)
        publish(world)
        route = send_out(world, made[0])
    client = application.test_client()
    client.post("/sign-in", data={"email": world.coordinator, "password": PASSWORD})
    one, other = made[0], made[1]
    rows: dict[str, Callable[[], object]] = {
        "the network on one page": lambda: page(client, "/coordination"),
        "week of all offices": lambda: page(client, f"/weeks/{MONDAY}/network"),
        "one office's week": lambda: page(client, f"/weeks/{MONDAY}?office={one.code}"),
        "languages by offices": lambda: page(client, "/mediators/languages"),
        "services by centre and year": lambda: page(client, "/coordination/services"),
        "report of the year by office": lambda: page(client, f"/reports?period={MONDAY.year}"),
        "offices": lambda: page(client, "/offices"),
        "mediators": lambda: page(client, "/mediators"),
        "now": lambda: page(client, f"/now?office={one.code}"),
        "field routes of a week": lambda: page(client, f"/field?week={MONDAY}"),
        "who could go along on a route": lambda: page(client, f"/field/{route}"),
        "who could be lent": lambda: page(
            client, f"/lending/new?from={one.id}&to={other.id}&date={MONDAY}"
        ),
    }
    found = {}
    for name, call in rows.items():
        if profiled and profiled != name:
            continue
        call()
        if profiled:
            profile(call)
            continue
        found[name] = 1000 * statistics.median(timed(call) for _ in range(runs))
        late = "  over a second" if found[name] > TARGET else ""
        print(f"{offices:5} {name:40} {found[name]:8.0f} ms{late}", flush=True)
    database.obj.dispose()
    return found


def populate(world: SmallWorld, count: int) -> list[Office]:
    """Offices with their people, requirements, a year of visits, waits noted of late."""
    draw = random.Random(count)
    codes = ["pt", "en", "uk", "ru", "zh", "kea"]
    for index in range(LANGUAGES - len(codes)):
        Language.create(code=f"x{index:02}", name_pt=f"Língua {index}", name_en=f"Language {index}")
        codes.append(f"x{index:02}")
    model = world.mediators[0]
    offices = []
    with database.atomic():
        for number in range(count):
            office = Office.create(
                group=world.group, code=f"o{number:02}", name=f"Centro {number:02}",
                kind=OfficeKind.LOCAL_CENTRE, capacity=None, position=number,
            )  # fmt: skip
            offices.append(office)
            for weekday in range(5):
                OpeningHours.create(
                    office=office, weekday=weekday, opens_minute=540, closes_minute=1020
                )
            for place in range(PEOPLE_AN_OFFICE):
                person = Mediator.create(
                    code=f"p{number:02}{place:02}", name=f"Pessoa {number:02}{place:02}",
                    association=model.association, regime=model.regime, week_minutes=2100,
                    shift_least_minutes=240, shift_most_minutes=420, home_office=office,
                    starts_on=model.starts_on,
                )  # fmt: skip
                for code in sorted({"pt", *draw.sample(codes[1:], 2)}):
                    MediatorLanguage.create(mediator=person, language=code, level="fluent")
        _many(Requirement, _requirements(offices, codes, draw))
        _many(Arrival, _visits(offices, codes, draw))
        _many(ArrivalOutcome, _waits(offices, draw))
    return offices


def _many(table: type, rows: list[dict]) -> None:
    for start in range(0, len(rows), 400):
        table.insert_many(rows[start : start + 400]).execute()


def _requirements(offices: list[Office], codes: list[str], draw: random.Random) -> list[dict]:
    horizon = Horizon(MONDAY)
    return [
        {
            "office": office.id, "week_starts_on": MONDAY,
            "starts_at": horizon.wall(horizon.date(day), hour * 60),
            "ends_at": horizon.wall(horizon.date(day), hour * 60 + 120),
            "needs": [f"lang:{code}"], "count": 2 if code == "pt" else 1, "minimum": 0, "cost": 10,
            "minimum_cost": 10, "exclusive": True,
        }
        for office in offices
        for day in range(5)
        for hour in (9, 11, 13, 15)
        for code in ("pt", *draw.sample(codes[1:], 3))
    ]  # fmt: skip


def _visits(offices: list[Office], codes: list[str], draw: random.Random) -> list[dict]:
    first = dt.datetime(NOW.year - 1, 1, 4, 10, tzinfo=dt.UTC)
    return [
        {
            "office": office.id, "starts_at": first + dt.timedelta(days=day), "language": code,
            "need": draw.choice(("general", "legal", "social")), "count": draw.randint(1, 9),
        }
        for office in offices
        for day in range(0, 690, 3)
        for code in draw.sample(codes, 3)
    ]  # fmt: skip


def _waits(offices: list[Office], draw: random.Random) -> list[dict]:
    return [
        {
            "office": office.id, "starts_at": NOW - dt.timedelta(days=day), "language": "pt",
            "need": "general", "waits": 5, "waited_minutes": draw.randint(10, 120), "left": 0,
        }
        for office in offices
        for day in range(1, 29)
    ]  # fmt: skip


def publish(world: SmallWorld) -> None:
    """A published week in which everyone works seven hours on five days."""
    draw = random.Random(1)
    problem = build_problem(world.group, MONDAY, BuildOptions())
    by_place = defaultdict(list)
    for shift in problem.shifts:
        if len(shift.worked) == 14:
            by_place[shift.office, shift.day].append(shift.id)
    homes = {row.code: row.home_office.code for row in Mediator.select().join(Office)}
    given = [
        Assignment(person.id, draw.choice(by_place[homes[person.id], day]))
        for person in problem.mediators
        for day in range(5)
        if by_place[homes[person.id], day] and homes[person.id].startswith("o")
    ]
    result_draft = Draft(problem, given)
    result = Result(problem.name, Status.FEASIBLE, result_draft.cost, None, 1.0, tuple(given))
    with database.atomic():
        made = save_draft(
            world.system,
            Built(world.group, MONDAY, problem, result, result_draft.judgement, None),
            NOW,
        )
    Roster.update(status=RosterStatus.PUBLISHED, published_at=NOW).where(
        Roster.id == made
    ).execute()
    kept_weeks.week_of_text.cache_clear()
    print(f"{len(problem.mediators)} people, {len(problem.shifts)} shifts", flush=True)


def send_out(world: SmallWorld, office: Office) -> int:
    """A route of an office on Wednesday with nobody along yet; its id."""
    stop = StopFacts(place="Mercado", from_minute=600, until_minute=720, languages=("uk",))
    facts = RouteFacts(
        office_id=office.id, date=MONDAY + dt.timedelta(days=2), name="Costa", leaves_minute=540,
        returns_minute=780, stops=(stop,),
    )  # fmt: skip
    return field_routes.create_route(world.system, facts, NOW)


if __name__ == "__main__":
    main()
