from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
import small_problem


@pytest.fixture
def build() -> ModuleType:
    """The makers of small problems."""
    return small_problem


@pytest.fixture
def data_folder() -> Path:
    return Path(__file__).parent / "data"
