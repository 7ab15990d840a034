"""A made-up country: centres, desks, people and what they are certified for, from a seed."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from training.horizon import DeskNeed, Person
from training.records import Certification, CertificationRule

LANGUAGES = (
    *("pt", "en", "fr", "es", "ro", "ru", "uk", "ar", "kea"),
    *("pov", "ff", "wo", "mnk", "zh", "hi", "bn", "ne", "ur"),
)
KINDS = ("reception", "legal", "social", "employment", "education", "family", "business")
REFERRALS = ("violence", "trafficking", "fgm")
DESKS = {kind: frozenset({"reception", kind}) for kind in KINDS}
RULES = {
    kind: CertificationRule(kind, (f"{kind}-course",), 24, renewal_course=f"{kind}-refresh")
    for kind in (*KINDS, *REFERRALS)
}


@dataclass(frozen=True)
class Population:
    people: list[Person]
    needs: list[DeskNeed]
    certifications: list[Certification]


def populate(
    today: date, people: int = 750, certifications: int = 5000, offices: int = 64, seed: int = 1
) -> Population:
    """Three large centres hold half the people; the telephone service asks for all referrals."""
    draw = random.Random(seed)
    codes = [f"office-{number:02}" for number in range(offices)]
    weights = [20] * 3 + [1] * (offices - 3)
    listed = [
        Person(
            mediator=number,
            offices=frozenset(draw.choices(codes, weights, k=draw.choice([1, 1, 1, 2]))),
            languages=frozenset(["pt", *draw.sample(LANGUAGES[1:], draw.randint(1, 3))]),
            serves_until=today + timedelta(days=draw.randint(20, 700))
            if draw.random() < 0.3
            else None,
        )
        for number in range(people)
    ]
    pairs = [(person.mediator, kind) for person in listed for kind in (*KINDS, *REFERRALS)]
    draw.shuffle(pairs)
    held = []
    for mediator, kind in itertools.cycle(pairs):
        if len(held) == certifications:
            break
        length = draw.choice([182, 365, 730])
        since = today - timedelta(days=draw.randint(-20, length))
        held.append(Certification(mediator, kind, since, since + timedelta(days=length)))
        if draw.random() < 0.3 and len(held) < certifications:  # renewed already
            again = since + timedelta(days=length + 1)
            held.append(Certification(mediator, kind, again, again + timedelta(days=length)))
    spoken = {
        code: Counter(
            language for one in listed if code in one.offices for language in one.languages
        )
        for code in codes
    }
    needs = [
        DeskNeed(
            code,
            desk,
            kinds,
            tuple(sorted(lang for lang in spoken[code] if spoken[code][lang] > 1)),
        )
        for code in codes
        for desk, kinds in DESKS.items()
    ]
    needs.append(DeskNeed(codes[3], "telephone", frozenset(REFERRALS), LANGUAGES))
    return Population(listed, needs, held)
