"""What an edit would do: broken rules, cost by term, and who would be missing where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.models import Office
from app.services.cover import Demand, RowKey, SlotCover, row_key, skill_names
from app.services.cover_labels import Labels
from app.services.field_cover import missing_of
from app.services.judging import Fault, RuleWords
from app.services.open_drafts import OpenDraft
from solver import COST_TERMS, Change, Draft
from solver.result import Violation
from solver.slot_table import SlotTable
from solver.stand_in import has_new
from solver.view import facts_of


@dataclass(frozen=True, slots=True)
class CoverEffect:
    """What more (or, below 0, less) of a row of cover would be missing."""

    label: str
    office: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Effect:
    cost: int
    """Change of the roster's cost; 0 where a rule would be broken and it was not counted."""
    parts: Mapping[str, int]
    """Cost term → its change, where it changes."""
    broken: tuple[Fault, ...]
    cover: tuple[CoverEffect, ...]
    """Rows of cover that change, what is gained first."""

    @property
    def allowed(self) -> bool:
        return not self.broken


class Effects:
    """Weighs changes of one draft, each against the draft as it stands."""

    def __init__(self, draft: OpenDraft) -> None:
        self._draft = draft
        self._known = draft.judged.violations
        self._facts = facts_of(draft.problem)
        self._labels: dict[int, Labels] = {}
        self._missing_now: dict[tuple[int, int], Counter[RowKey]] = {}
        self._counted: dict[tuple[int, tuple[int, ...]], Counter[RowKey]] = {}

    def of(self, changes: Iterable[Change], *, in_words: bool = True) -> Effect:
        """The effect of making `changes` together; without words, its cover stays empty."""
        made = list(changes)
        judged = self._draft.judged
        own = self._new(judged.own_violations(made))
        if own:
            return Effect(0, {}, own, ())
        after = judged.with_changes(made)
        parts = {
            term: after.parts[term] - judged.parts[term]
            for term in COST_TERMS
            if after.parts[term] != judged.parts[term]
        }
        return Effect(
            cost=after.cost - judged.cost,
            parts=parts,
            broken=self._new(after.violations),
            cover=self.cover(made, after) if in_words else (),
        )

    def cover(self, changes: Iterable[Change], after: Draft) -> tuple[CoverEffect, ...]:
        """Mediator-minutes missing of each row in `after`, less those missing now."""
        change: Counter[tuple[int, RowKey]] = Counter()
        for office, slot in self._touched(changes):
            now = self._missing_now.get((office, slot))
            if now is None:
                now = self._missing(self._draft.judged, office, slot)
                self._missing_now[office, slot] = now
            then = self._missing(after, office, slot)
            for key in now.keys() | then.keys():
                change[office, key] += then[key] - now[key]
        minutes = self._draft.problem.slot_minutes
        effects = [
            CoverEffect(self._label(office, key), self._names[office], slots * minutes)
            for (office, key), slots in change.items()
            if slots
        ]
        return tuple(sorted(effects, key=lambda one: (one.minutes, one.label)))

    def _touched(self, changes: Iterable[Change]) -> set[tuple[int, int]]:
        places = set()
        shifts = self._draft.problem.shift_by_id
        for one in changes:
            had = self._draft.judged.duty(one.mediator).shifts_by_day.get(one.day, ())
            gets = [shifts[one.shift]] if one.shift else []
            for shift in (*had, *gets):
                office = self._facts.office_index[shift.office]
                places |= {(office, slot) for slot in shift.worked}
        return places

    def _missing(self, draft: Draft, office: int, slot: int) -> Counter[RowKey]:
        cover = self._facts.cover
        asked = cover.tables.get((office, slot))
        if asked is None:
            return Counter()
        servers = draft.servers(draft.problem.offices[office].id, slot)
        served = sorted(asked.qualification(cover.held(one, slot)) for one in servers)
        # Slots that ask alike, with people alike, lack alike: most of a shift's.
        key = id(asked), tuple(served)
        found = self._counted.get(key)
        if found is None:
            found = self._counted[key] = _lacking(asked, served)
        return found

    def _new(self, found: Iterable[Violation]) -> tuple[Fault, ...]:
        new = [one for one in found if has_new([one], self._known)]
        return tuple(self._words.fault(one) for one in new)

    @cached_property
    def _words(self) -> RuleWords:
        return RuleWords()

    @cached_property
    def _names(self) -> list[str]:
        names = {one.code: one.name for one in Office.select(Office.code, Office.name)}
        return [names.get(one.id, one.id) for one in self._draft.problem.offices]

    def _label(self, office: int, key: RowKey) -> str:
        if office not in self._labels:
            asked = self._draft.problem.requirements_at(self._draft.problem.offices[office].id)
            rows: dict[RowKey, dict[int, SlotCover]] = {row_key(need): {} for need in asked}
            self._labels[office] = Labels(Demand(self._draft.horizon, rows, self._skill_names))
        return self._labels[office].text(key)

    @cached_property
    def _skill_names(self) -> dict[str, str]:
        return skill_names()


def _lacking(asked: SlotTable, served: list[int]) -> Counter[RowKey]:
    """What is missing of each row in a slot, by the qualifications of those who serve in it."""
    missing: Counter[RowKey] = Counter()
    met = asked.met(served)
    exclusive = len(asked.exclusive)
    for need, there in zip(asked.exclusive, met, strict=False):
        missing[row_key(need)] += missing_of(need, there)
    for need, there in zip(asked.presence, met[exclusive:], strict=True):
        missing[row_key(need)] += max(0, missing_of(need, there))
    return missing
