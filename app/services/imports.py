"""Arrivals out of a file: columns told apart, every bad row named, all of it or nothing.

What was imported before of the same office, half hour, language and need is replaced, so that a
file that comes again, whole or corrected, counts once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from peewee import fn

from app.i18n import _
from app.models import Arrival, ArrivalImport, Language, Office, database
from app.services import arrivals
from app.services.arrivals import VISITORS_MOST, ArrivalRow
from app.services.errors import InputFault, Invalid, NotFound
from app.services.names import sorting_key
from app.services.needs import GENERAL, NEEDS
from app.services.rights import Actor, require_any_coordinator
from app.services.sheet_values import as_clock, as_moment
from app.services.sheets import CELL_MOST, Cell, Formula, Line, Table, read_table

SOURCE = "import"
KEPT_DAYS = 1
FAULTS_SHOWN = 500
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


@dataclass(frozen=True, slots=True)
class RowFault:
    line: int
    column: str
    value: str
    expected: str


@dataclass(frozen=True, slots=True)
class Preview:
    id: int
    name: str
    header: tuple[str, ...]
    mapping: dict[str, int]
    """Field → the place of its column; a field without a column is not in it."""
    office: str
    """The office of every line where no column says it."""
    offices: tuple[tuple[str, str], ...]
    sample: tuple[Line, ...]
    lines: int
    faults: tuple[RowFault, ...]
    """At most FAULTS_SHOWN of them."""
    fault_count: int
    visitors: int
    cells: int
    new: int
    changed: int
    first: dt.datetime | None
    last: dt.datetime | None
    also_at_desk: int
    """Visitors that receptions counted themselves in the same half hours: both would count."""

    @property
    def ready(self) -> bool:
        return not self.fault_count and self.cells > 0


def take_in(actor: Actor, name: str, content: bytes, now: dt.datetime) -> int:
    """Keep an uploaded file until it is imported; its id. Raises Invalid at `file`, Forbidden."""
    require_any_coordinator(actor)
    read_table(name, content)
    with database.atomic():
        ArrivalImport.delete().where(
            ArrivalImport.created_at < now - dt.timedelta(days=KEPT_DAYS)
        ).execute()
        row = ArrivalImport.create(
            user=actor.user_id,
            name=name[:255],
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            created_at=now,
        )
    return int(row.id)


def preview(
    actor: Actor,
    import_id: int,
    now: dt.datetime,
    mapping: Mapping[str, int] | None = None,
    office: str = "",
) -> Preview:
    """What importing would do, by the columns told or guessed. Writes nothing."""
    row, table, read = _read(actor, import_id, now, mapping, office)
    cells = Counter(read.cells)
    new, changed = _compared(cells)
    times = sorted({one[1] for one in cells})
    return Preview(
        id=row.id,
        name=row.name,
        header=table.header,
        mapping=dict(read.mapping),
        office=office,
        offices=tuple((one.code, one.name) for one in read.offices.values()),
        sample=table.lines[:5],
        lines=len(table.lines),
        faults=tuple(read.faults[:FAULTS_SHOWN]),
        fault_count=len(read.faults),
        visitors=sum(cells.values()),
        cells=len(cells),
        new=new,
        changed=changed,
        first=times[0] if times else None,
        last=times[-1] if times else None,
        also_at_desk=_also_at_desk(cells),
    )


def carry_out(
    actor: Actor,
    import_id: int,
    now: dt.datetime,
    mapping: Mapping[str, int] | None = None,
    office: str = "",
) -> int:
    """Import a file and let it go; how many visitors. Raises Invalid where a row is bad."""
    row, _table, read = _read(actor, import_id, now, mapping, office)
    if read.faults or not read.cells:
        raise Invalid(
            [
                InputFault(f"{one.line}.{one.column}", one.value, one.expected)
                for one in read.faults[: arrivals.FAULTS_MOST]
            ]
            or [InputFault("file", row.name, _("lines below the names of the columns"))]
        )
    rows = [ArrivalRow(*key, visitors) for key, visitors in sorted(read.cells.items())]
    with database.atomic():
        arrivals.record_arrivals(actor, rows, now, SOURCE)
        row.delete_instance()
    return sum(read.cells.values())


Key = tuple[int, dt.datetime, str, str]


def _read(
    actor: Actor,
    import_id: int,
    now: dt.datetime,
    mapping: Mapping[str, int] | None,
    office: str,
) -> tuple[ArrivalImport, Table, _Reader]:
    require_any_coordinator(actor)
    row = ArrivalImport.get_or_none(
        ArrivalImport.id == import_id, ArrivalImport.user == actor.user_id
    )
    if row is None:
        raise NotFound
    table = read_table(row.name, bytes(row.content))
    read = _Reader(actor, table, now, guess(table.header) if mapping is None else mapping, office)
    read.read()
    return row, table, read


def guess(header: tuple[str, ...]) -> dict[str, int]:
    """Which column is which, by its name."""
    found: dict[str, int] = {}
    for index, name in enumerate(header):
        plain = re.sub(r"[^a-z_]", "", sorting_key(name))
        for field, names in SYNONYMS.items():
            if plain in names and field not in found:
                found[field] = index
    return found


class _Reader:
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


def _compared(cells: Mapping[Key, int]) -> tuple[int, int]:
    """How many cells are not there yet, and how many hold another number."""
    if not cells:
        return 0, 0
    times = [key[1] for key in cells]
    stored = {
        (row.office_id, row.starts_at, row.language_id, row.need): row.count
        for row in Arrival.select().where(
            Arrival.source == SOURCE, Arrival.starts_at.between(min(times), max(times))
        )
    }
    new = sum(key not in stored for key in cells)
    changed = sum(key in stored and stored[key] != count for key, count in cells.items())
    return new, changed


def _also_at_desk(cells: Mapping[Key, int]) -> int:
    if not cells:
        return 0
    slots = {(key[0], key[1]) for key in cells}
    times = [key[1] for key in cells]
    rows = (
        Arrival.select(Arrival.office, Arrival.starts_at, fn.SUM(Arrival.count).alias("total"))
        .where(
            Arrival.source == arrivals.DESK_SOURCE,
            Arrival.starts_at.between(min(times), max(times)),
        )
        .group_by(Arrival.office, Arrival.starts_at)
    )
    return sum(row.total for row in rows if (row.office_id, row.starts_at) in slots)
