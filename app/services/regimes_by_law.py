"""The contract regimes that the law knows (Portugal), as every network begins with them.

Each figure stays a setting of its regime, with the article behind it: `regimes.edit_regime`.
"""

from __future__ import annotations

import datetime as dt

from app.models import ContractRegime
from app.services.regimes import Article, RegimeFacts, create_regime
from app.services.rights import Actor

REGIMES = (
    RegimeFacts(
        code="public",
        name_pt="Trabalho em funções públicas",
        name_en="Public employment",
        day_minutes=7 * 60,
        week_minutes=35 * 60,
        longest_day_minutes=9 * 60,
        consecutive_days=5,
        articles=(
            Article("max_day_slots", "LGTFP 105, 120"),
            Article("week_max_slots", "LGTFP 105"),
            Article("week_max_days", "LGTFP 124"),
            Article("min_rest", "LGTFP 123"),
            Article("max_consecutive_days", "LGTFP 124"),
            Article("breaks", "LGTFP 109"),
        ),
    ),
    RegimeFacts(
        code="private",
        name_pt="Contrato de trabalho privado",
        name_en="Private employment contract",
        day_minutes=8 * 60,
        week_minutes=40 * 60,
        longest_day_minutes=10 * 60,
        articles=(
            Article("max_day_slots", "CT 203(1), 228"),
            Article("week_max_slots", "CT 203(1)"),
            Article("week_max_days", "CT 232–233"),
            Article("min_rest", "CT 214"),
            Article("max_consecutive_days", "CT 232"),
            Article("breaks", "CT 213"),
        ),
    ),
    RegimeFacts(
        code="part-time",
        name_pt="Tempo parcial",
        name_en="Part time",
        day_minutes=4 * 60,
        week_minutes=20 * 60,
        longest_day_minutes=8 * 60,
        articles=(
            Article("max_day_slots", "CT 153–154, 228"),
            Article("week_max_slots", "CT 153"),
            Article("week_max_days", "CT 232–233"),
            Article("min_rest", "CT 214"),
            Article("max_consecutive_days", "CT 232"),
            Article("breaks", "CT 213"),
        ),
    ),
)


def lay_out_regimes(actor: Actor, now: dt.datetime) -> dict[str, int]:
    """Make those of `REGIMES` that are not there yet; the ids of all of them by code."""
    known = {row.code: row.id for row in ContractRegime.select()}
    return {
        one.code: known[one.code] if one.code in known else create_regime(actor, one, now)
        for one in REGIMES
    }
