"""A table of counts told by the cells that are not 0: of a year's half hours, languages and needs
nearly all are, and going through all of them is most of what learning from it would take."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """m counts in a table of `shape` [n, languages, needs]; those of one cell add up.

    row: the slot of each, [m]. kind: language × needs + need, [m].
    """

    shape: tuple[int, int, int]
    row: IntArray
    kind: IntArray
    count: FloatArray

    def table(self) -> FloatArray:
        """[n, languages, needs]."""
        kinds = self.shape[1] * self.shape[2]
        return _summed(self.row * kinds + self.kind, self.count, self.shape)

    def by_language(self) -> FloatArray:
        """[n, languages]."""
        n, languages, needs = self.shape
        return _summed(self.row * languages + self.kind // needs, self.count, (n, languages))

    def by_group(self, group: IntArray, groups: int) -> FloatArray:
        """Sums over the slots of each group, [groups, languages, needs]; group: [n]."""
        languages, needs = self.shape[1:]
        at = group[self.row] * (languages * needs) + self.kind
        return _summed(at, self.count, (groups, languages, needs))

    def taken(self, chosen: npt.NDArray[np.bool_]) -> Cells:
        """Those of the chosen slots only; `chosen` is a mask [n]."""
        kept = chosen[self.row]
        row = (np.cumsum(chosen) - 1)[self.row[kept]]
        shape = (int(np.count_nonzero(chosen)), *self.shape[1:])
        return Cells(shape, row, self.kind[kept], self.count[kept])

    def divided(self, divisor: FloatArray, group: IntArray) -> Cells:
        """Each count divided by its group's divisor, [groups, languages, needs]."""
        by = divisor.reshape(len(divisor), -1)[group[self.row], self.kind]
        return replace(self, count=self.count / by)


def _summed(at: IntArray, count: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    sums: FloatArray = np.bincount(at, count, math.prod(shape)).astype(np.float64, copy=False)
    return sums.reshape(shape)
