"""Counts that may be published: small ones are left out, and so is what would give them away.

Pure. A table of counts is published with all its totals. A count of 1 to `LEAST - 1`, a total no
less, is left out (nought is shown: it tells of nobody). Then, for each of these, further counts
are left out until another table of counts, one in which that count is `LEAST` or more, fits all
that is published as well as the true one does; so nobody can work it out, whatever they add and
subtract. The other table comes of moving counts round a rectangle of the table, whose sides may
be totals: what is added in one corner is taken away in the next (Kelly, Golden & Assad, *Cell
Suppression: Disclosure Protection for Sensitive Tabular Data*, Networks 22, 1992).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

LEAST = 5
TOTAL = ""
"""The name of the row and of the column of totals."""
Cell = tuple[Hashable, Hashable]


@dataclass(frozen=True, slots=True)
class Published:
    """(row, column) → the count, None where it is left out; `TOTAL` names the totals."""

    rows: tuple[Hashable, ...]
    columns: tuple[Hashable, ...]
    counts: Mapping[Cell, int | None]

    @property
    def left_out(self) -> int:
        return sum(one is None for one in self.counts.values())


def publish(counts: Mapping[Cell, int], least: int = LEAST) -> Published:
    """The table as it may be published. Raises ValueError for a negative count or a name that is
    `TOTAL`'s."""
    if any(count < 0 for count in counts.values()):
        raise ValueError("a count below 0")
    if any(TOTAL in cell for cell in counts):
        raise ValueError(f"{TOTAL!r} names the totals")
    full, rows, columns = _with_totals(counts)
    hidden = {cell for cell, count in full.items() if 0 < count < least}
    # The smallest first: what hides them hides the others too.
    for cell in sorted(hidden, key=lambda one: (full[one], str(one))):
        hidden |= _corners(full, cell, rows, columns, hidden, least)
    shown = {cell: None if cell in hidden else count for cell, count in full.items()}
    return Published(rows, columns, shown)


def _with_totals(
    counts: Mapping[Cell, int],
) -> tuple[dict[Cell, int], tuple[Hashable, ...], tuple[Hashable, ...]]:
    rows = tuple(dict.fromkeys(row for row, _column in counts))
    columns = tuple(dict.fromkeys(column for _row, column in counts))
    full: Counter[Cell] = Counter()
    for row in rows:
        for column in columns:
            count = counts.get((row, column), 0)
            for cell in ((row, column), (row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
                full[cell] += count
    return dict(full), rows, columns


def _corners(
    full: Mapping[Cell, int],
    cell: Cell,
    rows: Iterable[Hashable],
    columns: Iterable[Hashable],
    hidden: set[Cell],
    least: int,
) -> set[Cell]:
    """The other corners of the rectangle that hides `cell` and leaves out least besides."""
    row, column = cell
    need = least - full[cell]
    best: tuple[tuple[int, int], set[Cell]] | None = None
    for other_row in (*rows, TOTAL):
        if other_row == row or not _moves(full[other_row, column], _sign(row, other_row), need):
            continue
        for other in (*columns, TOTAL):
            if other == column:
                continue
            across, down = _sign(column, other), _sign(row, other_row)
            corners = {(row, other), (other_row, column), (other_row, other)}
            fits = _moves(full[row, other], across, need)
            if not fits or not _moves(full[other_row, other], across * down, need):
                continue
            price = _price(full, corners - hidden)
            if best is None or price < best[0]:
                best = price, corners
    if best is None:
        raise AssertionError("the corner of all totals hides any count")
    return best[1]


def _sign(one: Hashable, other: Hashable) -> int:
    """Counts of a line move against one another, and with their total."""
    return 1 if TOTAL in (one, other) else -1


def _moves(count: int, sign: int, need: int) -> bool:
    """Whether a count left out may be `need` more, or less: whoever sees it left out knows that it
    is not nought, so it has to stay 1 at least."""
    return count > 0 if sign > 0 else count > need


def _price(full: Mapping[Cell, int], more: set[Cell]) -> tuple[int, int]:
    """What is lost by leaving these out too: totals first, then the counts."""
    totals = sum(one.count(TOTAL) for one in more)
    return totals, sum(full[one] for one in more)
