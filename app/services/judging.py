"""A roster read from its rows and judged, kept until it changes; broken rules in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.i18n import _
from app.models import Mediator, RegimeArticle, Roster
from app.services.kept_weeks import KeptWeek, problem_of_text, week_of_text
from app.services.roster_rows import given_in
from solver import Draft
from solver import problem as sp
from solver.result import Judgement, Violation

__all__ = [
    "Fault",
    "Judged",
    "RuleWords",
    "drafts",
    "faults_of",
    "judge",
    "problem_of_text",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule in a sentence, with the article of law it comes from."""

    rule: str
    text: str
    article: str
    mediator_code: str
    day: int | None
    mediator_id: int | None = None
    """None where it is nobody's own, or theirs who are not known any more."""
    may_open: bool = False
    """Whether the reader may open the day it is of; decided by `open_drafts.told_to`."""


@dataclass(frozen=True)
class Judged:
    roster_id: int
    week: KeptWeek
    assignments: tuple[sp.Assignment, ...]
    judgement: Judgement
    faults: tuple[Fault, ...]

    @property
    def problem(self) -> sp.Problem:
        return self.week.problem


def judge(roster: Roster) -> Judged:
    """What the judge says of a roster as it stands in the database."""
    assignments = given_in(roster.id)
    week = week_of_text(roster.problem_json)
    judgement = week.judgement(assignments)
    return Judged(roster.id, week, assignments, judgement, faults_of(judgement.violations))


def keep_read(roster: Roster) -> None:
    """Judge a roster as it stands, so that the next look at it finds that done."""
    week_of_text(roster.problem_json).judgement(given_in(roster.id))


class _Drafts:
    """Rosters under edit, judged once each."""

    def get(self, text: str, assignments: Iterable[sp.Assignment]) -> Draft:
        return week_of_text(text).draft(tuple(assignments))

    def keep(self, text: str, assignments: Iterable[sp.Assignment], draft: Draft) -> None:
        week_of_text(text).keep(assignments, draft)


drafts = _Drafts()


def faults_of(violations: Iterable[Violation]) -> tuple[Fault, ...]:
    """Broken rules in words, in the reader's language."""
    violations = tuple(violations)
    words = RuleWords() if violations else None
    return tuple(words.fault(one) for one in violations) if words else ()


class RuleWords:
    """Names and articles read once, for many broken rules."""

    def __init__(self) -> None:
        self._people = {row.code: row for row in Mediator.select()}
        self._articles = {(row.regime_id, row.rule): row.article for row in RegimeArticle.select()}

    def fault(self, violation: Violation) -> Fault:
        code = str(violation.details.get("mediator", ""))
        person = self._people.get(code)
        day = violation.details.get("day")
        name = (person.called_name or person.name) if person else code
        return Fault(
            rule=violation.rule,
            text=_sentence(violation.rule, name),
            article=self._articles.get((person.regime_id, violation.rule), "") if person else "",
            mediator_code=code,
            day=day if isinstance(day, int) else None,
            mediator_id=person.id if person else None,
        )


def _sentence(rule: str, name: str) -> str:
    told: dict[str, Any] = {"name": name}
    sentences = {
        "unknown_mediator": _("%(name)s is not among the people of this week.", **told),
        "unknown_shift": _("%(name)s has hours that no office offers this week.", **told),
        "one_shift_a_day": _("%(name)s has two shifts on one day.", **told),
        "office": _("%(name)s may not work at that office.", **told),
        "unavailable": _("%(name)s is away or not available then.", **told),
        "shift_slots": _("%(name)s has a shift shorter or longer than agreed.", **told),
        "max_day_slots": _("%(name)s works longer in a day than allowed.", **told),
        "week_max_slots": _("%(name)s works more in the week than the contract allows.", **told),
        "week_min_slots": _("%(name)s works less in the week than the contract asks.", **told),
        "week_max_days": _("%(name)s works on more days of the week than allowed.", **told),
        "min_rest": _("%(name)s has too little rest between two days.", **told),
        "max_consecutive_days": _("%(name)s works too many days in a row.", **told),
        "min_consecutive_days": _("%(name)s works too few days in a row.", **told),
        "min_consecutive_off": _("%(name)s has too few days off in a row.", **told),
        "max_weekends": _("%(name)s works on too many weekends.", **told),
        "kind_max": _("%(name)s has too many shifts of one kind.", **told),
        "forbidden_succession": _(
            "%(name)s has a shift that may not follow the one before.", **told
        ),
        "capacity": _("More people work at once than the office has room for."),
        "locked": _("A shift that was locked for %(name)s is missing.", **told),
    }
    return sentences.get(rule, f"{rule}: {name}")
