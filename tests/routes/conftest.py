"""Pages open and close a connection of their own, so here nobody counts on one staying open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.models import database


@pytest.fixture
def database_ready(app: Flask) -> Iterator[None]:
    database.connect(reuse_if_open=True)
    yield
    if not database.is_closed():
        database.close()
