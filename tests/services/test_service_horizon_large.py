"""The horizon of a country: 750 people and 5,000 certifications, read from real tables."""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict

from large_country import KINDS, REFERRALS, Population, keep, populate
from small_world import SmallWorld

from app.models import User
from app.services.horizon_view import TELEPHONE, horizon_page
from app.services.rights import actor_of
from training.horizon import DeskNeed, Person, look_ahead

TODAY = dt.date(2026, 3, 4)
CPU_SECONDS = 2.0


def wanted(made: Population) -> set[tuple[str, str, str, dt.date]]:
    """The losses by the library alone, from the records and not from the tables."""
    codes = sorted({one.office for one in made.needs})
    people = [
        Person(one.mediator, one.offices, one.languages, dt.date(2025, 1, 1), one.serves_until)
        for one in made.people
    ]
    spoken: dict[str, set[str]] = defaultdict(set)
    for one in people:
        for code in one.offices:
            spoken[code] |= one.languages
    needs = [
        DeskNeed(code, kind, frozenset({kind}), tuple(sorted(spoken[code])))
        for number, code in enumerate(codes)
        for kind in KINDS
        if number != 3
    ]
    phone = codes[3]
    needs.append(DeskNeed(phone, TELEPHONE, frozenset(REFERRALS), tuple(sorted(spoken[phone]))))
    until = dt.date(TODAY.year + 1, TODAY.month, TODAY.day)
    found = look_ahead(people, needs, made.certifications, TODAY, until)
    return {(one.office, one.desk, one.language, one.first) for one in found.losses}


def test_it_is_right_and_takes_less_than_two_seconds(world: SmallWorld, now: dt.datetime) -> None:
    made = populate(TODAY)
    assert (len(made.people), len(made.certifications)) == (750, 5000)
    keep(world, made)
    actor = actor_of(User.get(User.email == world.coordinator))
    began = time.process_time()
    page = horizon_page(actor, now)
    took = time.process_time() - began
    found = {
        (one.loss.office, one.loss.desk, one.loss.language, one.loss.first)
        for one in (*page.coming, *page.standing)
    }
    assert len(found) > 500
    assert found == wanted(made)
    assert page.proposals
    assert took < CPU_SECONDS, f"{took:.2f} s of CPU"
