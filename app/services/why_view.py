"""Why someone is missing: the causes of one row of cover on one day, and who could fill the gap."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.models import Mediator, Office, RegimeArticle, RosterStatus
from app.services.cell_view import TAKERS_IN_WORDS, shift_views
from app.services.cover import RowKey, skill_names
from app.services.cover_labels import in_words, languages_in
from app.services.effects import Effect, Effects
from app.services.errors import NotFound
from app.services.open_drafts import OpenDraft, find_roster, open_draft
from app.services.rights import Actor, require_coordinator
from app.services.shift_views import ShiftView
from solver import Cause, Change, HeldBack, Scope, Shortfall, closers, explain


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who could have helped, and what keeps them from it."""

    name: str
    languages: tuple[str, ...]
    article: str
    """Of the law behind the limit that binds; empty where none does."""
    serves: str
    """Who they are there for instead; empty where that is not the cause."""


@dataclass(frozen=True, slots=True)
class CauseGroup:
    cause: Cause
    people: tuple[Person, ...]
    unnamed: int
    """People of offices that the reader does not coordinate."""


@dataclass(frozen=True, slots=True)
class GapView:
    """A stretch of the day in which as many are missing, for the same causes."""

    slot: int
    """Where it begins, in the week's slots; names the gap."""
    starts_at: dt.datetime
    ends_at: dt.datetime
    missing: int
    below_minimum: int
    cost: int
    causes: tuple[CauseGroup, ...]
    elsewhere: int
    """People who hold what is asked for and may not work here."""


@dataclass(frozen=True, slots=True)
class CauseSum:
    """How much of the day's shortage a cause has part in; several may share one gap."""

    cause: Cause | None
    """None where nobody of the office holds what is asked for."""
    short_minutes: int
    cost: int


@dataclass(frozen=True, slots=True)
class WhyView:
    roster_id: int
    version: int
    editable: bool
    week: dt.date
    date: dt.date
    office: str
    office_code: str
    zone: str
    row: str
    label: str
    gaps: tuple[GapView, ...]
    totals: tuple[CauseSum, ...]
    cost: int
    """Of all that is missing of the row that day."""
    speaker_saves: int
    """Of that, what one more person would save with the day's best shift."""
    always_saves: int
    """What one more person would save who is there all day."""


@dataclass(frozen=True, slots=True)
class Filler:
    """Someone who could leave the gap smaller, and what it would do."""

    mediator_id: int
    name: str
    languages: tuple[str, ...]
    was: ShiftView | None
    gets: ShiftView
    shift: str
    date: dt.date
    """The day the shift belongs to."""
    locked: bool
    effect: Effect


@dataclass(frozen=True, slots=True)
class FillView:
    why: WhyView
    gap: GapView
    revision: int
    fillers: tuple[Filler, ...]
    """The cheapest first; everyone else is among the gap's causes."""


def why_view(actor: Actor, roster_id: int, office_code: str, date: dt.date, row: str) -> WhyView:
    """The reasons why a row of cover is short on a day. Raises NotFound, Forbidden."""
    return _Reasons(actor, roster_id, office_code, date, row).view()


def fill_view(
    actor: Actor, roster_id: int, office_code: str, date: dt.date, row: str, slot: int
) -> FillView:
    """Who could fill the gap that begins at `slot`, ranked. Raises NotFound where there is none."""
    return _Reasons(actor, roster_id, office_code, date, row).fill(slot)


