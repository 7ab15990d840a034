"""An association's ledger: its people's hours, languages and certificates, and its protocols.

For coordinators and for the association's own contacts; nothing of absences, nothing of others.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.i18n import _
from app.services.associations import AssociationView, ProtocolFacts, get_association
from app.services.certificates import CertificationState
from app.services.directory import (
    CertificateView,
    MediatorFilter,
    certificates_of,
    look_up_mediators,
)
from app.services.horizon import network_date
from app.services.mediators import MediatorView
from app.services.months import month_of, read_month
from app.services.rights import Actor
from app.services.sheets_out import OutTable
from app.services.worked import Worked, worked_between

ENDS_SOON = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    mediator: MediatorView
    month: Worked
    year: Worked
    certificates: tuple[CertificateView, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    association: AssociationView
    month: dt.date
    """Its first day."""
    earlier: dt.date
    later: dt.date
    lines: tuple[LedgerLine, ...]
    protocol: ProtocolFacts | None
    """In force on the last day of the month, or today in the current month."""
    ends_soon: bool
    next_protocol: ProtocolFacts | None

    @property
    def month_minutes(self) -> int:
        return sum(one.month.minutes for one in self.lines)

    @property
    def year_minutes(self) -> int:
        return sum(one.year.minutes for one in self.lines)


def ledger(actor: Actor, association_id: int, month: str | None, now: dt.datetime) -> Ledger:
    """The ledger of a month (`2026-11`, by default this one). Raises NotFound, Forbidden."""
    association = get_association(actor, association_id)
    today = network_date(now)
    first, last = month_of(read_month(month, today))
    day = min(max(today, first), last)
    people = look_up_mediators(
        actor, MediatorFilter(association_id=association_id, include_inactive=True)
    )
    ids = [one.id for one in people]
    of_month = worked_between(first, last, ids)
    of_year = worked_between(first.replace(month=1, day=1), last, ids)
    current = next(
        (one for one in association.protocols if one.starts_on <= day <= one.ends_on), None
    )
    coming = next((one for one in association.protocols if one.starts_on > day), None)
    return Ledger(
        association=association,
        month=first,
        earlier=(first - dt.timedelta(days=1)).replace(day=1),
        later=last + dt.timedelta(days=1),
        lines=tuple(
            LedgerLine(one, of_month[one.id], of_year[one.id], certificates_of(actor, one.id, now))
            for one in people
            if one.active or of_year[one.id].minutes
        ),
        protocol=current,
        ends_soon=current is not None and current.ends_on <= day + ENDS_SOON,
        next_protocol=coming,
    )


def ledger_table(found: Ledger, languages: dict[str, str]) -> OutTable:
    """The ledger as a table; `languages` names them."""
    counts = (CertificationState.VALID, "soon")
    rows = tuple(
        (
            line.mediator.code,
            line.mediator.name,
            line.mediator.home_office_name,
            ", ".join(languages.get(one.code, one.code) for one in line.mediator.languages),
            ", ".join(
                f"{one.name} ({one.valid_until:%Y-%m-%d})" if one.valid_until else one.name
                for one in line.certificates
                if one.state in counts
            ),
            line.mediator.week_minutes,
            line.month.work_minutes,
            line.month.training_minutes,
            line.year.minutes,
        )
        for line in found.lines
    )
    header = (
        _("code"),
        _("name"),
        _("office"),
        _("languages"),
        _("valid certificates (last day)"),
        _("contract minutes a week"),
        _("worked minutes in the month"),
        _("training minutes in the month"),
        _("minutes in the year"),
    )
    return OutTable(_("Ledger"), header, rows)
