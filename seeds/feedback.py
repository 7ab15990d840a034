"""What visitors of the demonstration said: few complaints, more praises, surveys twice a year.

Sized like the figures that the service gives of itself: in 2016, 6 complaints and 31 praises, and
some nineteen of twenty surveyed who say that it helped them highly or fairly.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from app.services.feedback import TOPICS, FeedbackFacts, log
from app.services.needs import NEEDS
from app.services.rights import Actor

SEED = 2_016
DAYS = 730
COMPLAINTS_A_YEAR, PRAISES_A_YEAR = 6, 31
SURVEY_MONTHS = (5, 11)
SURVEYED = {"lisbon": (60, 0.967), "porto": (45, 0.945), "faro": (20, 0.95)}
"""Office → answers of a survey, and the share that says high or fair."""


def load_feedback(actor: Actor, offices: dict[str, int], today: dt.date, now: dt.datetime) -> int:
    """Two years up to the day before `today`; how many entries."""
    rng = np.random.default_rng(SEED)
    entries = 0
    for kind, a_year in (("complaint", COMPLAINTS_A_YEAR), ("praise", PRAISES_A_YEAR)):
        for before in sorted(rng.integers(1, DAYS, round(a_year * DAYS / 365)).tolist()):
            office = str(rng.choice(list(SURVEYED), p=[0.5, 0.35, 0.15]))
            facts = FeedbackFacts(
                office_id=offices[office],
                received_on=today - dt.timedelta(days=before),
                kind=kind,
                need=str(rng.choice(list(NEEDS))),
                topic=str(rng.choice(list(TOPICS))),
            )
            log(actor, facts, now)
            entries += 1
    for before in range(DAYS, 0, -1):
        day = today - dt.timedelta(days=before)
        if day.month not in SURVEY_MONTHS or day.day != 15:
            continue
        for code, (answers, helped) in SURVEYED.items():
            counts = rng.multinomial(
                answers, [helped * 0.7, helped * 0.3, (1 - helped) * 0.7, (1 - helped) * 0.3]
            )
            for level, count in zip((4, 3, 2, 1), counts.tolist(), strict=True):
                if count:
                    log(
                        actor,
                        FeedbackFacts(
                            office_id=offices[code],
                            received_on=day,
                            kind="satisfaction",
                            need="general",
                            level=level,
                            count=count,
                        ),
                        now,
                    )
                    entries += 1
    return entries
