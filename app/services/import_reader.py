"""Lines of a table turned into counts by cell, every fault named on the way."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Language, Office
from app.services import arrivals
from app.services.arrivals import VISITORS_MOST
from app.services.names import sorting_key
from app.services.needs import GENERAL, NEEDS
from app.services.rights import Actor
from app.services.sheet_values import as_clock, as_moment
from app.services.sheets import CELL_MOST, Cell, Formula, Line, Table

FIRST_YEAR = 2000
FIELDS = ("office", "date", "time", "language", "need", "visitors")
REQUIRED = ("date", "language")
SYNONYMS = {
    "office": ("office", "centro", "balcao", "local", "posto"),
    "date": ("date", "data", "dia", "day", "starts_at", "start", "datetime", "inicio"),
    "time": ("time", "hora", "hour", "clock"),
    "language": ("language", "lingua", "idioma", "lang"),
    "need": ("need", "necessidade", "motivo", "assunto", "servico", "service"),
    "visitors": ("visitors", "visitantes", "count", "numero", "quantidade", "total", "pessoas"),
}

Key = tuple[int, dt.datetime, str, str]
"""Office, half hour, language, need."""


@dataclass(frozen=True, slots=True)
class RowFault:
    line: int
    column: str
    value: str
    expected: str


def guess(header: tuple[str, ...]) -> dict[str, int]:
    """Which column is which, by its name."""
    found: dict[str, int] = {}
    for index, name in enumerate(header):
        plain = re.sub(r"[^a-z_]", "", sorting_key(name))
        for field, names in SYNONYMS.items():
            if plain in names and field not in found:
                found[field] = index
    return found


class Reader:
    """Turns lines into counts by cell, collecting every fault on the way."""

    def __init__(
        self,
        actor: Actor,
        table: Table,
        now: dt.datetime,
        mapping: Mapping[str, int],
        office: str,
    ) -> None:
        self.table = table
        self.now = now
        self.mapping = {
            field: place
            for field, place in mapping.items()
            if field in FIELDS and 0 <= place < len(table.header)
        }
        mine = [
            one
            for one in Office.select().where(Office.active).order_by(Office.position, Office.name)
            if arrivals.may_log(actor, one.id)
        ]
        self.offices = {one.code: one for one in mine}
        self.by_name = {sorting_key(name): one for one in mine for name in (one.code, one.name)}
        self.zones = {one.id: ZoneInfo(one.zone) for one in mine}
        self.office = self.offices.get(office)
        self.languages = {
            sorting_key(name): one.code
            for one in Language.select()
            for name in (one.code, one.name_pt, one.name_en)
        }
        self.needs = {
            sorting_key(name): code for code, told in NEEDS.items() for name in (code, str(told))
        }
        self.faults: list[RowFault] = []
        self.cells: Counter[Key] = Counter()

    def read(self) -> None:
        missing = [field for field in REQUIRED if field not in self.mapping]
        if "office" not in self.mapping and self.office is None:
            missing.append("office")
        for field in missing:
            self.faults.append(RowFault(1, field, "", _("a column for it")))
        if not missing:
            for line in self.table.lines:
                self._line(line)

    def _line(self, line: Line) -> None:
        before = len(self.faults)
        office = self._office(line)
        starts_at = self._instant(line, office)
        language = self._known(line, "language", self.languages, _("a language's code or name"))
        need: str | None = GENERAL
        if "need" in self.mapping and self._text(line, "need"):
            need = self._known(line, "need", self.needs, _("a need's code or name"))
        visitors = self._visitors(line)
        if len(self.faults) == before and office and starts_at and language and need:
            self.cells[office.id, starts_at, language, need] += visitors
            if self.cells[office.id, starts_at, language, need] > VISITORS_MOST:
                self._fault(line, "visitors", _("at most %(n)d in a half hour", n=VISITORS_MOST))

    def _office(self, line: Line) -> Office | None:
        if "office" not in self.mapping:
            return self.office
        found = self.by_name.get(sorting_key(self._text(line, "office")))
        if found is None:
            self._fault(line, "office", _("the code or name of an office of yours"))
        return found

    def _instant(self, line: Line, office: Office | None) -> dt.datetime | None:
        """The start of the half hour, by the office's wall clock unless a zone is told."""
        when = self._moment(line)
        if when is None or office is None:
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=self.zones[office.id])
        if when > self.now:
            self._fault(line, "date", _("a time that has come"))
            return None
        return arrivals.half_hour(when)

    def _moment(self, line: Line) -> dt.datetime | None:
        date = self._cell(line, "date")
        time: Cell | None = self._cell(line, "time") if "time" in self.mapping else None
        moment = as_moment(date)
        if moment is None or moment.year < FIRST_YEAR:
            self._fault(line, "date", _("a date such as 24/12/2026 or 2026-12-24"))
            return None
        if "time" not in self.mapping:
            if isinstance(moment, dt.datetime):
                return moment
            self._fault(line, "date", _("a time too, such as 2026-12-24 09:30"))
            return None
        clock = as_clock(time)
        if clock is None:
            self._fault(line, "time", _("a time such as 09:30"))
            return None
        return dt.datetime.combine(moment, clock)

    def _known(self, line: Line, field: str, known: Mapping[str, str], expected: str) -> str | None:
        found = known.get(sorting_key(self._text(line, field)))
        if found is None:
            self._fault(line, field, expected)
        return found

    def _visitors(self, line: Line) -> int:
        if "visitors" not in self.mapping:
            return 1
        value = self._cell(line, "visitors")
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) and re.fullmatch(r"\d{1,6}", value.strip()):
            value = int(value)
        if type(value) is int and 1 <= value <= VISITORS_MOST:
            return value
        expected = _("a whole number from %(least)d to %(most)d", least=1, most=VISITORS_MOST)
        self._fault(line, "visitors", expected)
        return 0

    def _cell(self, line: Line, field: str) -> Cell:
        place = self.mapping[field]
        return line.cells[place] if place < len(line.cells) else None

    def _text(self, line: Line, field: str) -> str:
        value = self._cell(line, field)
        return "" if value is None else str(value).strip()

    def _fault(self, line: Line, field: str, expected: str) -> None:
        value = self._cell(line, field) if field in self.mapping else None
        if isinstance(value, Formula):
            expected = _("a value, not a formula")
        column = self.table.header[self.mapping[field]] if field in self.mapping else field
        shown = "" if value is None else str(value)[:CELL_MOST]
        self.faults.append(RowFault(line.number, column, shown, expected))
