"""The telephone service of the demonstration: translators on call, a log of the last weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from app.models import HelpedBy, Translator, TranslatorLanguage
from app.services.calls import CallFacts, record_calls
from app.services.places import Hours
from app.services.rights import Actor
from app.services.translators import TranslatorFacts, create_translator
from seeds.arrivals_model import Cell
from seeds.tables import minute, read_table

TELEPHONE = "telephone"
SEED = 60
"""Languages in which the case's service translates."""
LOGGED_WEEKS = 9
THREE_WAY_SHARE = 0.55
COLLEAGUE_SHARE, TRANSLATOR_SHARE, NOBODY_SHARE = 0.04, 0.12, 0.03
"""Of the calls; of translators, where one speaks the language."""
MINUTES, SPREAD, MOST_MINUTES = 10.0, 0.5, 90
UNMET_MINUTES = 2


def load_translators(actor: Actor, offices: dict[str, int], now: dt.datetime) -> int:
    """The external translators; how many."""
    rows = read_table("translators")
    for row in rows:
        facts = TranslatorFacts(
            office_id=offices[TELEPHONE],
            name=row["name"],
            phone=row["phone"],
            price_cents=int(row["cents"]),
            languages=tuple(row["languages"].split()),
            hours=tuple(
                Hours(int(weekday), minute(row["opens"]), minute(row["closes"]))
                for weekday in row["weekdays"]
            ),
        )
        create_translator(actor, facts, now)
    return len(rows)


def split(cells: Sequence[Cell], today: dt.date) -> tuple[list[Cell], list[Cell]]:
    """The cells of the weeks of which the calls themselves are logged, and the earlier ones."""
    since = today - dt.timedelta(weeks=LOGGED_WEEKS)
    logged = [one for one in cells if one.starts_at.date() >= since]
    return logged, [one for one in cells if one.starts_at.date() < since]


def load_calls(actor: Actor, office_id: int, cells: Sequence[Cell], now: dt.datetime) -> int:
    """Log each visitor of the cells as a call; how many cells of arrivals that makes."""
    rng = np.random.default_rng(SEED)
    helpers: dict[str, list[int]] = {}
    for row in TranslatorLanguage.select().join(Translator).order_by(Translator.price_cents):
        helpers.setdefault(row.language_id, []).append(row.translator_id)
    log: list[tuple[dt.datetime, CallFacts]] = []
    for cell in cells:
        for _visitor in range(cell.visitors):
            press = f"demo{len(log):08d}"
            log.append((cell.starts_at, _call(rng, office_id, cell, press, helpers)))
    return record_calls(actor, office_id, log, now)


def _call(
    rng: np.random.Generator, office_id: int, cell: Cell, press: str, helpers: dict[str, list[int]]
) -> CallFacts:
    luck, way = rng.random(2).tolist()
    minutes = round(rng.gamma(SPREAD**-2, MINUTES * SPREAD**2))
    known = helpers.get(cell.language, [])
    helper = None
    if luck < NOBODY_SHARE:
        helped, minutes = HelpedBy.NOBODY, UNMET_MINUTES
    elif luck < NOBODY_SHARE + COLLEAGUE_SHARE:
        helped = HelpedBy.COLLEAGUE
    elif known and luck < NOBODY_SHARE + COLLEAGUE_SHARE + TRANSLATOR_SHARE:
        helped, helper = HelpedBy.TRANSLATOR, known[0]
    else:
        helped = HelpedBy.MEDIATOR
    return CallFacts(
        office_id=office_id,
        press=press,
        language=cell.language,
        need=cell.need,
        minutes=min(MOST_MINUTES, max(1, minutes)),
        three_way=way < THREE_WAY_SHARE,
        helped_by=helped,
        translator_id=helper,
    )
