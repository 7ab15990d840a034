"""All groups' rosters of a network, by one worker process and by several: are they the same?

    python tests/bench/bench_groups.py [--offices 75] [--people 10] [--groups 6] [--workers 2]
                                       [--seconds 3600] [--seed 0]

A database file of its own: so many offices in so many planning groups, so many people at each, who
may work at the next office of their group as well; somebody of each group is lent to the next one.
The builds are asked for as the page and `flask build-groups` ask (one run a group, one process, a
seed) and made by `flask worker`, first by one process, then by several on the same rows.
Printed are, by group, people, seconds with one and with several, cost, bound, and whether both
rosters are the same, shift by shift. A build that the clock cut off (`--seconds`) is marked: only
those that end by themselves must be the same.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "bench")]

import bench_network  # noqa: E402
from bench_network import MONDAY, NOW  # noqa: E402
from small_world import SmallWorld, build_small_world  # noqa: E402

from app import create_app  # noqa: E402
from app.config import read_settings  # noqa: E402
from app.database import migrate  # noqa: E402
from app.models import (  # noqa: E402
    Assignment,
    Loan,
    LoanStatus,
    Mediator,
    MediatorOffice,
    Office,
    PlanningGroup,
    Requirement,
    Roster,
    RosterStatus,
    Run,
    RunStatus,
    database,
)
from app.services import group_builds  # noqa: E402
from app.services.horizon import Horizon  # noqa: E402
from app.services.problems import build_problem  # noqa: E402
from app.services.rights import SYSTEM  # noqa: E402
from app.services.rosters import solver_assignments  # noqa: E402

KEY = "k" * 40


@dataclass(frozen=True, slots=True)
class Made:
    """What came of one group's build."""

    people: int
    seconds: float
    cost: int
    bound: int | None
    assignments: tuple[tuple[str, str], ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offices", type=int, default=75)
    parser.add_argument("--people", type=int, default=10, help="at each office")
    parser.add_argument("--groups", type=int, default=6)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=3600, help="the longest that a build takes")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    bench_network.PEOPLE_AN_OFFICE = asked.people
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder)
        create_app(read_settings({"ESCALA_SECRET_KEY": KEY}, instance=instance))
        migrate(instance)
        with database.connection_context():
            people = fill(build_small_world(NOW), asked.offices, asked.groups)
        print(
            f"{asked.offices} offices, {people} mediators, {asked.groups} groups; at most "
            f"{asked.seconds} s a build, seed {asked.seed}",
            flush=True,
        )
        one, alone = build_all(instance, 1, asked)
        several, together = build_all(instance, asked.workers, asked)
    show(one, several, alone, together, asked)


