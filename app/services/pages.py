"""Long lists of people in pages: drawing rows is what takes time, and nobody reads hundreds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

PEOPLE_A_PAGE = 100
"""As many rows as are worth scrolling through at once."""

Row = TypeVar("Row")


def page_of(found: Sequence[Row], page: int) -> tuple[Sequence[Row], int, int]:
    """Those of one page, its number, and how many pages there are; the last where `page` is past
    it."""
    pages = max(1, -(-len(found) // PEOPLE_A_PAGE))
    page = min(max(1, page), pages)
    return found[(page - 1) * PEOPLE_A_PAGE : page * PEOPLE_A_PAGE], page, pages
