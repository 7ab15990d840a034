"""The demonstration's people: associations, contracts, mediators and their times. All fictional."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from app.models import AbsenceKind, LanguageLevel, WishKind
from app.services import people
from app.services.horizon import network_date
from app.services.nominations import ProposalFacts, propose_person
from app.services.people import (
    AssociationFacts,
    MediatorFacts,
    OtherOffice,
    ProtocolFacts,
    SpokenLanguage,
    Unavailable,
)
from app.services.regimes_by_law import REGIMES
from app.services.rights import Actor
from seeds.tables import Row, minute, monday_after, read_table

SEED = 2_004
NETWORK_ZONE = ZoneInfo("Europe/Lisbon")
SPARE_PLACES = 2
NO_GENDER_EVERY = 9
SHIFTS = {"public": (420, 420), "private": (480, 480), "part-time": (240, 240)}
"""Least and most minutes of one shift under each regime."""


@dataclass(frozen=True, slots=True)
class Person:
    """One mediator of the demonstration, as loaded."""

    id: int
    code: str
    name: str
    home: str
    community: str
    starts_on: dt.date
    answers: bool = False
    """Whether they may work at the telephone service."""


def load_associations(actor: Actor, today: dt.date, now: dt.datetime) -> dict[str, int]:
    """Associations with last year's, this year's and next year's protocol; ids by code."""
    staffed = Counter[str]()
    communities = {row["community"]: row for row in read_table("communities")}
    for row in read_table("staff"):
        staffed[communities[row["community"]]["association"]] += int(row["people"])
    ids = {}
    for row in read_table("associations"):
        code = row["code"]
        places = staffed[code] + SPARE_PLACES
        years = (today.year - 1, today.year, today.year + 1)
        association = AssociationFacts(
            code=code,
            name=row["name"],
            contact_name=row["contact"],
            contact_email=f"{code}@example.org",
            protocols=tuple(
                ProtocolFacts(dt.date(year, 1, 1), dt.date(year, 12, 31), places) for year in years
            ),
        )
        ids[code] = people.create_association(actor, association, now)
    return ids


