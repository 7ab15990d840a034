"""The form of a mediator, and the way between it and what the service takes."""

from __future__ import annotations

import dataclasses
import datetime as dt

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    FieldList,
    Form,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from app.i18n import _, _l
from app.models import LanguageLevel
from app.routes.fields import DayField, DurationField, options
from app.routes.formats import hours
from app.routes.words import GENDERS, LEVELS, language_names, named
from app.services.associations import AssociationView
from app.services.mediator_facts import MediatorFacts, OtherOffice, SpokenLanguage
from app.services.mediators import MediatorView
from app.services.names import sorting_key
from app.services.nomination_view import NominationView
from app.services.places import LanguageView, OfficeView
from app.services.regimes import RegimeView

BLANK_ROWS = 2
LANGUAGE_ROWS = 4
LANGUAGES_MOST = 20


class SpokenForm(Form):
    code = SelectField(_l("language"), validate_choice=False)
    level = SelectField(
        _l("level"),
        choices=options(LEVELS.items()),
        default=LanguageLevel.FLUENT,
        validate_choice=False,
    )


class MediatorForm(FlaskForm):
    name = StringField(_l("Full name"))
    called_name = StringField(_l("Name the person uses"))
    code = StringField(_l("Code"))
    email = EmailField(_l("Mail address"))
    association_id = SelectField(_l("Association"), coerce=int, validate_choice=False)
    languages = FieldList(FormField(SpokenForm), _l("Language"), max_entries=LANGUAGES_MOST)
    home_office_id = SelectField(_l("Usual office"), coerce=int, validate_choice=False)
    other_offices = SelectMultipleField(
        _l("May also work at"),
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    phone_from_home = BooleanField(_l("Serves the telephone from home"))
    regime_id = SelectField(_l("Contract"), coerce=int, validate_choice=False)
    week_minutes = DurationField(_l("Hours a week"), default=40 * 60)
    shift_least_minutes = DurationField(_l("Shortest shift"), default=4 * 60)
    shift_most_minutes = DurationField(_l("Longest shift"), default=8 * 60)
    starts_on = DayField(_l("Contract begins"))
    ends_on = DayField(_l("Contract ends"), optional=True)
    gender = SelectField(_l("Gender"), choices=options(GENDERS.items()), validate_choice=False)
    active = BooleanField(_l("Is planned in rosters"), default=True)


def offer_choices(
    form: MediatorForm,
    associations: list[AssociationView],
    offices: dict[int, str],
    regimes: list[RegimeView],
    languages: list[LanguageView],
) -> None:
    """Fill the lists to choose from, and leave blank rows for more languages."""
    form.association_id.choices = options((one.id, one.name) for one in associations)
    form.home_office_id.choices = options(offices.items())
    form.other_offices.choices = options(offices.items())
    form.regime_id.choices = options((one.id, _regime_words(one)) for one in regimes)
    offer_languages(form, languages)
    form.week_minutes.expected = _("half hours, from 1 hour to the contract's week")
    form.shift_least_minutes.expected = _("half hours, from 0:30 to the contract's day")
    form.shift_most_minutes.expected = _("half hours, the shortest shift to the contract's day")


def offer_languages(form: FlaskForm, languages: list[LanguageView]) -> None:
    """Fill the lists of languages, with blank rows for more."""
    filled = sum(1 for row in form.languages if row.form.code.data)
    while len(form.languages) < min(LANGUAGES_MOST, max(LANGUAGE_ROWS, filled + BLANK_ROWS)):
        form.languages.append_entry()
    names = sorted(language_names(languages).items(), key=lambda pair: sorting_key(pair[1]))
    for row in form.languages:
        row.form.code.choices = options([("", "—"), *names])


def _regime_words(regime: RegimeView) -> str:
    name, week = named(regime), hours(regime.week_minutes)
    day = hours(regime.longest_day_minutes)
    return str(
        _("%(name)s (at most %(week)s a week, %(day)s a day)", name=name, week=week, day=day)
    )


def form_of(mediator: MediatorView) -> MediatorForm:
    """The form of someone known, as they are."""
    told = {name: getattr(mediator, name) for name in MediatorFacts.__dataclass_fields__}
    told["languages"] = [dataclasses.asdict(one) for one in mediator.languages]
    told["other_offices"] = [one.office_id for one in mediator.other_offices]
    return MediatorForm(data=told)


def form_of_nomination(person: NominationView) -> MediatorForm:
    """The form of a mediator-to-be, as the association proposed them."""
    told = {
        "name": person.mediator_name,
        "email": person.email,
        "association_id": person.association_id,
        "languages": [dataclasses.asdict(one) for one in person.languages],
    }
    if person.office_id is not None:
        told["home_office_id"] = person.office_id
    return MediatorForm(data=told)


def offered_offices(offices: list[OfficeView], before: MediatorView | None) -> dict[int, str]:
    """Offices to choose from: those the reader coordinates, and the one that stands."""
    kept = {before.home_office_id: before.home_office_name} if before else {}
    return {one.id: one.name for one in offices} | kept


def facts_of(
    form: MediatorForm, before: MediatorView | None, offered: dict[int, str], today: dt.date
) -> MediatorFacts:
    """What the form says. Of `before` it keeps what the form does not show: the cost of an
    other office, and offices that were not offered to this reader.

    A usual office that was not offered becomes a fault of the form; one that was stands in.
    """
    if form.home_office_id.data not in offered:
        form.home_office_id.errors = [_("expected one of the offices listed")]
    costs = {one.office_id: one for one in before.other_offices} if before else {}
    hidden = [one for office_id, one in costs.items() if office_id not in offered]
    chosen = [costs.get(one, OtherOffice(one)) for one in form.other_offices.data or ()]
    return MediatorFacts(
        code=(form.code.data or "").strip(),
        name=(form.name.data or "").strip(),
        called_name=(form.called_name.data or "").strip(),
        email=(form.email.data or "").strip(),
        association_id=form.association_id.data or 0,
        regime_id=form.regime_id.data or 0,
        week_minutes=form.week_minutes.data,
        shift_least_minutes=form.shift_least_minutes.data,
        shift_most_minutes=form.shift_most_minutes.data,
        home_office_id=_offered_home(form, offered),
        starts_on=form.starts_on.data or today,
        ends_on=form.ends_on.data,
        active=form.active.data,
        fictional=before.fictional if before else False,
        gender=form.gender.data or "",
        phone_from_home=form.phone_from_home.data,
        languages=spoken_languages(form),
        other_offices=(*hidden, *chosen),
    )


def locate(form: FlaskForm, fault: str) -> Field | None:
    """The field of a fault inside a row, e.g. `languages.1.level`; of none, the first row."""
    what, _dot, rest = fault.partition(".")
    number, _dot, part = rest.partition(".")
    if what == "other_offices":
        return form.other_offices
    if what == "languages":
        row = _filled(form)[int(number)] if number else form.languages[0]
        return row.form._fields.get(part or "code")
    return None


def _offered_home(form: MediatorForm, offered: dict[int, str]) -> int:
    chosen: int = form.home_office_id.data
    return chosen if chosen in offered else next(iter(offered), 0)


def spoken_languages(form: FlaskForm) -> tuple[SpokenLanguage, ...]:
    """What the rows of languages say; blank ones say nothing."""
    return tuple(_spoken(row) for row in _filled(form))


def _filled(form: FlaskForm) -> list[FormField]:
    return [row for row in form.languages if row.form.code.data]


def _spoken(row: FormField) -> SpokenLanguage:
    level = row.form.level.data
    known = level in set(LanguageLevel)
    return SpokenLanguage(row.form.code.data, LanguageLevel(level) if known else level)