def fill(world: SmallWorld, count: int, group_count: int) -> int:
    """The network's rows; how many mediators it has."""
    offices = bench_network.populate(world, count)
    groups = [
        PlanningGroup.create(code=f"g{number:02}", name=f"Grupo {number:02}")
        for number in range(group_count)
    ]
    share = -(-count // group_count)
    with database.atomic():
        Requirement.delete().where(Requirement.office.in_([world.lisbon, world.azores])).execute()
        Mediator.update(active=False).where(
            Mediator.home_office.in_([world.lisbon, world.azores])
        ).execute()
        by_group: dict[int, list[Office]] = {}
        for number, office in enumerate(offices):
            group = groups[number // share]
            Office.update(group=group).where(Office.id == office.id).execute()
            by_group.setdefault(group.id, []).append(office)
        for theirs in by_group.values():
            for office, following in itertools.pairwise(theirs):
                for person in Mediator.select().where(Mediator.home_office == office):
                    MediatorOffice.create(mediator=person, office=following, cost=2)
        lists = [by_group[one.id] for one in groups if one.id in by_group]
        for theirs, others in itertools.pairwise(lists):
            lend(theirs[0], others[0])
    return int(Mediator.select().where(Mediator.active).count())


def lend(lender: Office, borrower: Office) -> None:
    """One of the first office's people is at the second on Monday, as published."""
    group = Office.get_by_id(borrower.id).group
    horizon, problem = Horizon(MONDAY), build_problem(group, MONDAY)
    shift = next(
        one
        for one in problem.shifts
        if (one.office, one.day) == (borrower.code, 0) and len(one.worked) == 8
    )
    person = Mediator.select().where(Mediator.home_office == lender).order_by(Mediator.code).get()
    roster = Roster.create(
        group=group, week_starts_on=MONDAY, version=1, status=RosterStatus.PUBLISHED,
        created_at=NOW, published_at=NOW,
    )  # fmt: skip
    times = {
        "starts_at": horizon.instant(shift.start),
        "ends_at": horizon.instant(shift.end),
        "shift": shift.id,
    }
    Assignment.create(
        roster=roster, mediator=person, office=borrower, date=MONDAY, breaks=[], locked=True,
        uid=f"{person.code}@bench", created_at=NOW, changed_at=NOW, **times,
    )  # fmt: skip
    Loan.create(
        mediator=person, date=MONDAY, lender=lender, borrower=borrower, reason="bench",
        asks=borrower, status=LoanStatus.AGREED, asked_at=NOW, roster=roster, **times,
    )  # fmt: skip


def build_all(
    instance: Path, workers: int, asked: argparse.Namespace
) -> tuple[float, dict[str, Made]]:
    """Seconds until all groups are built by so many worker processes, and each group's roster."""
    with database.connection_context():
        drafts = Roster.select(Roster.id).where(Roster.status == RosterStatus.DRAFT)
        Assignment.delete().where(Assignment.roster.in_(drafts)).execute()
        Roster.delete().where(Roster.status == RosterStatus.DRAFT).execute()
        Run.delete().execute()
        now = dt.datetime.now(dt.UTC)
        runs = group_builds.ask_group_builds(
            SYSTEM, MONDAY, now, seed=asked.seed, seconds=asked.seconds
        )
    database.close_all()
    environment = {**os.environ, "ESCALA_INSTANCE": str(instance), "ESCALA_SECRET_KEY": KEY}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    began = time.monotonic()
    quiet = {"cwd": ROOT, "env": environment, "stderr": subprocess.DEVNULL}
    processes = [subprocess.Popen(command, **quiet) for _ in range(workers)]
    try:
        wait(runs, len(runs) * (asked.seconds + 120))
        seconds = time.monotonic() - began
    finally:
        for one in processes:
            one.terminate()
        for one in processes:
            one.wait(30)
    with database.connection_context():
        return seconds, {
            row.group.code: Made(
                people=Mediator.select()
                .join(Office)
                .where(Office.group == row.group, Mediator.active)
                .count(),
                seconds=row.solve_seconds,
                cost=row.cost,
                bound=row.bound,
                assignments=tuple(sorted(solver_assignments(row))),
            )
            for row in Roster.select().where(Roster.status == RosterStatus.DRAFT)
        }


def wait(runs: list[int], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with database.connection_context():
            states = [row.status for row in Run.select().where(Run.id.in_(runs))]
        if RunStatus.FAILED in states:
            sys.exit("a build failed")
        if all(one == RunStatus.DONE for one in states):
            return
        time.sleep(0.5)
    sys.exit(f"not done within {seconds:.0f} s")


def show(
    one: float,
    several: float,
    alone: dict[str, Made],
    together: dict[str, Made],
    asked: argparse.Namespace,
) -> None:
    head = f"{'group':8}{'people':>8}{'s with 1':>10}{f's with {asked.workers}':>11}"
    print(f"\n{head}{'cost':>10}{'bound':>10}  the same")
    for code in sorted(alone):
        first, second = alone[code], together[code]
        cut = max(first.seconds, second.seconds) >= asked.seconds
        word = "yes" if first.assignments == second.assignments else "NO"
        print(
            f"{code:8}{first.people:8}{first.seconds:10.1f}{second.seconds:11.1f}"
            f"{first.cost:10}{first.bound or 0:10}  {word}{', cut off by the clock' if cut else ''}"
        )
    same = all(alone[code].assignments == together[code].assignments for code in alone)
    people = sum(made.people for made in alone.values())
    cost = sum(made.cost for made in alone.values())
    print(
        f"{'all':8}{people:8}{one:10.1f}{several:11.1f}{cost:10}{'':10}  {'yes' if same else 'NO'}"
    )


if __name__ == "__main__":
    main()
