"""Sums by group, for arrays of any shape: the one operation everything here is made of."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from forecast.series import FloatArray, IntArray


def sum_by(group: IntArray, values: FloatArray, groups: int) -> FloatArray:
    """Sum `values` [n, …] over equal `group` [n]: [groups, …].

    A product with a sparse matrix of ones, several times quicker than `np.add.at`.
    """
    n = len(group)
    ones = (np.ones(n), (group, np.arange(n)))
    member = sparse.csr_array(ones, shape=(groups, n))
    sums: FloatArray = np.asarray(member @ values.reshape(n, -1))
    return sums.reshape((groups, *values.shape[1:]))
