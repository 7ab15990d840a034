"""Hall's inequalities for pooled cover, and the sets that a fractional crowd violates.

The shortfalls at a cell are right when for every set S of its exclusive requirements

    people who answer any of S + shortfall(S) >= count(S)

(Hall 1935; Gale 1957). The most violated set is the source side of a minimum cut in the
network requirements -> skill masks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import maximum_flow

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
    sink = len(wanted) + len(people) + 1
    tails, heads, capacity = [], [], []
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
    graph = sparse.csr_array(
        (np.array(capacity, dtype=np.int32), (tails, heads)), shape=(sink + 1, sink + 1)
    )
    flow = maximum_flow(graph, 0, sink)
    violation = (total - flow.flow_value) / _SCALE
    if violation <= 1e-9:
        return 0.0, 0
    reached = _source_side(sparse.csr_array(graph - flow.flow))
    return violation, sum(
        1 << bit for node, (bit, _) in enumerate(wanted, start=1) if node in reached
    )


def _source_side(residual: Any) -> set[int]:
    reached = {0}
    queue = [0]
    for node in queue:
        for place in range(residual.indptr[node], residual.indptr[node + 1]):
            other = int(residual.indices[place])
            if residual.data[place] > 0 and other not in reached:
                reached.add(other)
                queue.append(other)
    return reached