class _Reasons:
    """One row of one day, opened by somebody who coordinates the office."""

    def __init__(
        self, actor: Actor, roster_id: int, office_code: str, date: dt.date, row: str
    ) -> None:
        self._actor = actor
        self._draft: OpenDraft = open_draft(find_roster(actor, roster_id))
        office = Office.get_or_none(Office.code == office_code)
        known = {one.id for one in self._draft.problem.offices}
        if office is None or office_code not in known or date not in self._draft.horizon.dates:
            raise NotFound
        require_coordinator(actor, office.id)
        self._office, self._date, self._key = office, date, RowKey.of_code(row)
        self._names: Mapping[str, str] = skill_names()
        scope = Scope(
            office_code, self._draft.day(date), self._key.needs, exclusive=self._key.exclusive
        )
        self._found = explain(self._draft.problem, self._draft.judged, only=scope)
        self._people = {one.code: one for one in Mediator.select()}
        self._articles = {(one.regime_id, one.rule): one.article for one in RegimeArticle.select()}

    def view(self) -> WhyView:
        found, step = self._found, self._draft.problem.slot_minutes
        return WhyView(
            roster_id=self._draft.roster.id,
            version=self._draft.roster.version,
            editable=self._draft.roster.status == RosterStatus.DRAFT,
            week=self._draft.roster.week_starts_on,
            date=self._date,
            office=self._office.name,
            office_code=self._office.code,
            zone=self._office.zone,
            row=self._key.code,
            label=self._label(self._key.needs),
            gaps=tuple(self._gap(one) for one in found.shortfalls),
            totals=tuple(
                CauseSum(one.cause, one.short_slots * step, one.cost) for one in found.totals
            ),
            cost=sum(one.cost for one in found.shortfalls),
            speaker_saves=sum(one.one_person for one in found.values),
            always_saves=sum(one.always for one in found.values),
        )

    def fill(self, slot: int) -> FillView:
        gap = next((one for one in self._found.shortfalls if one.start <= slot < one.end), None)
        if gap is None:
            raise NotFound
        draft = self._draft
        effects, views = Effects(draft), shift_views(draft)
        shifts = draft.problem.shift_by_id
        fillers: list[Filler] = []
        for one in closers(draft.judged, gap):
            person = self._people.get(one.mediator)
            if person is None or not self._may_name(person):
                continue
            day = shifts[one.shift].day  # the eve, where a night shift reaches into the gap
            date = draft.horizon.dates[day]
            row = draft.row(person.id, date)
            fillers.append(
                Filler(
                    mediator_id=person.id,
                    name=person.called_name or person.name,
                    languages=self._languages(one.mediator),
                    was=views.of(shifts[one.was]) if one.was else None,
                    gets=views.of(shifts[one.shift]),
                    shift=one.shift,
                    date=date,
                    locked=bool(row and row.locked),
                    effect=effects.of(
                        [Change(one.mediator, day, one.shift)],
                        in_words=len(fillers) < TAKERS_IN_WORDS,
                    ),
                )
            )
        return FillView(
            why=self.view(),
            gap=self._gap(gap),
            revision=draft.roster.revision,
            fillers=tuple(fillers),
        )

    def _gap(self, gap: Shortfall) -> GapView:
        instant = self._draft.horizon.instant
        return GapView(
            slot=gap.start,
            starts_at=instant(gap.start),
            ends_at=instant(gap.end),
            missing=gap.missing,
            below_minimum=gap.below_minimum,
            cost=gap.cost,
            causes=tuple(self._groups(gap.people)),
            elsewhere=len(gap.at_other_offices),
        )

    def _groups(self, people: Iterable[HeldBack]) -> Iterable[CauseGroup]:
        by_cause: defaultdict[Cause, list[HeldBack]] = defaultdict(list)
        for one in people:
            by_cause[one.cause].append(one)
        order = list(Cause)
        for cause in sorted(by_cause, key=order.index):
            named = [
                (one, person)
                for one in by_cause[cause]
                if (person := self._people.get(one.mediator)) and self._may_name(person)
            ]
            yield CauseGroup(
                cause=cause,
                people=tuple(self._person(*one) for one in named),
                unnamed=len(by_cause[cause]) - len(named),
            )

    def _person(self, held: HeldBack, person: Mediator) -> Person:
        return Person(
            name=person.called_name or person.name,
            languages=self._languages(held.mediator),
            article=self._articles.get((person.regime_id, held.rule), "") if held.rule else "",
            serves=self._label(held.serves) if held.serves else "",
        )

    def _may_name(self, person: Mediator) -> bool:
        """Who coordinates one office reads why its own people do not come, not others'."""
        return self._actor.office_ids is None or person.home_office_id in self._actor.office_ids

    def _label(self, needs: Iterable[str]) -> str:
        return in_words(needs, self._names)

    def _languages(self, code: str) -> tuple[str, ...]:
        return languages_in(self._draft.problem.mediator_by_id[code].skills)
