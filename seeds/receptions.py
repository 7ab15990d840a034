"""How some visits of the demonstration ended: the wait and the reception, as a desk notes them.

Of the three centres' visits of the last weeks, every so many had an ending noted: received, by the
telephone service, or left, the share of those who left being larger where waits are long. Minutes
of a reception are gamma with the mean and spread of data/receptions.csv, and noted for those needs
alone, so that some service times are measured and others are still assumed.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from app.services.outcomes import Ending, OutcomeCell, Tally, record_outcomes
from app.services.rights import Actor
from seeds.arrivals_model import Cell
from seeds.tables import read_table

SEED = 20_261
OFFICES = ("lisbon", "porto", "faro")
WEEKS = 8
NOTED_SHARE = 0.05
"""Of the visits, how many have an ending noted."""
WAIT_MINUTES = 11.0
WAIT_SHAPE = 1.2
LEFT_SHARE, LEFT_AFTER_MINUTES = 0.02, 45
"""Who waits longer than that has left in one of three cases."""
PHONE_SHARE = 0.04
MOST_WAIT, MOST_SERVICE = 240, 90


def load_endings(
    actor: Actor,
    office_id: int,
    index: int,
    cells: Iterable[Cell],
    today: dt.date,
    now: dt.datetime,
    source: str,
) -> int:
    """Note endings of an office's visits of the last weeks before `today`; how many cells."""
    rng = np.random.default_rng([SEED, index, today.toordinal()])
    length = {
        row["need"]: (float(row["minutes"]), float(row["spread_percent"]) / 100)
        for row in read_table("receptions")
    }
    since = today - dt.timedelta(weeks=WEEKS)
    tallies: defaultdict[OutcomeCell, Tally] = defaultdict(Tally)
    for cell in cells:
        if cell.starts_at.date() < since:
            continue
        for _visit in range(int(rng.binomial(cell.visitors, NOTED_SHARE))):
            place = OutcomeCell(office_id, cell.starts_at, cell.language, cell.need)
            tallies[place].add(_ending(rng, length.get(cell.need)))
    return record_outcomes(actor, tallies, now, source)


def _ending(rng: np.random.Generator, length: tuple[float, float] | None) -> Ending:
    wait = min(MOST_WAIT, round(rng.gamma(WAIT_SHAPE, WAIT_MINUTES / WAIT_SHAPE)))
    if rng.random() < (1 / 3 if wait > LEFT_AFTER_MINUTES else LEFT_SHARE):
        return Ending("left", wait)
    outcome = "by_phone" if rng.random() < PHONE_SHARE else "served"
    if length is None:
        return Ending(outcome, wait)
    mean, spread = length
    minutes = round(rng.gamma(spread**-2, mean * spread**2))
    return Ending(outcome, wait, min(MOST_SERVICE, max(1, minutes)))
