"""What a service refuses, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class InputFault:
    """One fault of an input: the field, what it holds, what was expected (already translated)."""

    field: str
    value: Any
    expected: str


class ServiceError(Exception):
    """Base of all that a service refuses."""


class Invalid(ServiceError):
    """The input has faults; nothing was saved. All of them are here."""

    def __init__(self, faults: list[InputFault]) -> None:
        super().__init__("; ".join(f"{f.field}: {f.value!r}, {f.expected}" for f in faults))
        self.faults = faults


class NotFound(ServiceError):
    """No such object, or none that the actor may know of."""


class NoOffice(NotFound):
    """The page is about an office, and the actor coordinates none that is in use yet."""


class Forbidden(ServiceError):
    """The actor has no right to do this to this object."""


class Conflict(ServiceError):
    """The object has changed since the actor read it; `details` says how."""

    def __init__(self, message: str, details: object = None) -> None:
        super().__init__(message)
        self.details = details
