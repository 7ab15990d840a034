"""What every table shares: the database, instants in UTC, enumerations."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from peewee import DatabaseProxy, DateTimeField, Model
from playhouse.fields import EnumField

from app.models.rows import Rows

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
            value = dt.datetime.fromisoformat(value)
        if isinstance(value, dt.datetime) and value.tzinfo is None:
            value = value.replace(tzinfo=dt.UTC)
        return value


class BaseModel(Model):
    class Meta:
        database = database
        legacy_table_names = False

    if not TYPE_CHECKING:

        @classmethod
        def select(cls, *columns: Any) -> Rows:
            return Rows(cls, columns or cls._meta.sorted_fields, is_default=not columns)
