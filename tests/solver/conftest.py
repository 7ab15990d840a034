from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
import small_problem

from solver.engine.kernel.__main__ import warm_long_horizons, warm_weeks


@pytest.fixture(scope="session", autouse=True)
def kernel() -> None:
    """Loading the compiled search takes a process up to a second: not out of a test's time."""
    warm_weeks()
    warm_long_horizons()


@pytest.fixture
def build() -> ModuleType:
    """The makers of small problems."""
    return small_problem


@pytest.fixture
def data_folder() -> Path:
    return Path(__file__).parent / "data"
