"""What somebody is worth to cover where they come or go: weighed slot by slot, and remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from solver.draft import Draft
from solver.problem import Shift
from solver.slot_table import SlotTable
from solver.view import Place, facts_of


class CoverWorth:
    """Changes of one mediator's day against a draft, as far as cover goes.

    A step is the same for all who qualify for the same there, so that hundreds of people and
    their shifts are weighed with few countings.
    """

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._facts = facts_of(draft.problem)
        self._worth: dict[tuple[Place, int, int], int] = {}
        self._there: dict[Place, list[int]] = {}

    def steps(
        self, mediator: int, had: Iterable[Shift], shift: Shift | None
    ) -> Mapping[Place, int]:
        """Where the mediator (by their place in the problem) comes, 1, or goes, -1, with `shift`
        (None: a day off) in place of what they had."""
        facts, step = self._facts, Counter[Place]()
        before, after = (
            facts.duty(mediator, had),
            facts.duty(mediator, [] if shift is None else [shift]),
        )
        step.subtract(facts.places_served(before))
        step.update(facts.places_served(after))
        return {place: number for place, number in step.items() if number}

    def change(self, mediator: int, steps: Mapping[Place, int]) -> int:
        """What cover costs more (or less, below 0) with these steps."""
        return sum(self.at(mediator, place, step) for place, step in steps.items())

    def at(self, mediator: int, place: Place, step: int) -> int:
        """Change of cover's cost at a place when the mediator comes (1) or goes (-1)."""
        table = self._facts.cover.tables.get(place)
        if table is None:
            return 0
        qualification = table.qualification(self._facts.cover.held(mediator, place.slot))
        key = (place, step, qualification)
        worth = self._worth.get(key)
        if worth is None:
            there = self._qualifications(table, place)
            after = [*there, *[qualification] * step]
            for _gone in range(-step):
                after.remove(qualification)
            worth = self._worth[key] = table.cost_of(after) - table.cost_of(there)
        return worth

    def _qualifications(self, table: SlotTable, place: Place) -> list[int]:
        """What those qualify for who serve there."""
        there = self._there.get(place)
        if there is None:
            held = self._facts.cover.held
            servers = self._draft.servers(self._draft.problem.offices[place.office].id, place.slot)
            there = [table.qualification(held(server, place.slot)) for server in servers]
            self._there[place] = there
        return there
