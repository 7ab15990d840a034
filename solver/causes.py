"""What keeps one person from serving at an office in a slot where someone is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from solver.draft import Change, Draft
from solver.problem import Mediator, Requirement, Shift
from solver.rules import RULE_NAMES
from solver.stand_in import has_new
from solver.view import facts_of


class Cause(StrEnum):
    """The binding cause, the first that holds in this order."""

    NOT_QUALIFIED = "not_qualified"
    """Holds the skills, but not in this slot: not yet, or no longer."""
    ON_LEAVE = "on_leave"
    """Unavailable then, or for some part of every shift that covers the slot."""
    IN_TRAINING = "in_training"
    IN_BREAK = "in_break"
    ELSEWHERE = "elsewhere"
    """Works at another office that day."""
    DEARER = "dearer"
    """There, and meets what costs as much or more."""
    OTHER_HOURS = "other_hours"
    """Works there at other hours; no rule forbids these, cost does."""
    NO_SHIFT = "no_shift"
    """No shift of the catalogue covers the slot."""
    DAY_LIMIT = "day_limit"
    WEEK_LIMIT = "week_limit"
    REST_LIMIT = "rest_limit"
    LOCKED = "locked"
    """Their shift of that day is locked."""
    CAPACITY = "capacity"
    """The office has no room for one more."""
    OFF = "off"
    """Off, and could come without breaking a rule."""


CAUSE_OF_RULE = {
    "shift_slots": Cause.DAY_LIMIT,
    "max_day_slots": Cause.DAY_LIMIT,
    "one_shift_a_day": Cause.DAY_LIMIT,
    "week_max_slots": Cause.WEEK_LIMIT,
    "week_max_days": Cause.WEEK_LIMIT,
    "week_min_slots": Cause.WEEK_LIMIT,
    "max_weekends": Cause.WEEK_LIMIT,
    "kind_max": Cause.WEEK_LIMIT,
    "min_rest": Cause.REST_LIMIT,
    "max_consecutive_days": Cause.REST_LIMIT,
    "min_consecutive_days": Cause.REST_LIMIT,
    "min_consecutive_off": Cause.REST_LIMIT,
    "forbidden_succession": Cause.REST_LIMIT,
    "unavailable": Cause.ON_LEAVE,
    "locked": Cause.LOCKED,
    "capacity": Cause.CAPACITY,
}


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Someone who could have helped, and the binding cause why they do not."""

    mediator: str
    cause: Cause
    rule: str | None = None
    """With a limit: the rule that the nearest shift would break."""
    shift: str | None = None
    """The shift they work instead, where they work one."""
    serves: tuple[str, ...] | None = None
    """With `dearer`: what whoever they serve needs."""


@dataclass(frozen=True, slots=True)
class _Tried:
    """A shift they could work on a day, and the rules of their own that it would break."""

    shift: Shift
    rules: tuple[str, ...]
    fits: bool
    """Whether length and leave allow it; the other rules are only looked at if they do."""


