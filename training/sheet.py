"""Attendance and results pasted from a spreadsheet, or a CSV file: all good rows or every reason.

Columns are known by their heading, in Portuguese or English, in any order; separators are found
by looking (tab from a paste, semicolon or comma from a file). Nothing is guessed about people:
a row names one by number, mail address or full name, and must mean exactly one.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from training.faults import Fault, TrainingFault, refuse
from training.records import MediatorId, Result

MOST_ROWS = 5_000
MOST_LINES = 10 * MOST_ROWS
"""Empty ones included: what is read before rows can be counted."""
MOST_BYTES = 2_000_000
MOST_MINUTES = 60_000
"""As long as a course may be, whatever the dates it is held on."""

_NAMING = ("name", "email", "number")
_HEADINGS = {
    "name": (
        "mediador", "mediadora", "mediator", "pessoa", "person", "nome", "name", "formando",
        "nome completo", "full name",
    ),
    "email": ("e-mail", "email", "mail", "correio eletronico"),
    "number": ("numero", "n.o", "no", "number", "id"),
    "result": ("resultado", "result", "aprovado", "passed", "avaliacao", "presenca", "attendance"),
    "date": ("data", "date", "dia", "day", "concluido em", "completed on"),
    "minutes": ("minutos", "minutes"),
    "note": ("nota", "note", "observacoes", "remarks"),
}  # fmt: skip
_RESULTS = {
    Result.PASSED: (
        "passed", "pass", "aprovado", "aprovada", "apto", "apta", "sim", "yes", "s", "y", "x", "1",
        "presente", "present", "ok", "✓", "✔", "true", "verdadeiro",
    ),
    Result.FAILED: (
        "failed", "fail", "reprovado", "reprovada", "nao apto", "nao apta", "nao", "no", "n", "0",
        "false", "falso",
    ),
    Result.ABSENT: ("faltou", "falta", "ausente", "absent", "f"),
}  # fmt: skip
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody a row may mean."""

    mediator: MediatorId
    name: str
    email: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class SheetSettings:
    """What rows are held against.

    first_day last_day  days a completion may have; `last_day` is today at the latest
    day                 the day of rows that have none; None: they must
    enrolled            only these people; None: anybody known
    recorded            people who have a result already
    """

    first_day: date
    last_day: date
    day: date | None = None
    enrolled: Collection[MediatorId] | None = None
    recorded: Collection[MediatorId] = ()
    most_rows: int = MOST_ROWS


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A good row. `row` counts from 1 with the heading, as a spreadsheet does."""

    row: int
    mediator: MediatorId
    result: Result
    on: date
    minutes: int | None
    note: str


@dataclass(frozen=True, slots=True)
class SheetReading:
    """The good rows, for a preview; and every reason against the others, by row and column."""

    rows: tuple[SheetRow, ...]
    faults: tuple[Fault, ...]

    def all_or_nothing(self) -> tuple[SheetRow, ...]:
        """The rows to save. Raises `TrainingFault` if there is a single fault."""
        if self.faults:
            raise TrainingFault(self.faults)
        return self.rows


def read_text(data: str | bytes) -> list[list[str]]:
    """Cells of a paste or of a CSV file (UTF-8, or Windows-1252 as spreadsheets write it).

    Raises `TrainingFault` for more than `MOST_BYTES` or `MOST_LINES` and for what is no text.
    """
    size = len(data) if isinstance(data, bytes) else len(data.encode(errors="replace"))
    if size > MOST_BYTES:
        raise refuse("sheet", "bytes", size, f"at most {MOST_BYTES}")
    text = _decoded(data) if isinstance(data, bytes) else data.removeprefix("\ufeff")
    if "\0" in text:
        raise refuse("sheet", "contents", "not text", "a table as text or CSV")
    lines = text.count("\n") + text.count("\r") - text.count("\r\n")
    if lines > MOST_LINES:
        raise refuse("sheet", "lines", lines, f"at most {MOST_LINES}")
    heading = next((line for line in text.splitlines() if line.strip()), "")
    separator = max("\t;,", key=heading.count)
    try:
        return [
            [cell.strip() for cell in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        ]
    except csv.Error as error:
        raise refuse("sheet", "contents", error, "a table as text or CSV") from None


def read_sheet(
    cells: Sequence[Sequence[str]], people: Iterable[Known], settings: SheetSettings
) -> SheetReading:
    """Rows of results out of the cells of a table, the first that is not empty its heading.

    Raises `TrainingFault` when the table as a whole cannot be read: headings missing or twice, no
    rows, too many. Everything else is a reason in `faults`.
    """
    numbered = [(number, row) for number, row in enumerate(cells, 1) if any(map(str.strip, row))]
    if not numbered:
        raise refuse("sheet", "rows", "none", "a heading and at least one row")
    (_, heading), *body = numbered
    columns = _columns(heading)
    if not body:
        raise refuse("sheet", "rows", "none", "at least one row under the heading")
    if len(body) > settings.most_rows:
        raise refuse("sheet", "rows", len(body), f"at most {settings.most_rows}")
    register = _register(people)
    rows: list[SheetRow] = []
    faults: list[Fault] = []
    seen: dict[MediatorId, int] = {}
    for number, row in body:
        values = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
        found = _row(number, values, register, settings, seen)
        if isinstance(found, SheetRow):
            rows.append(found)
        else:
            faults.extend(found)
    return SheetReading(tuple(rows), tuple(faults))


def _row(
    number: int,
    values: Mapping[str, str],
    register: Mapping[str, set[MediatorId]],
    settings: SheetSettings,
    seen: dict[MediatorId, int],
) -> SheetRow | list[Fault]:
    """A good row, or every reason against it."""
    faults: list[Fault] = []
    thing = f"row {number}"
    naming = [values[name] for name in _NAMING if values.get(name)]
    mediator = _person(thing, naming, register, faults)
    if mediator is not None:
        faults += _person_faults(thing, mediator, naming[0], settings, seen)
        seen.setdefault(mediator, number)
    result = _result(thing, values["result"], faults)
    on = _day(thing, values.get("date", ""), settings, faults)
    minutes = _minutes(thing, values.get("minutes", ""), faults)
    if faults or mediator is None or result is None or on is None:
        return faults
    return SheetRow(number, mediator, result, on, minutes, values.get("note", ""))


def _columns(heading: Sequence[str]) -> dict[str, int]:
    """Where each column is. Raises with every heading that is missing or there twice."""
    meant = {word: name for name, listed in _HEADINGS.items() for word in listed}
    names = [meant.get(_plain(cell)) for cell in heading]
    shown = ", ".join(cell for cell in heading if cell)[:200] or "nothing"
    lacking = [
        *(() if set(_NAMING) & set(names) else _NAMING[:1]),
        *(() if "result" in names else ("result",)),
    ]
    faults = [
        Fault("heading", name, "missing", f"one of {', '.join(_HEADINGS[name])}; found {shown}")
        for name in lacking
    ]
    faults += [
        Fault("heading", name, f"{count} columns", "one column")
        for name, count in Counter(name for name in names if name).items()
        if count > 1
    ]
    if faults:
        raise TrainingFault(faults)
    return {name: at for at, name in enumerate(names) if name}


def _register(people: Iterable[Known]) -> dict[str, set[MediatorId]]:
    """What people may be called → whom it means; more than one means nobody can tell."""
    register: dict[str, set[MediatorId]] = {}
    for known in people:
        for called in (known.name, known.email, known.number):
            if called.strip():
                register.setdefault(_plain(called), set()).add(known.mediator)
    return register


def _person(
    thing: str,
    naming: Sequence[str],
    register: Mapping[str, set[MediatorId]],
    faults: list[Fault],
) -> MediatorId | None:
    """The one person whom all naming cells of a row may mean."""
    meant = [register.get(_plain(text), set()) for text in naming]
    unknown = [text for text, found in zip(naming, meant, strict=True) if not found]
    found = set.intersection(*meant) if meant else set()
    if len(found) == 1:
        return next(iter(found))
    if unknown or not naming:
        expected = "a known name, mail address or number"
        faults += [Fault(thing, "person", _shown(text), expected) for text in unknown or [""]]
    elif found:
        expected = f"a mail address or number too: {len(found)} people have this name"
        faults.append(Fault(thing, "person", _shown(naming[0]), expected))
    else:
        shown = " and ".join(map(_shown, naming))
        faults.append(Fault(thing, "person", shown, "one and the same person"))
    return None


def _person_faults(
    thing: str,
    mediator: MediatorId,
    text: str,
    settings: SheetSettings,
    seen: Mapping[MediatorId, int],
) -> Iterator[Fault]:
    if mediator in seen:
        expected = f"one result for a person; row {seen[mediator]} has one"
        yield Fault(thing, "person", _shown(text), expected)
    if mediator in settings.recorded:
        expected = "somebody without a result; correct the one there is"
        yield Fault(thing, "person", _shown(text), expected)
    if settings.enrolled is not None and mediator not in settings.enrolled:
        yield Fault(thing, "person", _shown(text), "somebody enrolled in the session")


def _result(thing: str, text: str, faults: list[Fault]) -> Result | None:
    plain = _plain(text)
    for result, listed in _RESULTS.items():
        if plain in listed:
            return result
    faults.append(
        Fault(
            thing, "result", _shown(text), "passed, failed or absent (aprovado, reprovado, faltou)"
        )
    )
    return None


def _day(thing: str, text: str, settings: SheetSettings, faults: list[Fault]) -> date | None:
    day = settings.day if not text else _parsed_date(text)
    span = f"{settings.first_day} to {settings.last_day}"
    if day is None:
        faults.append(Fault(thing, "date", _shown(text), f"a date from {span}, as 2026-03-14"))
    elif not settings.first_day <= day <= settings.last_day:
        faults.append(Fault(thing, "date", str(day), f"a day from {span}"))
        return None
    return day


def _parsed_date(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, no instant
        except ValueError:
            continue
    return None


def _minutes(thing: str, text: str, faults: list[Fault]) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= MOST_MINUTES:
        return int(text)
    faults.append(Fault(thing, "minutes", _shown(text), f"a whole number, 0 to {MOST_MINUTES}"))
    return None


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _plain(text: str) -> str:
    """Without case, accents and doubled spaces, so that "José  SÁ" is "jose sa"."""
    bare = unicodedata.normalize("NFKD", text.replace("º", "o").replace("ª", "a"))
    kept = "".join(one for one in bare if not unicodedata.combining(one))
    return " ".join(kept.casefold().split())


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