def load_mediators(
    actor: Actor,
    offices: dict[str, int],
    associations: dict[str, int],
    regimes: dict[str, int],
    today: dt.date,
    now: dt.datetime,
) -> list[Person]:
    """Every mediator, nominated by their association and accepted."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    names = {row["community"]: _names(row, rng) for row in read_table("names")}
    communities = {row["community"]: row for row in read_table("communities")}
    women = {name for row in read_table("names") for name in row["women"].split()}
    loaded: list[Person] = []
    for row in read_table("staff"):
        community = communities[row["community"]]
        association_id = associations[community["association"]]
        for _count in range(int(row["people"])):
            code = f"m{len(loaded) + 1:03d}"
            name = next(names[row["community"]])
            starts_on = today - dt.timedelta(days=int(rng.integers(300, 2600)))
            least, most = SHIFTS[row["regime"]]
            if row["shift_from"]:
                least = minute(row["shift_from"])
            mediator = MediatorFacts(
                code=code,
                name=name,
                called_name=name.split()[0] + " " + name.split()[-1],
                email=f"{code}@example.org",
                association_id=association_id,
                regime_id=regimes[row["regime"]],
                week_minutes=_week_minutes(row["regime"]),
                shift_least_minutes=least,
                shift_most_minutes=most,
                home_office_id=offices[row["office"]],
                starts_on=starts_on,
                languages=_languages(community, rng),
                other_offices=tuple(
                    OtherOffice(offices[other]) for other in row["other_offices"].split()
                ),
                fictional=True,
                gender=_gender(len(loaded), name, women),
                phone_from_home=bool(row["phone_from_home"]),
            )
            mediator_id = people.create_mediator(actor, mediator, now)
            _nominate(actor, mediator_id, association_id, today, now)
            loaded.append(
                Person(
                    id=mediator_id,
                    code=code,
                    name=name,
                    home=row["office"],
                    community=row["community"],
                    starts_on=starts_on,
                    answers="telephone" in (row["office"], *row["other_offices"].split()),
                )
            )
    return loaded


def load_times(actor: Actor, staff: list[Person], today: dt.date, now: dt.datetime) -> int:
    """Weekly availability, absences and wishes, laid from the coming Monday; how many rows."""
    monday = monday_after(today)
    zones = {row["code"]: ZoneInfo(row["zone"]) for row in read_table("offices")}
    by_code = {person.code: person for person in staff}
    rows = 0
    for row in read_table("times"):
        person = by_code[row["mediator"]]
        if row["kind"] == "unavailable":
            times = [
                Unavailable(int(weekday), minute(row["from"]), minute(row["until"]))
                for weekday in row["weekdays"]
            ]
            people.set_availability(actor, person.id, times, now)
        else:
            zone = zones[person.home]
            start = wall_instant(monday, int(row["first_day"]), row["from"], zone)
            end = wall_instant(monday, int(row["last_day"]), row["until"], zone)
            _add_time(actor, person, row["kind"], start, end, now)
        rows += 1
    return rows


def _add_time(
    actor: Actor, person: Person, kind: str, start: dt.datetime, end: dt.datetime, now: dt.datetime
) -> None:
    if kind.startswith("wish-"):
        wish = WishKind(kind.removeprefix("wish-"))
        people.add_wish(actor, person.id, start, end, wish, now)
    else:
        people.add_absence(actor, person.id, start, end, AbsenceKind(kind), now)


def wall_instant(
    monday: dt.date, day: int, clock: str, zone: ZoneInfo = NETWORK_ZONE
) -> dt.datetime:
    """The UTC instant of a wall-clock time so many days after the coming Monday."""
    total = day * 1440 + minute(clock)
    date = monday + dt.timedelta(days=total // 1440)
    wall = dt.time(total % 1440 // 60, total % 60)
    return dt.datetime.combine(date, wall, zone).astimezone(dt.UTC)


def _nominate(
    actor: Actor, mediator_id: int, association_id: int, today: dt.date, now: dt.datetime
) -> None:
    decided_on = dt.date(today.year, 1, 1)
    proposed_on = decided_on - dt.timedelta(days=25)
    nomination = people.propose_nomination(actor, mediator_id, association_id, proposed_on, now)
    people.decide_nomination(actor, nomination, True, decided_on, "", now)


def load_nominations(
    actor: Actor,
    offices: dict[str, int],
    associations: dict[str, int],
    now: dt.datetime,
) -> int:
    """People whom associations propose: some wait for an answer, one has it; how many."""
    rows = read_table("nominations")
    for row in rows:
        spoken = (one.split(":") for one in row["languages"].split())
        person = ProposalFacts(
            name=row["name"],
            languages=tuple(SpokenLanguage(code, LanguageLevel(level)) for code, level in spoken),
            office_id=offices[row["office"]],
            note=row["note"],
        )
        proposed = propose_person(actor, associations[row["association"]], person, now)
        if row["answer"] == "declined":
            answered_on = network_date(now)
            people.decide_nomination(actor, proposed, False, answered_on, row["reason"], now)
    return len(rows)


def _names(row: Row, rng: np.random.Generator) -> Iterator[str]:
    """First and last names of a community, put together at random, none twice."""
    every = [
        f"{first} {last}"
        for first in row["first_names"].split()
        for last in row["last_names"].split()
    ]
    order = rng.permutation(len(every))
    seen_first: Counter[str] = Counter()
    ranked = []
    for index in order.tolist():
        first = every[index].split()[0]
        ranked.append((seen_first[first], every[index]))
        seen_first[first] += 1
    # Each first name once before any comes again: people are told apart by it.
    return iter(name for _rank, name in sorted(ranked, key=lambda one: one[0]))


def _gender(place: int, name: str, women: set[str]) -> str:
    """One in nine has not given it."""
    if place % NO_GENDER_EVERY == 0:
        return ""
    return "woman" if name.split()[0] in women else "man"


def _languages(community: Row, rng: np.random.Generator) -> tuple[SpokenLanguage, ...]:
    """The community's languages; one in three has not the last of them, unless it is one of two."""
    spoken = [one.split(":") for one in community["languages"].split()]
    if len(spoken) > 3 and rng.random() < 1 / 3:
        optional = [one for one in spoken if one[1] == LanguageLevel.WORKING and one[0] != "pt"]
        spoken = [one for one in spoken if one not in optional[-1:]]
    return tuple(SpokenLanguage(code, LanguageLevel(level)) for code, level in spoken)


def _week_minutes(regime: str) -> int:
    return next(one.week_minutes for one in REGIMES if one.code == regime)
