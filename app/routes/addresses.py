"""What may stand in an address besides text and numbers."""

from __future__ import annotations

import datetime as dt

from werkzeug.routing import BaseConverter, ValidationError


class DateConverter(BaseConverter):
    """`<date:monday>`: a day as 2026-11-23. What is no day is no address."""

    def to_python(self, value: str) -> dt.date:
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: object) -> str:
        return str(value)
