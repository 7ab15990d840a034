"""The Hall sets that a solution of an office's program violates, and their rows."""

from __future__ import annotations

import highspy
import numpy as np

from solver.engine.arrays import Floats
from solver.engine.hall import violated_set
from solver.engine.office_program import OfficeProgram


def violated_sets(office: OfficeProgram, point: Floats) -> list[tuple[int, int]]:
    """The most violated new Hall set of each cell at a solution."""
    people = office.people
    serving = np.zeros(len(people.pair_rows))
    for person in people.persons:
        for choice in person.here.tolist():
            column = people.columns.get((person.mediator, choice))
            if column is not None and column < len(point) and point[column] > 1e-9:
                serving[people.pairs(person, choice)] += point[column]
    found = []
    for cell, crowd in people.crowd.items():
        demand = office.instance.demand.cells[cell].exclusive
        missing = [
            len(places.values) - sum(point[column] for column in office.short[cell, bit])
            for bit, places in enumerate(demand)
        ]
        there = {mask: float(serving[pairs].sum()) for mask, pairs in crowd.items()}
        violation, chosen = violated_set(missing, there)
        if violation > 1e-3 and (cell, chosen) not in office.hall_rows:
            found.append((cell, chosen))
    return found


def insert_set(office: OfficeProgram, highs: highspy.Highs, cell: int, chosen: int) -> None:
    """Add a set's row to the program and to the solver that holds it."""
    found = office.add_hall(cell, chosen)
    if found is None:
        return
    short, count = found
    people = office.people
    row = len(office.program.row_lower) - 1
    columns, signs = list(short), [1.0] * len(short)
    for (mediator, choice), column in people.columns.items():
        pair = people.pair_of.get((mediator, cell))
        if pair is not None and people.pair_rows[pair] and people.pair_rows[pair][-1][0] == row:
            choices = office.instance.choices[mediator]
            if cell in choices.served(choice):
                columns.append(column)
                signs.append(1.0)
                office.program.extend_row(row, column, 1.0)
    highs.addRow(count, np.inf, len(columns), np.array(columns, dtype=np.int32), np.array(signs))