class Causes:
    """Answers for one roster; what a shift would break is found once."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._problem = draft.problem
        self._facts = facts_of(draft.problem)
        self._accepted = draft.violations
        self._capacity = {office.id: office.capacity for office in draft.problem.offices}
        self._tried: dict[tuple[str, str, int], list[_Tried]] = {}
        self._holders: dict[
            tuple[str, tuple[str, ...]], tuple[list[Mediator], tuple[str, ...]]
        ] = {}
        self._shapes: dict[tuple[str, int], list[Shift]] = {}
        self._last_end: dict[tuple[str, int], int] = {}
        for shift in draft.problem.shifts:
            place = (shift.office, shift.day)
            self._shapes.setdefault(place, []).append(shift)
            self._last_end[place] = max(shift.end, self._last_end.get(place, 0))
        self._days_at: dict[tuple[str, int], tuple[int, ...]] = {}

    def holders(self, need: Requirement) -> tuple[list[Mediator], tuple[str, ...]]:
        """Who holds the skills at some time: those who may work at the office, and the ids of
        those who may not."""
        key = (need.office, need.needs)
        if key not in self._holders:
            holding = [
                one
                for one in self._problem.mediators
                if all(skill in one.skills for skill in need.needs)
            ]
            self._holders[key] = (
                [one for one in holding if need.office in one.offices],
                tuple(one.id for one in holding if need.office not in one.offices),
            )
        return self._holders[key]

    def of(
        self,
        mediator: Mediator,
        need: Requirement,
        slot: int,
        serves: tuple[str, ...] | None,
    ) -> HeldBack:
        """Why `mediator`, one of the `holders` at the office, does not meet `need` in `slot`.

        `serves` is what they meet in the counting instead.
        """
        name = mediator.id
        if not all(mediator.holds(skill, slot) for skill in need.needs):
            return HeldBack(name, Cause.NOT_QUALIFIED)
        if any(slot in span for span in mediator.unavailable):
            return HeldBack(name, Cause.ON_LEAVE)
        if slot in mediator.busy_slots:
            return HeldBack(name, Cause.IN_TRAINING)
        shift = self._shift_at(mediator, need.office, slot)
        if shift is not None and shift.office != need.office:
            return HeldBack(name, Cause.ELSEWHERE, shift=shift.id)
        if shift is not None and any(slot in pause for pause in shift.breaks):
            return HeldBack(name, Cause.IN_BREAK, shift=shift.id)
        if shift is not None and shift.start <= slot < shift.end:
            return HeldBack(name, Cause.DEARER, shift=shift.id, serves=serves)
        return self._could_come(mediator, need.office, slot, shift)

    def open_shifts(self, mediator: Mediator, office: str, day: int) -> list[Shift]:
        """The shifts of a day that they could work instead, breaking no rule of their own."""
        return [one.shift for one in self._try_all(mediator, office, day) if not one.rules]

    def days_at(self, office: str, slot: int) -> tuple[int, ...]:
        """The days with a shift at the office that works the slot: its own day first, then
        earlier ones whose shifts reach past midnight into it."""
        key = (office, slot)
        if key not in self._days_at:
            self._days_at[key] = tuple(
                day
                for day in range(self._problem.day_of_slot[slot], -1, -1)
                if self._last_end.get((office, day), 0) > slot
                and any(slot in shift.worked_set for shift in self._shapes[office, day])
            )
        return self._days_at[key]

    def _shift_at(self, mediator: Mediator, office: str, slot: int) -> Shift | None:
        """The shift that holds the slot, else the one of a day whose shifts could."""
        duty = self._draft.duty(mediator.id)
        for shift in duty.shifts:
            if shift.start <= slot < shift.end:
                return shift
        days = self.days_at(office, slot) or (self._problem.day_of_slot[slot],)
        held = (self._shift_on(mediator, day) for day in days)
        return next((shift for shift in held if shift is not None), None)

    def _shift_on(self, mediator: Mediator, day: int) -> Shift | None:
        shifts = self._draft.duty(mediator.id).shifts_by_day.get(day)
        return shifts[0] if shifts else None

    def _could_come(
        self, mediator: Mediator, office: str, slot: int, shift: Shift | None
    ) -> HeldBack:
        """They are off, or on duty there at other hours: what of the shifts that would do?"""
        had = shift.id if shift is not None else None
        tried = [
            one
            for day in self.days_at(office, slot)
            for one in self._try_all(mediator, office, day)
            if slot in one.shift.worked_set
        ]
        if not tried:
            return HeldBack(mediator.id, Cause.NO_SHIFT, shift=had)
        legal = [one.shift for one in tried if not one.rules]
        if not legal:
            fitting = [one for one in tried if one.fits] or tried
            nearest = min(fitting, key=lambda one: (len(one.rules), RULE_NAMES.index(one.rules[0])))
            rule = nearest.rules[0]
            return HeldBack(mediator.id, CAUSE_OF_RULE[rule], rule=rule, shift=had)
        for one in legal:
            was = self._shift_on(mediator, one.day)
            if self.has_room(mediator, one, was):
                cause = Cause.OTHER_HOURS if was is not None else Cause.OFF
                return HeldBack(mediator.id, cause, shift=was.id if was is not None else had)
        return HeldBack(mediator.id, Cause.CAPACITY, rule="capacity", shift=had)

    def has_room(self, mediator: Mediator, shift: Shift, was: Shift | None) -> bool:
        """Whether the office's capacity lets them work the shift instead of `was`."""
        most = self._capacity[shift.office]
        if most is None:
            return True
        had: Sequence[int] = was.worked if was is not None and was.office == shift.office else ()
        return all(
            slot in had or len(self._draft.servers(shift.office, slot)) < most
            for slot in shift.worked
            if slot not in mediator.busy_slots
        )

    def _try_all(self, mediator: Mediator, office: str, day: int) -> list[_Tried]:
        key = (mediator.id, office, day)
        tried = self._tried.get(key)
        if tried is None:
            alike: dict[tuple[object, ...], tuple[str, ...]] = {}
            tried = [
                self._try(mediator, shift, alike) for shift in self._shapes.get((office, day), ())
            ]
            self._tried[key] = tried
        return tried

    def _try(
        self,
        mediator: Mediator,
        shift: Shift,
        alike: dict[tuple[object, ...], tuple[str, ...]],
    ) -> _Tried:
        """`alike` holds the answers so far for shifts that differ in their breaks alone."""
        if any(start < shift.end and shift.start < end for start, end in mediator.unavailable):
            return _Tried(shift, ("unavailable",), fits=False)
        least, most = mediator.shift_slots
        if not least <= len(shift.worked) <= most:
            return _Tried(shift, ("shift_slots",), fits=False)
        if mediator.busy:  # whether a break lies in busy time changes the slots worked
            return _Tried(shift, self._new_rules(mediator.id, shift), fits=True)
        signature = (shift.start, shift.end, len(shift.worked), shift.kind)
        if signature not in alike:
            alike[signature] = self._new_rules(mediator.id, shift)
        return _Tried(shift, alike[signature], fits=True)

    def _new_rules(self, mediator: str, shift: Shift) -> tuple[str, ...]:
        """The rules broken if they worked the shift that day, that are not broken as much now."""
        found = self._draft.own_violations([Change(mediator, shift.day, shift.id)])
        return tuple(one.rule for one in found if has_new([one], self._accepted))
