"""The form of how one wants to be told by mail."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField

from app.i18n import _l
from app.models import MailChoice
from app.routes.fields import options
from app.routes.mail_words import CHOICES

HOURS = range(24)


class MailForm(FlaskForm):
    choice = RadioField(_l("By mail"), choices=options(CHOICES.items()))
    digest_hour = SelectField(
        _l("Hour of the daily mail"),
        choices=options((hour, f"{hour:02d}:00") for hour in HOURS),
        coerce=int,
    )

    @property
    def chosen(self) -> MailChoice:
        return MailChoice(self.choice.data)

    def label_of(self, choice: MailChoice) -> str:
        return str(CHOICES[choice])
