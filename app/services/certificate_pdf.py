"""Certificates: the paper (PDF), and what a stranger may learn of a number."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import segno
import typst

from app.i18n import _
from app.models import Certification, Completion, Course, Mediator
from app.services.certificates import CertificationState, state_of
from app.services.errors import Conflict, NotFound
from app.services.horizon import network_date
from app.services.mediators import get_mediator
from app.services.rights import Actor
from calendars.schedule_map import lacks_a_letter
from training.certificate import read_number

log = logging.getLogger("escala.certificates")

TEMPLATE = Path(__file__).parent.parent / "templates" / "certificates" / "certificate.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What a certificate says, of a certification that the actor may see."""

    number: str
    mediator_name: str
    """The full name; on paper nobody is called by a short one."""
    kind_name_pt: str
    kind_name_en: str
    course_title_pt: str
    course_title_en: str
    minutes: int
    """Length of the course; 0 where no result of ours issued it."""
    completed_on: dt.date | None
    valid_from: dt.date
    valid_until: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateWords:
    """The words of the paper, in the reader's language."""

    language: str
    issuer: str
    title: str
    says: str
    name: str
    course: str
    lines: tuple[str, ...]
    check: str
    qr_says: str
    number_says: str
    number: str
    address: str


def public_state(number: str, now: dt.datetime) -> tuple[str, CertificationState]:
    """The number as it is kept and how it stands today; whose it is and of what stays untold.

    Raises NotFound for a number never given.
    """
    row = _row(number)
    return row.number, state_of(row, network_date(now))


def certificate_facts(actor: Actor, number: str) -> CertificateFacts:
    """Raises NotFound, Forbidden for who may not see the mediator, Conflict once withdrawn."""
    row = _row(number)
    get_mediator(actor, row.mediator_id)
    if row.withdrawn_at is not None:
        raise Conflict(_("This certification is withdrawn; there is no certificate of it."))
    completion = (
        Completion.select(Completion, Course)
        .join(Course)
        .where(Completion.id == row.completion_id)
        .get_or_none()
    )
    course = completion.course if completion else None
    mediator: Mediator = row.mediator
    return CertificateFacts(
        number=row.number,
        mediator_name=mediator.name,
        kind_name_pt=row.kind.name_pt,
        kind_name_en=row.kind.name_en,
        course_title_pt=course.title_pt if course else "",
        course_title_en=course.title_en if course else "",
        minutes=course.minutes if course else 0,
        completed_on=completion.completed_on if completion else None,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def render_pdf(words: CertificateWords, now: dt.datetime) -> bytes:
    """The paper as tagged PDF, its QR code leading to `words.address`.

    It keeps to PDF/UA-1 unless a name is written in a script that no font here has: that standard
    allows no missing letter, and somebody's paper must come out all the same.
    """
    data = asdict(words) | {"qr": _qr(words.address)}
    try:
        return _compiled(data, ["ua-1"], now)
    except typst.TypstError as error:
        if not lacks_a_letter(error):
            raise
        # The error shows the text itself, which may be somebody's name.
        log.warning("A certificate is not PDF/UA: no font has one of its characters")
        return _compiled(data, [], now)


def _compiled(data: dict[str, Any], standards: Any, now: dt.datetime) -> bytes:
    paper: bytes = typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=standards,
        timestamp=now.replace(microsecond=0),
    )
    return paper


def _qr(address: str) -> str:
    written = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(written, kind="svg", xmldecl=False, border=2, scale=4)
    return written.getvalue().decode()


def _row(number: str) -> Certification:
    """By the number as typed; older numbers, of another form, only as they are written."""
    kept = read_number(number) or number
    row = Certification.get_or_none(Certification.number == kept)
    if row is None:
        raise NotFound
    return row
