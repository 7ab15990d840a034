"""Databases beside the house's own, that a process of its own works on."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from fault_house import House

from app.database import open_database
from app.models import database


@contextlib.contextmanager
def other_database(url: str) -> Iterator[None]:
    """The models on another database meanwhile."""
    kept = database.obj
    try:
        open_database(url)
        with database.connection_context():
            yield
        database.obj.close_all()
    finally:
        database.initialize(kept)


def new_database(house: House, name: str, like: str = "") -> str:
    """The address of a new database, a copy of the one at the address `like` if that is given."""
    if house.server is not None:
        template = like.partition("?")[0].rpartition("/")[2]
        return house.server.new_database(template) if template else house.server.new_database()
    path = house.folder / f"{name}.db"
    source = Path(like.removeprefix("sqlite:///"))
    if like and source.exists():
        shutil.copyfile(source, path)
    return f"sqlite:///{path}"


def drop_database(house: House, url: str) -> None:
    if house.server is not None:
        house.server.drop(url)
        return
    path = Path(url.removeprefix("sqlite:///"))
    for one in path.parent.glob(f"{path.name}*"):  # its log beside it too
        one.unlink()
