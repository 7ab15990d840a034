"""People out of a file: each row checked as the form is, all of them saved or none.

A code that is there already changes that person; a new code adds one. What the file has no column
for stays as it is, or, for a new person, as the form would propose it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.i18n import _
from app.models import Association, ContractRegime, Gender, Language, LanguageLevel, Office
from app.services import mediators, uploads
from app.services.errors import Forbidden, InputFault, Invalid
from app.services.mediator_facts import MediatorFacts, OtherOffice, SpokenLanguage
from app.services.names import sorting_key
from app.services.rights import Actor, require_any_coordinator
from app.services.sheet_values import as_moment
from app.services.sheets import Line, Table
from app.services.trial import trial
from app.services.uploads import Columns, FileRead

PURPOSE = "people"
REQUIRED = ("code", "name", "association", "regime", "home_office", "languages", "starts_on")
SYNONYMS = {
    "code": ("code", "codigo", "id", "numero"),
    "name": ("name", "nome", "full name", "nome completo"),
    "called_name": ("called name", "known as", "nome usado", "nome habitual", "tratamento"),
    "email": ("email", "e-mail", "mail", "correio", "correio eletronico"),
    "association": ("association", "associacao"),
    "regime": ("regime", "contract", "contrato", "vinculo"),
    "home_office": ("office", "home office", "centro", "centro habitual", "local", "usual office"),
    "other_offices": ("other offices", "outros centros", "may also work at"),
    "languages": ("languages", "linguas", "idiomas", "language", "lingua"),
    "week_hours": ("hours a week", "week hours", "horas por semana", "horas semanais", "horas"),
    "shift_least_hours": ("shortest shift", "turno mais curto", "turno minimo"),
    "shift_most_hours": ("longest shift", "turno mais longo", "turno maximo"),
    "starts_on": ("first day", "starts on", "inicio", "primeiro dia", "desde"),
    "ends_on": ("last day", "ends on", "fim", "ultimo dia", "ate"),
    "gender": ("gender", "sex", "genero", "sexo"),
}
FIELDS = tuple(SYNONYMS)
LEVELS = {
    "native": LanguageLevel.NATIVE,
    "nativo": LanguageLevel.NATIVE,
    "nativa": LanguageLevel.NATIVE,
    "materna": LanguageLevel.NATIVE,
    "fluent": LanguageLevel.FLUENT,
    "fluente": LanguageLevel.FLUENT,
    "working": LanguageLevel.WORKING,
    "profissional": LanguageLevel.WORKING,
    "trabalho": LanguageLevel.WORKING,
}
GENDERS = {
    "": "",
    "woman": Gender.WOMAN,
    "female": Gender.WOMAN,
    "mulher": Gender.WOMAN,
    "feminino": Gender.WOMAN,
    "f": Gender.WOMAN,
    "man": Gender.MAN,
    "male": Gender.MAN,
    "homem": Gender.MAN,
    "masculino": Gender.MAN,
    "m": Gender.MAN,
    "other": Gender.OTHER,
    "outro": Gender.OTHER,
    "outra": Gender.OTHER,
}
_COLUMN_OF = {
    "association_id": "association",
    "regime_id": "regime",
    "home_office_id": "home_office",
    "week_minutes": "week_hours",
    "shift_least_minutes": "shift_least_hours",
    "shift_most_minutes": "shift_most_hours",
}


@dataclass(frozen=True, slots=True)
class PeoplePreview:
    file: FileRead
    new: tuple[str, ...]
    """Names of those who would be added."""
    changed: tuple[tuple[str, tuple[str, ...]], ...]
    """Name and the fields that would be other than they are."""
    same: int

    @property
    def ready(self) -> bool:
        return not self.file.fault_count and bool(self.new or self.changed)


def take_in(actor: Actor, name: str, content: bytes, now: dt.datetime) -> int:
    """Keep a file of people; its id. Raises Invalid at `file`, Forbidden."""
    require_any_coordinator(actor)
    return uploads.keep(actor, PURPOSE, "", name, content, now)


def preview(
    actor: Actor, upload_id: int, now: dt.datetime, mapping: Mapping[str, int] | None = None
) -> PeoplePreview:
    """What bringing it in would do: tried out in a transaction that is taken back."""
    require_any_coordinator(actor)
    row, table = uploads.find(actor, upload_id, PURPOSE)
    done = _Bringing(actor, table, now, mapping)
    with trial(keep=False):
        done.run()
    return PeoplePreview(
        file=done.columns.file_read(row),
        new=tuple(done.new),
        changed=tuple(done.changed),
        same=done.same,
    )


def carry_out(
    actor: Actor, upload_id: int, now: dt.datetime, mapping: Mapping[str, int] | None = None
) -> int:
    """Save everybody in the file; how many were added or changed. Raises Invalid, then nothing
    is saved."""
    require_any_coordinator(actor)
    row, table = uploads.find(actor, upload_id, PURPOSE)
    done = _Bringing(actor, table, now, mapping)
    with trial(keep=True):
        done.run()
        if done.columns.faults:
            raise done.columns.refused(row.name)
        row.delete_instance()
    return len(done.new) + len(done.changed)


class _Bringing:
    """Lines into mediators, one after the other, every fault collected on the way."""

    def __init__(
        self,
        actor: Actor,
        table: Table,
        now: dt.datetime,
        mapping: Mapping[str, int] | None,
    ) -> None:
        self.actor, self.now = actor, now
        self.columns = Columns(table, mapping, SYNONYMS)
        self.associations = _named(Association.select(), "code", "name")
        self.regimes = _named(ContractRegime.select(), "code", "name_pt", "name_en")
        self.offices = _named(Office.select().where(Office.active), "code", "name")
        self.languages = _named(Language.select(), "code", "name_pt", "name_en", key="code")
        self.regime_rows = {one.id: one for one in ContractRegime.select()}
        self.people = {one.code: one for one in mediators.list_mediators(actor, None, True)}
        self.new: list[str] = []
        self.changed: list[tuple[str, tuple[str, ...]]] = []
        self.same = 0

    def run(self) -> None:
        if not self.columns.require(REQUIRED):
            return
        seen: set[str] = set()
        for line in self.columns.table.lines:
            code = self.columns.text(line, "code").lower()
            if code in seen:
                self.columns.fault(line, "code", _("a code that no line above has"))
                continue
            seen.add(code)
            self._line(line, code)

    def _line(self, line: Line, code: str) -> None:
        before = len(self.columns.faults)
        known = self.people.get(code)
        facts = self._facts(line, code, known)
        if facts is None or len(self.columns.faults) > before:
            return
        if known is not None:
            was = MediatorFacts(**{name: getattr(known, name) for name in _NAMES})
            differs = tuple(name for name in _NAMES if getattr(was, name) != getattr(facts, name))
            if not differs:
                self.same += 1
                return
        try:
            if known is None:
                mediators.create_mediator(self.actor, facts, self.now)
                self.new.append(facts.name)
            else:
                mediators.edit_mediator(self.actor, known.id, facts, self.now)
                self.changed.append(
                    (facts.name, tuple(_COLUMN_OF.get(name, name) for name in differs))
                )
        except Invalid as error:
            for fault in error.faults:
                self._place(line, fault)
        except Forbidden:
            self.columns.fault(line, "home_office", _("an office that you coordinate"))

    def _place(self, line: Line, fault: InputFault) -> None:
        """A fault of the service at the column it comes from."""
        field = fault.field.partition(".")[0]
        self.columns.fault(line, _COLUMN_OF.get(field, field), fault.expected)

    def _facts(
        self, line: Line, code: str, known: mediators.MediatorView | None
    ) -> MediatorFacts | None:
        association = self._one(line, "association", self.associations, _("an association's code"))
        regime = self._one(line, "regime", self.regimes, _("a regime's code or name"))
        office = self._one(line, "home_office", self.offices, _("an office's code or name"))
        others = self._other_offices(line)
        languages = self._languages(line)
        starts_on = self._date(line, "starts_on")
        ends_on = self._date(line, "ends_on") if self.columns.text(line, "ends_on") else None
        if association is None or regime is None or office is None or starts_on is None:
            return None
        row = self.regime_rows[regime]
        week = self._minutes(line, "week_hours")
        least = self._minutes(line, "shift_least_hours")
        most = self._minutes(line, "shift_most_hours")
        facts = MediatorFacts(
            code=code,
            name=self.columns.text(line, "name"),
            called_name=self.columns.text(line, "called_name"),
            email=self.columns.text(line, "email"),
            association_id=association,
            regime_id=regime,
            home_office_id=office,
            languages=languages,
            other_offices=others,
            week_minutes=row.week_minutes if week is None else week,
            shift_least_minutes=row.day_minutes if least is None else least,
            shift_most_minutes=row.day_minutes if most is None else most,
            starts_on=starts_on,
            ends_on=ends_on,
            gender=self._gender(line),
        )
        return self._kept(facts, known) if known else facts

    def _kept(self, facts: MediatorFacts, known: mediators.MediatorView) -> MediatorFacts:
        """What the file has no column for, of somebody who is there, stays as it is."""
        columns = {field: _COLUMN_OF.get(field, field) for field in _NAMES}
        kept: dict[str, Any] = {
            field: getattr(known, field)
            for field, column in columns.items()
            if not self.columns.has(column)
        }
        return replace(facts, **kept)

    def _one(self, line: Line, field: str, known: Mapping[str, Any], expected: str) -> int | None:
        found: int | None = known.get(sorting_key(self.columns.text(line, field)))
        if found is None:
            self.columns.fault(line, field, expected)
        return found

    def _other_offices(self, line: Line) -> tuple[OtherOffice, ...]:
        found = []
        for name in _listed(self.columns.text(line, "other_offices")):
            office = self.offices.get(sorting_key(name))
            if office is None:
                self.columns.fault(line, "other_offices", _("codes or names of offices"))
            else:
                found.append(OtherOffice(office))
        return tuple(found)

    def _languages(self, line: Line) -> tuple[SpokenLanguage, ...]:
        """`uk:native, ru` or `ucraniano (nativo), russo`; without a level, fluent."""
        found = []
        for part in _listed(self.columns.text(line, "languages")):
            told = re.fullmatch(r"\s*([^:(]+?)\s*(?:[:(]\s*([^)]*?)\s*\)?)?\s*", part)
            code = self.languages.get(sorting_key(told[1])) if told else None
            level = LEVELS.get(sorting_key(told[2] or "fluent")) if told else None
            if code is None or level is None:
                expected = _("languages such as uk:native, ru:fluent")
                self.columns.fault(line, "languages", expected)
                return ()
            found.append(SpokenLanguage(code, level))
        return tuple(sorted(found, key=lambda one: one.code))

    def _gender(self, line: Line) -> str:
        found = GENDERS.get(sorting_key(self.columns.text(line, "gender")))
        if found is None:
            self.columns.fault(line, "gender", _("woman, man, other or nothing"))
        return str(found or "")

    def _date(self, line: Line, field: str) -> dt.date | None:
        value = as_moment(self.columns.cell(line, field))
        if value is None:
            self.columns.fault(line, field, _("a date such as 24/12/2026 or 2026-12-24"))
        return value.date() if isinstance(value, dt.datetime) else value

    def _minutes(self, line: Line, field: str) -> int | None:
        """Hours such as 35, 37:30 or 37,5 as minutes; None where the cell is empty."""
        text = self.columns.text(line, field)
        if not text:
            return None
        clock = re.fullmatch(r"(\d{1,2}):([0-5]\d)", text)
        if clock:
            return int(clock[1]) * 60 + int(clock[2])
        if re.fullmatch(r"\d{1,2}([.,]\d{1,2})?", text):
            return round(float(text.replace(",", ".")) * 60)
        self.columns.fault(line, field, _("hours such as 35 or 37:30"))
        return None


_NAMES = tuple(MediatorFacts.__dataclass_fields__)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;/|]", text) if part.strip()]


def _named(query: Any, *names: str, key: str = "id") -> dict[str, Any]:
    """What rows are called → their key."""
    return {sorting_key(getattr(row, name)): getattr(row, key) for row in query for name in names}
