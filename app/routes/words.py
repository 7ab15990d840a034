"""The words for what the tables hold by code."""

from __future__ import annotations

from app.i18n import _l
from app.models import (
    AbsenceKind,
    Admission,
    Gender,
    LanguageLevel,
    LateCause,
    NominationStatus,
    OfficeKind,
    RequestStatus,
)
from app.routes.formats import language
from app.services.places import LanguageView

OFFICE_KINDS = {
    OfficeKind.CENTRE: _l("National centre"),
    OfficeKind.LOCAL_CENTRE: _l("Local centre"),
    OfficeKind.TELEPHONE: _l("Telephone service"),
    OfficeKind.MOBILE_UNIT: _l("Mobile unit"),
}
ADMISSIONS = {
    Admission.WALK_IN: _l("walk-in"),
    Admission.APPOINTMENT: _l("by appointment"),
    Admission.BOTH: _l("walk-in and by appointment"),
}
LEVELS = {
    LanguageLevel.NATIVE: _l("native"),
    LanguageLevel.FLUENT: _l("fluent"),
    LanguageLevel.WORKING: _l("working"),
}
GENDERS = {
    "": _l("not given"),
    Gender.WOMAN: _l("woman"),
    Gender.MAN: _l("man"),
    Gender.OTHER: _l("other"),
}
ABSENCES = {
    AbsenceKind.LEAVE: _l("Leave"),
    AbsenceKind.SICKNESS: _l("Sickness"),
    AbsenceKind.OTHER: _l("Other"),
}
REQUESTS = {
    RequestStatus.ASKED: _l("asked"),
    RequestStatus.APPROVED: _l("approved"),
    RequestStatus.DECLINED: _l("declined"),
}
NOMINATIONS = {
    NominationStatus.PROPOSED: _l("proposed"),
    NominationStatus.ACCEPTED: _l("accepted"),
    NominationStatus.DECLINED: _l("declined"),
    NominationStatus.WITHDRAWN: _l("taken back"),
}
LATE_CAUSES = {
    LateCause.COORDINATOR: _l("the coordinator's decision"),
    LateCause.ABSENCE: _l("somebody could not come"),
    LateCause.SWAP: _l("the two agreed on a swap"),
    LateCause.LOAN: _l("lent to another office"),
}
WEEKDAYS = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)


def named(one: object) -> str:
    """The reader's of the names `name_pt` and `name_en` of a view."""
    return str(getattr(one, "name_en" if language() == "en" else "name_pt"))


def language_names(languages: list[LanguageView]) -> dict[str, str]:
    return {one.code: named(one) for one in languages}
