"""Hall's inequalities for pooled cover, and the sets that a fractional crowd violates.

The shortfalls at a cell are right when for every set S of its exclusive requirements

    people who answer any of S + shortfall(S) >= count(S)

(Hall 1935; Gale 1957). The most violated set is the source side of a minimum cut in the
network requirements -> skill masks.
"""

from __future__ import annotations

from ortools.graph.python import max_flow

_SCALE = 1_000_000
_PLENTY = 2**31 - 1


def violated_set(missing: list[float], crowd: dict[int, float]) -> tuple[float, int]:
    """The most violated set, as a bit mask, and by how much (0 where none is).

    `missing[r]` is count less shortfall of requirement r; `crowd` the people by skill mask.
    """
    wanted = [(bit, round(value * _SCALE)) for bit, value in enumerate(missing) if value > 1e-9]
    people = [(mask, round(value * _SCALE)) for mask, value in crowd.items() if value > 1e-9]
    total = sum(value for _, value in wanted)
    if not total:
        return 0.0, 0
    if not people:
        return total / _SCALE, sum(1 << bit for bit, _ in wanted)
    sink = len(wanted) + len(people) + 1
    tails: list[int] = []
    heads: list[int] = []
    capacity: list[int] = []
    for node, (_, value) in enumerate(wanted, start=1):
        tails.append(0)
        heads.append(node)
        capacity.append(value)
    for index, (mask, value) in enumerate(people):
        node = len(wanted) + 1 + index
        tails.append(node)
        heads.append(sink)
        capacity.append(value)
        for source, (bit, _) in enumerate(wanted, start=1):
            if mask >> bit & 1:
                tails.append(source)
                heads.append(node)
                capacity.append(_PLENTY)
    network = max_flow.SimpleMaxFlow()
    network.add_arcs_with_capacity(tails, heads, capacity)
    if network.solve(0, sink) != network.OPTIMAL:
        return 0.0, 0
    violation = (total - network.optimal_flow()) / _SCALE
    if violation <= 1e-9:
        return 0.0, 0
    reached = set(network.get_source_side_min_cut())
    return violation, sum(
        1 << bit for node, (bit, _) in enumerate(wanted, start=1) if node in reached
    )
