"""Lines of a table turned into counts by cell, every fault named on the way."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Language, Office
from app.services import arrivals
from app.services.arrivals import VISITORS_MOST
from app.services.names import sorting_key
from app.services.needs import GENERAL, NEEDS
from app.services.rights import Actor
from app.services.sheet_values import as_clock, as_moment
from app.services.sheets import Line, Table
from app.services.uploads import Columns

FIRST_YEAR = 2000
REQUIRED = ("date", "language")
SYNONYMS = {
    "office": ("office", "centro", "balcao", "local", "posto"),
    "date": ("date", "data", "dia", "day", "starts_at", "start", "datetime", "inicio"),
    "time": ("time", "hora", "hour", "clock"),
    "language": ("language", "lingua", "idioma", "lang"),
    "need": ("need", "necessidade", "motivo", "assunto", "servico", "service"),
    "visitors": ("visitors", "visitantes", "count", "numero", "quantidade", "total", "pessoas"),
}
FIELDS = tuple(SYNONYMS)

Key = tuple[int, dt.datetime, str, str]
"""Office, half hour, language, need."""


class Reader:
    """Turns lines into counts by cell, collecting every fault on the way."""

    def __init__(
        self,
        actor: Actor,
        table: Table,
        now: dt.datetime,
        mapping: Mapping[str, int] | None,
        office: str,
    ) -> None:
        self.columns = Columns(table, mapping, SYNONYMS)
        self.now = now
        logged = arrivals.offices_logged(actor, now)
        mine = [
            one
            for one in Office.select().where(Office.active).order_by(Office.position, Office.name)
            if logged is None or one.id in logged
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
        self.cells: Counter[Key] = Counter()

    def read(self) -> None:
        by_column = ("office",) if self.office is None else ()
        if self.columns.require((*REQUIRED, *by_column)):
            for line in self.columns.table.lines:
                self._line(line)

    def _line(self, line: Line) -> None:
        before = len(self.columns.faults)
        office = self._office(line)
        starts_at = self._instant(line, office)
        language = self._known(line, "language", self.languages, _("a language's code or name"))
        need: str | None = GENERAL
        if self.columns.text(line, "need"):
            need = self._known(line, "need", self.needs, _("a need's code or name"))
        visitors = self._visitors(line)
        if len(self.columns.faults) == before and office and starts_at and language and need:
            self.cells[office.id, starts_at, language, need] += visitors
            if self.cells[office.id, starts_at, language, need] > VISITORS_MOST:
                self.columns.fault(
                    line, "visitors", _("at most %(n)d in a half hour", n=VISITORS_MOST)
                )

    def _office(self, line: Line) -> Office | None:
        if not self.columns.has("office"):
            return self.office
        found = self.by_name.get(sorting_key(self.columns.text(line, "office")))
        if found is None:
            self.columns.fault(line, "office", _("the code or name of an office of yours"))
        return found

    def _instant(self, line: Line, office: Office | None) -> dt.datetime | None:
        """The start of the half hour, by the office's wall clock unless a zone is told."""
        when = self._moment(line)
        if when is None or office is None:
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=self.zones[office.id])
        if when > self.now:
            self.columns.fault(line, "date", _("a time that has come"))
            return None
        return arrivals.half_hour(when)

    def _moment(self, line: Line) -> dt.datetime | None:
        moment = as_moment(self.columns.cell(line, "date"))
        if moment is None or moment.year < FIRST_YEAR:
            self.columns.fault(line, "date", _("a date such as 24/12/2026 or 2026-12-24"))
            return None
        if not self.columns.has("time"):
            if isinstance(moment, dt.datetime):
                return moment
            self.columns.fault(line, "date", _("a time too, such as 2026-12-24 09:30"))
            return None
        clock = as_clock(self.columns.cell(line, "time"))
        if clock is None:
            self.columns.fault(line, "time", _("a time such as 09:30"))
            return None
        return dt.datetime.combine(moment, clock)

    def _known(self, line: Line, field: str, known: Mapping[str, str], expected: str) -> str | None:
        found = known.get(sorting_key(self.columns.text(line, field)))
        if found is None:
            self.columns.fault(line, field, expected)
        return found

    def _visitors(self, line: Line) -> int:
        if not self.columns.has("visitors"):
            return 1
        value = self.columns.cell(line, "visitors")
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) and re.fullmatch(r"\d{1,6}", value.strip()):
            value = int(value)
        if type(value) is int and 0 <= value <= VISITORS_MOST:
            return value
        expected = _("a whole number from %(least)d to %(most)d", least=0, most=VISITORS_MOST)
        self.columns.fault(line, "visitors", expected)
        return 0
