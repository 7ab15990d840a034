"""The terms of a roster's cost, one a module: `NAME` and `cost(view)`.

A term is additive: the cost of a view is the sum over its duties, or over its places, so
that an edit is judged by what it touches. A new term is a module here, its line in `TERMS`,
and its tests.
"""

from __future__ import annotations

from typing import Protocol

from solver.costs import change, cover, hours, office, unsocial, wishes
from solver.view import View


class Term(Protocol):
    """What a module of this package is."""

    NAME: str

    def cost(self, view: View) -> int:
        """The term's cost of what the view shows."""
        ...


TERMS: tuple[Term, ...] = (cover, hours, wishes, office, unsocial, change)
PLACE_TERMS: tuple[Term, ...] = (cover,)
"""Those that are sums over places; the others are over duties."""
