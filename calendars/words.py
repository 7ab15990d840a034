"""The few words a calendar adds by itself, in the languages it has them in.

Everything else (desk, office, course) arrives already translated.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    busy: str
    cancelled: str
    break_: str
    breaks: str
    zone_time: dict[str, str]
    other_zone: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    map_title: str
    month_title: str
    week: str
    person: str
    rest_day: str
    posted_by: str
    first_posted: str
    changed_late: str
    version: str
    printed_from: str
    total_hours: str
    page: str
    legend_break: str
    signature: str
    no_shifts: str
    month_columns: tuple[str, str, str, str]
    long_date: str
    region: str
    """Whose usage of the language it is, as a sheet's language is told (ISO 3166)."""


_PT = Words(
    busy="Ocupado",
    cancelled="Cancelado",
    break_="Pausa",
    breaks="Pausas",
    zone_time={
        "Europe/Lisbon": "hora de Lisboa",
        "Atlantic/Madeira": "hora da Madeira",
        "Atlantic/Azores": "hora dos Açores",
    },
    other_zone="hora de {place}",
    weekdays=("seg", "ter", "qua", "qui", "sex", "sáb", "dom"),
    months=(
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ),
    map_title="Mapa de horário de trabalho",
    month_title="A minha escala",
    week="Semana de {start} a {end}",
    person="Mediador",
    rest_day="Folga",
    posted_by="A afixar até {date} (7 dias antes; Código do Trabalho, art. 217.º)",
    first_posted=(
        "Afixado pela primeira vez a {date}, menos de sete dias antes da semana "
        "(Código do Trabalho, art. 217.º)"
    ),
    changed_late="Alteração afixada depois de {date} (art. 217.º); ver o registo de alterações",
    version="Versão {version}",
    printed_from="publicada em {instant}",
    total_hours="Horas",
    page="Página {page} de {pages}",
    legend_break="pausa",
    signature="Responsável",
    no_shifts="Sem turnos neste período.",
    month_columns=("Dia", "Horário", "Pausas", "Onde"),
    long_date="{day} de {month} de {year}",
    region="PT",
)

_EN = Words(
    busy="Busy",
    cancelled="Cancelled",
    break_="Break",
    breaks="Breaks",
    zone_time={
        "Europe/Lisbon": "Lisbon time",
        "Atlantic/Madeira": "Madeira time",
        "Atlantic/Azores": "Azores time",
    },
    other_zone="{place} time",
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    map_title="Schedule map",
    month_title="My shifts",
    week="Week of {start} to {end}",
    person="Mediator",
    rest_day="Rest day",
    posted_by="To be posted by {date} (7 days ahead; Labour Code, art. 217)",
    first_posted=(
        "First posted on {date}, less than seven days before the week (Labour Code, art. 217)"
    ),
    changed_late="Change posted after {date}, the date of art. 217; see the register of changes",
    version="Version {version}",
    printed_from="published {instant}",
    total_hours="Hours",
    page="Page {page} of {pages}",
    legend_break="break",
    signature="Responsible",
    no_shifts="No shifts in this period.",
    month_columns=("Day", "Hours", "Breaks", "Where"),
    long_date="{day} {month} {year}",
    region="GB",
)

_WORDS = {"pt": _PT, "en": _EN}
LANGUAGES = tuple(_WORDS)


def nearest(language: str) -> str:
    """Which of `LANGUAGES` a reader of that language tag gets: English for want of their own."""
    code = language.lower().partition("-")[0]
    return code if code in _WORDS else "en"


def words(language: str) -> Words:
    """The words that a reader of that language tag gets."""
    return _WORDS[nearest(language)]


def zone_words(zone: str, language: str) -> str:
    """A time zone as people say it: "hora dos Açores", "Lisbon time"."""
    catalogue = words(language)
    place = zone.rsplit("/", 1)[-1].replace("_", " ")
    return catalogue.zone_time.get(zone, catalogue.other_zone.format(place=place))
