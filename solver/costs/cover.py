"""Cover: in every office and slot, the requirements left unmet by the least-cost counting."""

from __future__ import annotations

from solver.view import View

NAME = "cover"


def cost(view: View) -> int:
    count = view.facts.cover
    total = 0
    for (office, slot), servers in view.places.items():
        view.look()
        total += count.cost(office, slot, servers)
    return total
