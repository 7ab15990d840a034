"""How long does the coordinator's desk take to answer? Prints a table; holds nothing to account.

    python tests/bench/bench_desk.py [--people 75 750] [--runs 5] [--profile NAME]

A database file of its own with that many people at one office, fifteen languages and a roster of
five days each; every figure is a whole request through the application, as the server runs it,
the median of so many, in milliseconds of processor time, so that what else the machine does is left
out. `first` is the first request after the server came up, with nothing kept.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime as dt
import json
import pstats
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from flask.testing import FlaskClient  # noqa: E402
from small_world import PASSWORD, SmallWorld, build_small_world  # noqa: E402

from app import create_app  # noqa: E402
from app.config import read_settings  # noqa: E402
from app.database import migrate  # noqa: E402
from app.models import (  # noqa: E402
    Language,
    Mediator,
    MediatorLanguage,
    Office,
    Requirement,
    Roster,
    database,
)
from app.services import judging, kept_weeks  # noqa: E402
from app.services.horizon import Horizon  # noqa: E402
from app.services.problems import BuildOptions, build_problem  # noqa: E402
from app.services.rosters import Built, save_draft  # noqa: E402
from solver import Assignment, Change, Draft, Problem, Result, Status  # noqa: E402

MONDAY = dt.date(2026, 3, 9)
NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
LANGUAGES = 15
TARGETS = {"board page": 300, "edit, judged and saved": 150}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[75, 750])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--profile", metavar="NAME", help="profile one row instead")
    asked = parser.parse_args()
    columns = {}
    for people in asked.people:
        with tempfile.TemporaryDirectory() as folder:
            columns[people] = measure(Path(folder), people, asked.runs, asked.profile)
    print(f"\n{'milliseconds':44}" + "".join(f"{people:>10}" for people in columns))
    for name in next(iter(columns.values())):
        target = f"  (target {TARGETS[name]} at 75)" if name in TARGETS else ""
        row = "".join(f"{columns[people][name]:>10.0f}" for people in columns)
        print(f"{name:44}{row}{target}")


def measure(folder: Path, people: int, runs: int, profiled: str | None) -> dict[str, float]:
    settings = read_settings({"ESCALA_SECRET_KEY": "k" * 40}, instance=folder)
    application = create_app(settings)
    application.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    migrate(folder)
    with database.connection_context():
        world = build_small_world(NOW)
        populate(world, people)
        roster, problem = fill(world)
        first = Mediator.get(Mediator.code == roster.assignments[0].mediator.code)
        shift = next(
            one.id
            for one in problem.shifts
            if one.day == 0 and one.office == "lisbon" and len(one.worked) == 10
        )
    client = application.test_client()
    client.post("/sign-in", data={"email": world.coordinator, "password": PASSWORD})
    week, cell = f"/weeks/{MONDAY}?office=lisbon", f"/rosters/{roster.id}/cells/{first.id}/{MONDAY}"
    why = f"/rosters/{roster.id}/why/lisbon/{MONDAY}"
    rows: dict[str, Callable[[], object]] = {
        "board page": lambda: page(client, week),
        "board page, one day closely": lambda: page(client, week + "&day=0"),
        "board, after an edit": lambda: page(client, week, part="week"),
        "week of all offices": lambda: page(client, f"/weeks/{MONDAY}/network"),
        "edit, judged and saved": lambda: edit(client, roster.id, first.id, shift),
        "edit, judged alone": lambda: judged(roster, first.code, shift),
        "a day opened, with its choices": lambda: page(client, cell, part="panel"),
        "who could take the shift?": lambda: page(client, cell + "/who", part="panel"),
        "why is a cell red?": lambda: page(
            client, why + "?row=" + short_row(roster, problem)[0], part="panel"
        ),
        "who could fill it?": lambda: page(
            client,
            why + "/who?row={}&slot={}".format(*short_row(roster, problem)),
            part="panel",
        ),
        "what publishing would do": lambda: page(client, f"/rosters/{roster.id}/publish"),
        "scenarios compared": lambda: page(client, f"/weeks/{MONDAY}/scenarios?office=lisbon"),
    }
    found = {}
    kept_weeks.week_of_text.cache_clear()
    started = time.process_time()
    rows["board page"]()
    found["board page, first"] = 1000 * (time.process_time() - started)
    for name, call in rows.items():
        if profiled and profiled != name:
            continue
        call()
        if profiled:
            profile(call)
            continue
        found[name] = 1000 * statistics.median(timed(call) for _ in range(runs))
        print(f"{people:5} {name:40} {found[name]:8.0f} ms", flush=True)
    database.obj.dispose()
    return found


def timed(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def profile(call: Callable[[], object]) -> None:
    with cProfile.Profile() as kept:
        call()
    pstats.Stats(kept).sort_stats("cumulative").print_stats(45)


def page(client: FlaskClient, path: str, part: str = "") -> int:
    answer = client.get(path, headers={"X-Part": part} if part else {})
    assert answer.status_code == 200, (path, answer.status_code)
    return len(answer.data)


def edit(client: FlaskClient, roster_id: int, mediator_id: int, shift: str) -> None:
    """One edit there and back, each a request of its own; half of the two is one."""
    with database.connection_context():
        revision = Roster.get_by_id(roster_id).revision
    data = {"revision": revision, "mediator": mediator_id, "date": MONDAY, "office": "lisbon"}
    held = {"kind": "lock" if revision % 2 == 0 else "unlock"}
    moved = {"kind": "give", "shift": shift} if revision == 0 else held
    answer = client.post(
        f"/rosters/{roster_id}/change",
        data={**data, **moved, "anyway": "1"},
        headers={"X-Part": "panel"},
    )
    assert answer.status_code == 204, answer.get_data(as_text=True)[:400]


def judged(roster: Roster, code: str, shift: str) -> int:
    with database.connection_context():
        row = Roster.get_by_id(roster.id)
        draft = judging.drafts.get(row.problem_json, judging.judge(row).assignments)
    return draft.with_changes([Change(code, 0, shift)]).cost


def short_row(roster: Roster, problem: Problem) -> tuple[str, int]:
    """A row of Monday that is short, and where it is first."""
    from solver import Scope, explain

    key = (roster.id, problem.name)
    if key not in _SHORT:
        with database.connection_context():
            given = judging.judge(Roster.get_by_id(roster.id)).assignments
        found = explain(problem, given, only=Scope("lisbon", 0)).shortfalls
        worst = max(found, key=lambda one: (one.cost, len(one.people)))
        _SHORT[key] = ",".join(sorted(worst.needs)), worst.start
    return _SHORT[key]


_SHORT: dict[tuple[int, str], tuple[str, int]] = {}


def populate(world: SmallWorld, people: int) -> None:
    """So many people at one office, each of Portuguese and two to three other languages, and
    requirements that a tenth of them cannot meet."""
    draw = random.Random(people)
    codes = ["pt", "en", "uk", "ru", "zh", "kea"]
    for index in range(LANGUAGES - len(codes)):
        Language.create(code=f"x{index:02}", name_pt=f"Língua {index}", name_en=f"Language {index}")
        codes.append(f"x{index:02}")
    model = world.mediators[0]
    Office.update(capacity=None).execute()
    with database.atomic():
        for index in range(people):
            made = Mediator.create(
                code=f"p{index:04}",
                name=f"Pessoa {index:04}",
                association=model.association,
                regime=model.regime,
                week_minutes=2100,
                shift_least_minutes=240,
                shift_most_minutes=420,
                home_office=world.lisbon,
                starts_on=model.starts_on,
            )
            for code in {"pt", *draw.sample(codes[1:], 2)}:
                MediatorLanguage.create(mediator=made, language=code, level="fluent")
        horizon = Horizon(MONDAY)
        rows = []
        for day in range(5):
            date = horizon.date(day)
            for half in range(18, 34):
                for place, code in enumerate(codes):
                    rows.append(
                        {
                            "office": world.lisbon.id,
                            "week_starts_on": MONDAY,
                            "starts_at": horizon.wall(date, half * 30),
                            "ends_at": horizon.wall(date, half * 30 + 30),
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


def fill(world: SmallWorld) -> tuple[Roster, Problem]:
    """Everyone works seven hours on five days, at hours drawn by lot."""
    draw = random.Random(1)
    problem = build_problem(world.group, MONDAY, BuildOptions())
    given = []
    for person in problem.mediators:
        for day in range(5):
            if "lisbon" not in person.offices:
                continue
            fitting = [
                one
                for one in by_day(problem)[day]
                if person.shift_slots[0] <= len(one.worked) <= person.shift_slots[1]
                and len(one.worked) <= 14
            ]
            given.append(Assignment(person.id, draw.choice(fitting).id))
    draft = Draft(problem, given)
    result = Result(problem.name, Status.FEASIBLE, draft.cost, None, 1.0, tuple(given))
    with database.atomic():
        made = save_draft(
            world.system,
            Built(world.group, MONDAY, problem, result, draft.judgement, None),
            NOW,
        )
    row = Roster.get_by_id(made)
    size = len(row.problem_json) // 1000
    print(f"{len(problem.mediators)} people, {len(problem.shifts)} shifts, {size} kB", flush=True)
    return row, Problem.from_json(json.loads(row.problem_json))


def by_day(problem: Problem) -> dict[int, list]:
    if "_by_day" not in problem.__dict__:
        found: dict[int, list] = {}
        for one in problem.shifts:
            if one.office == "lisbon":
                found.setdefault(one.day, []).append(one)
        problem.__dict__["_by_day"] = found
    return problem.__dict__["_by_day"]


if __name__ == "__main__":
    main()
