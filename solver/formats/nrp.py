"""The nurse rostering instances of Curtois and Qu, as they are published.

T. Curtois, R. Qu, "Computational results on new staff scheduling benchmark instances", 2014;
the text form of schedulingbenchmarks.org. `solver.formats.nrp_problem` says what becomes of
them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from solver.formats.fields import MOST_TEXT, Faults, is_text
from solver.formats.limits import MOST_COST, MOST_COUNT, MOST_SLOTS
from solver.formats.nrp_problem import CoverLine, Instance, Request, ShiftType, Staff, problem_of
from solver.problem import Problem, WishKind
from solver.result import BadInput, Fault

MOST_DAYS = 4000
MOST_BYTES = 64 * 1024 * 1024
MOST_NAME = MOST_TEXT - len(f"{MOST_DAYS}.")
"""Characters of a name: the id of a shift is made of its day and its type's name."""


def load_nrp(path: str | os.PathLike[str]) -> Problem:
    """The instance in a text file, named after it. Raises `BadInput`."""
    name = os.fspath(path)
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValueError(f"over {MOST_BYTES} bytes")
        text = content.decode("utf-8")
    except (OSError, ValueError) as error:
        raise BadInput([Fault(name, "content", str(error), "a text file in UTF-8")]) from None
    stem = Path(path).stem.encode("utf-8", "replace").decode("utf-8")
    return read_nrp(text, stem[:MOST_TEXT])


def read_nrp(text: str, name: str) -> Problem:
    """The instance in a text. Raises `BadInput` with every fault at once."""
    faults = Faults()
    instance = Instance()
    seen = set()
    shifts = []
    for line in _lines(text, faults):
        seen.add(line.section)
        _SECTIONS[line.section](line, instance)
        if line.section == "SECTION_SHIFTS":
            shifts.append(line)
    for line in shifts:
        _judge_followers(line, instance)
    for section in ("SECTION_HORIZON", "SECTION_SHIFTS", "SECTION_STAFF"):
        if section not in seen:
            faults.add(name, section, "(missing)", "a section with at least one line")
    faults.raise_any()
    return problem_of(instance, name)


@dataclass
class _Line:
    """A line's cells, read one by one; what is wrong is noted under the line's number."""

    section: str
    number: int
    cells: list[str]
    faults: Faults
    ok: bool = True

    def fault(self, field: str, value: object, expected: str) -> None:
        self.ok = False
        self.faults.add(f"line {self.number}", field, value, expected)

    def text(self, index: int, field: str) -> str:
        if index < len(self.cells) and self.cells[index]:
            return self.cells[index]
        self.fault(field, "(missing)", "a name")
        return ""

    def name(self, index: int, field: str) -> str:
        """A name that becomes an id of the problem."""
        name = self.text(index, field)
        if name and not (is_text(name) and len(name) <= MOST_NAME):
            self.fault(field, name, f"a name of at most {MOST_NAME} characters")
        return name

    def number_at(self, index: int, field: str, low: int = 0, high: int = MOST_SLOTS) -> int:
        value = self.cells[index] if index < len(self.cells) else "(missing)"
        if _is_number(value) and low <= int(value) <= high:
            return int(value)
        self.fault(field, value, f"a whole number from {low} to {high}")
        return low

    def known(self, index: int, field: str, names: Collection[str]) -> str:
        name = self.text(index, field)
        if self.ok and name not in names:
            self.fault(field, name, "one named in its section")
        return name

    def day(self, index: int, instance: Instance) -> int:
        return self.number_at(index, "day", 0, max(0, instance.days - 1))


def _is_number(text: str) -> bool:
    """Whether a whole number of a sane length, in the digits 0 to 9."""
    return text.isascii() and text.isdigit() and len(text) < 10


def _lines(text: str, faults: Faults) -> Iterator[_Line]:
    section = ""
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("SECTION_"):
            section = line
            if section not in _SECTIONS:
                faults.add(f"line {number}", "section", line, "one of " + ", ".join(_SECTIONS))
        elif not section:
            faults.add(f"line {number}", "section", line, "a line within a section")
        elif section in _SECTIONS:
            yield _Line(section, number, [cell.strip() for cell in line.split(",")], faults)


