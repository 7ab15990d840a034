"""Contract regimes: the legal limits of a kind of contract, each figure with its article."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from app.i18n import _
from app.models import ContractRegime, Mediator, RegimeArticle, database
from app.services import audit
from app.services.checks import DAY_MINUTES, SLOT_MINUTES, Faults
from app.services.errors import NotFound
from app.services.rights import Actor, require_coordinator

REGIME_RULES = (
    "max_day_slots",
    "week_max_slots",
    "week_max_days",
    "week_min_slots",
    "shift_slots",
    "min_rest",
    "max_consecutive_days",
    "unavailable",
    "breaks",
)
"""Rules that a figure of a regime feeds, by the solver's names (`breaks` shapes the shifts)."""


@dataclass(frozen=True, slots=True)
class Article:
    """The article of law behind one rule."""

    rule: str
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeFacts:
    """Minutes of work unless said otherwise; see `app.models.ContractRegime`."""

    code: str
    name_pt: str
    name_en: str
    day_minutes: int
    week_minutes: int
    longest_day_minutes: int
    days_a_week: int = 5
    rest_minutes: int = 11 * 60
    consecutive_days: int = 6
    longest_stretch_minutes: int = 5 * 60
    break_minutes: int = 60
    articles: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeView(RegimeFacts):
    id: int


def create_regime(actor: Actor, regime: RegimeFacts, now: dt.datetime) -> int:
    """Add a regime with its articles; its id. Raises Invalid."""
    require_coordinator(actor)
    _check(regime, regime_id=None)
    with database.atomic():
        row = ContractRegime.create(**_columns(regime))
        _replace_articles(row.id, regime)
        audit.record(actor, "regime.create", "regime", row.id, now, code=regime.code)
    return int(row.id)


def edit_regime(actor: Actor, regime_id: int, regime: RegimeFacts, now: dt.datetime) -> None:
    """Put `regime` in place of what it was. Raises Invalid.

    The contracts under it must still fit: a mediator with longer weeks or shifts is a fault.
    """
    require_coordinator(actor)
    get_regime(regime_id)
    _check(regime, regime_id)
    with database.atomic():
        changed = _columns(regime)
        ContractRegime.update(**changed).where(ContractRegime.id == regime_id).execute()
        _replace_articles(regime_id, regime)
        audit.record(actor, "regime.edit", "regime", regime_id, now, **changed)


def get_regime(regime_id: int) -> RegimeView:
    row = ContractRegime.get_or_none(ContractRegime.id == regime_id)
    if row is None:
        raise NotFound
    return _view(row)


def list_regimes() -> list[RegimeView]:
    """Every regime. Law, nothing personal: no actor needed."""
    return [_view(row) for row in ContractRegime.select().order_by(ContractRegime.code)]


def _check(regime: RegimeFacts, regime_id: int | None) -> None:
    faults = Faults()
    other = ContractRegime.get_or_none(ContractRegime.code == regime.code)
    faults.code("code", regime.code, other is not None and other.id != regime_id)
    faults.text("name_pt", regime.name_pt)
    faults.text("name_en", regime.name_en)
    day_fits = faults.whole("day_minutes", regime.day_minutes, 60, 12 * 60, SLOT_MINUTES)
    faults.whole("week_minutes", regime.week_minutes, 60, 60 * 60, SLOT_MINUTES)
    least = regime.day_minutes if day_fits else 60
    faults.whole("longest_day_minutes", regime.longest_day_minutes, least, 16 * 60, SLOT_MINUTES)
    faults.whole("days_a_week", regime.days_a_week, 1, 7)
    faults.whole("rest_minutes", regime.rest_minutes, 0, DAY_MINUTES, SLOT_MINUTES)
    faults.whole("consecutive_days", regime.consecutive_days, 1, 14)
    faults.whole(
        "longest_stretch_minutes", regime.longest_stretch_minutes, 60, 8 * 60, SLOT_MINUTES
    )
    faults.whole("break_minutes", regime.break_minutes, SLOT_MINUTES, 2 * 60, SLOT_MINUTES)
    faults.unique("articles", (one.rule for one in regime.articles))
    for index, one in enumerate(regime.articles):
        faults.one_of(f"articles.{index}.rule", one.rule, REGIME_RULES)
        faults.text(f"articles.{index}.article", one.article)
    if regime_id is not None:
        _check_contracts(faults, regime, regime_id)
    faults.raise_any()


def _check_contracts(faults: Faults, regime: RegimeFacts, regime_id: int) -> None:
    people = Mediator.select().where(Mediator.regime == regime_id, Mediator.active)
    longest_week = max((one.week_minutes for one in people), default=0)
    longest_shift = max((one.shift_most_minutes for one in people), default=0)
    if regime.week_minutes < longest_week:
        expected = _("at least %(n)d, the longest week under it", n=longest_week)
        faults.add("week_minutes", regime.week_minutes, expected)
    if regime.longest_day_minutes < longest_shift:
        expected = _("at least %(n)d, the longest shift under it", n=longest_shift)
        faults.add("longest_day_minutes", regime.longest_day_minutes, expected)


def _columns(regime: RegimeFacts) -> dict[str, object]:
    return {
        name: getattr(regime, name)
        for name in RegimeFacts.__dataclass_fields__
        if name != "articles"
    }


def _replace_articles(regime_id: int, regime: RegimeFacts) -> None:
    RegimeArticle.delete().where(RegimeArticle.regime == regime_id).execute()
    for one in regime.articles:
        RegimeArticle.create(regime=regime_id, **asdict(one))


def _view(row: ContractRegime) -> RegimeView:
    columns = {
        name: getattr(row, name) for name in RegimeFacts.__dataclass_fields__ if name != "articles"
    }
    articles = row.articles.order_by(RegimeArticle.rule)
    return RegimeView(
        id=row.id, articles=tuple(Article(one.rule, one.article) for one in articles), **columns
    )
