"""Which version of Escala this is."""

from __future__ import annotations

import tomllib
from functools import cache

from app.config import ROOT


@cache
def version() -> str:
    """As `pyproject.toml` says: the one place it is written."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
