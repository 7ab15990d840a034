"""What every table shares: the database, instants in UTC, enumerations."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from peewee import DatabaseProxy, DateTimeField, Model
from playhouse.fields import EnumField

database = DatabaseProxy()

__all__ = ["BaseModel", "EnumField", "InstantField", "database"]


class InstantField(DateTimeField):
    """An instant: an aware datetime outside, naive UTC in the column on every database.

    A naive datetime is refused, so that no wall-clock time ever slips in.
    """

    def db_value(self, value: Any) -> Any:
        if isinstance(value, dt.datetime):
            if value.tzinfo is None:
                raise ValueError(f"{self.name}: {value!r} has no time zone")
            value = value.astimezone(dt.UTC).replace(tzinfo=None)
        return super().db_value(value)  # type: ignore[no-untyped-call]

    def python_value(self, value: Any) -> Any:
        if isinstance(value, str):
            # As SQLite keeps it; peewee would try one format after the other.
            return _instant_of(value)
        if isinstance(value, dt.datetime) and value.tzinfo is None:
            value = value.replace(tzinfo=dt.UTC)
        return value


@lru_cache(maxsize=4096)
def _instant_of(text: str) -> dt.datetime:
    """Read once: the shifts of a week begin and end at few different times."""
    value = dt.datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=dt.UTC)


class BaseModel(Model):
    class Meta:
        database = database
        legacy_table_names = False
