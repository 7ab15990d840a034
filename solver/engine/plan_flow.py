"""A mediator's plan graph as a unit flow: its paths are exactly their legal plans."""

from __future__ import annotations

from collections import defaultdict

from solver.engine.plans import Plans
from solver.engine.program import Program


def add_plan_flow(program: Program, plans: Plans) -> list[list[int]]:
    """Columns and rows of the flow; the arcs' columns of each group of choices."""
    arcs_of: list[list[int]] = [[] for _ in range(plans.groups)]
    arriving: dict[int, list[int]] = {}
    for depth, layer in enumerate(plans.graph.layers):
        leaving: dict[int, list[int]] = defaultdict(list)
        after: dict[int, list[int]] = defaultdict(list)
        for source, group, target, cost in zip(
            layer.source.tolist(),
            layer.group.tolist(),
            layer.target.tolist(),
            layer.cost.tolist(),
            strict=True,
        ):
            arc = program.column(cost, 1.0)
            leaving[source].append(arc)
            after[target].append(arc)
            arcs_of[group].append(arc)
        for state, out in leaving.items():
            into = arriving.get(state, [])
            inflow = 1.0 if depth == 0 else 0.0
            program.row(out + into, [1.0] * len(out) + [-1.0] * len(into), inflow, inflow)
        arriving = after
    return arcs_of