def _read_horizon(line: _Line, instance: Instance) -> None:
    instance.days = line.number_at(0, "days", 1, MOST_DAYS)


def _read_shift(line: _Line, instance: Instance) -> None:
    name = line.name(0, "ShiftID")
    minutes = line.number_at(1, "minutes", 1, 24 * 60)
    if name in instance.shift_types:
        line.fault("ShiftID", name, "a name no other shift has")
    instance.shift_types[name] = ShiftType(minutes, _followers(line))


def _followers(line: _Line) -> tuple[str, ...]:
    """The types that may not follow."""
    return tuple(line.cells[2].split("|")) if len(line.cells) > 2 and line.cells[2] else ()


def _judge_followers(line: _Line, instance: Instance) -> None:
    for follower in _followers(line):
        if follower not in instance.shift_types:
            line.fault("shifts which cannot follow", follower, "a shift of its section")


def _read_staff(line: _Line, instance: Instance) -> None:
    name = line.name(0, "ID")
    if name in instance.staff:
        line.fault("ID", name, "a name nobody else has")
    instance.staff[name] = Staff(
        most_shifts=_most_shifts(line, instance),
        most_minutes=line.number_at(2, "MaxTotalMinutes"),
        least_minutes=line.number_at(3, "MinTotalMinutes"),
        most_consecutive=line.number_at(4, "MaxConsecutiveShifts", 0, MOST_COUNT),
        least_consecutive=line.number_at(5, "MinConsecutiveShifts", 0, MOST_COUNT),
        least_consecutive_off=line.number_at(6, "MinConsecutiveDaysOff", 0, MOST_COUNT),
        most_weekends=line.number_at(7, "MaxWeekends", 0, MOST_COUNT),
    )


def _most_shifts(line: _Line, instance: Instance) -> dict[str, int]:
    most = {}
    for part in line.text(1, "MaxShifts").split("|"):
        shift, _, count = part.partition("=")
        number = int(count) if _is_number(count) else MOST_COUNT + 1
        if shift in instance.shift_types and number <= MOST_COUNT:
            most[shift] = number
        else:
            line.fault("MaxShifts", part, "shift=number, of a shift in its section")
    return most


def _read_days_off(line: _Line, instance: Instance) -> None:
    name = line.known(0, "EmployeeID", instance.staff)
    days = [line.day(index, instance) for index in range(1, len(line.cells))]
    instance.days_off.setdefault(name, []).extend(days)


def _read_request(kind: WishKind) -> Callable[[_Line, Instance], None]:
    def read(line: _Line, instance: Instance) -> None:
        name = line.known(0, "EmployeeID", instance.staff)
        day = line.day(1, instance)
        shift = line.known(2, "ShiftID", instance.shift_types)
        weight = line.number_at(3, "Weight", 0, MOST_COST)
        instance.requests.append(Request(name, day, shift, weight, kind))

    return read


def _read_cover(line: _Line, instance: Instance) -> None:
    instance.cover.append(
        CoverLine(
            day=line.day(0, instance),
            shift=line.known(1, "ShiftID", instance.shift_types),
            wanted=line.number_at(2, "Requirement", 0, MOST_COUNT),
            under=line.number_at(3, "Weight for under", 0, MOST_COST),
            over=line.number_at(4, "Weight for over", 0, MOST_COST),
        )
    )


_SECTIONS: dict[str, Callable[[_Line, Instance], None]] = {
    "SECTION_HORIZON": _read_horizon,
    "SECTION_SHIFTS": _read_shift,
    "SECTION_STAFF": _read_staff,
    "SECTION_DAYS_OFF": _read_days_off,
    "SECTION_SHIFT_ON_REQUESTS": _read_request(WishKind.ON),
    "SECTION_SHIFT_OFF_REQUESTS": _read_request(WishKind.OFF),
    "SECTION_COVER": _read_cover,
}
