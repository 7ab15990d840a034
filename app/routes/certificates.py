"""Certificates: the paper for who may see its holder, and the check that anybody can make."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g, render_template
from flask_login import login_required

from app import settings_of
from app.i18n import _, _l
from app.routes import formats
from app.routes.common import current_actor, keys, origin
from app.services import certificate_pdf, limits
from app.services.certificate_pdf import CertificateFacts, CertificateWords
from app.services.certificates import CertificationState
from app.services.errors import NotFound

blueprint = Blueprint("certificates", __name__, url_prefix="/certificates")

STATES = {
    CertificationState.VALID: _l("This certificate is valid today."),
    CertificationState.NOT_YET: _l("This certificate is not valid yet."),
    CertificationState.EXPIRED: _l("This certificate has expired."),
    CertificationState.WITHDRAWN: _l("This certificate was withdrawn."),
}


@blueprint.get("/<number>")
def check(number: str) -> str:
    """For anybody who holds the paper: valid, expired or withdrawn, and nothing more."""
    try:
        kept, state = certificate_pdf.public_state(number, g.now)
    except NotFound:
        limits.count(limits.CERTIFICATE_MISSES, keys().disguise(origin()), g.now)
        raise
    return render_template(
        "certificates/check.html", number=kept, state=state, sentence=STATES[state]
    )


@blueprint.get("/<number>.pdf")
@login_required
def pdf(number: str) -> Response:
    facts = certificate_pdf.certificate_facts(current_actor(), number)
    paper = certificate_pdf.render_pdf(_words(facts), g.now)
    return Response(
        paper,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{facts.number}.pdf"'},
    )


def _words(facts: CertificateFacts) -> CertificateWords:
    english = formats.language() == "en"
    course = facts.course_title_en if english else facts.course_title_pt
    kind = facts.kind_name_en if english else facts.kind_name_pt
    course_line = _("has passed the course “%(course)s”", course=course)
    if facts.minutes:
        length = formats.hours(facts.minutes)
        course_line = _(
            "has passed the course “%(course)s” (%(length)s)", course=course, length=length
        )
    if not course:
        course_line = _("is certified for %(kind)s", kind=kind)
    lines = [_("Certified for: %(kind)s", kind=kind)] if course else []
    if facts.completed_on:
        lines.append(_("Completed on %(date)s", date=formats.date_full(facts.completed_on)))
    first = formats.date_full(facts.valid_from)
    if facts.valid_until:
        last = formats.date_full(facts.valid_until)
        lines.append(_("Valid from %(first)s to %(last)s", first=first, last=last))
    else:
        lines.append(_("Valid from %(first)s, without end", first=first))
    address = f"{settings_of(current_app).public_url}/certificates/{facts.number}"
    return CertificateWords(
        language=formats.language(),
        issuer=_("National support centres for the integration of migrants"),
        title=_("Certificate"),
        says=_("It is certified that"),
        name=facts.mediator_name,
        course=course_line,
        lines=tuple(lines),
        check=_("Whether it is valid today can be checked at"),
        qr_says=_("QR code of the address where the certificate can be checked"),
        number_says=_("Certificate number"),
        number=facts.number,
        address=address,
    )
