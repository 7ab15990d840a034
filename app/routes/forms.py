"""What the forms of every area share."""

from __future__ import annotations

from flask_wtf import FlaskForm

from app.i18n import _
from app.services.errors import Invalid


def add_faults(form: FlaskForm, error: Invalid) -> None:
    """Put a service's faults at the fields they name; those of no field at the form's top."""
    for fault in error.faults:
        text = _("expected %(expected)s", expected=fault.expected)
        field = form._fields.get(fault.field)
        if field is None:
            form.form_errors.append(f"{fault.field}: {text}")
        else:
            field.errors = [*field.errors, text]
