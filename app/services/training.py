"""Training's services by one name: courses, sessions, completions, certifications."""

from app.services.certificates import (
    CertificationState,
    CertificationView,
    certifications_of,
    expiring,
    reinstate_certification,
    withdraw_certification,
)
from app.services.completions import (
    Attended,
    CompletionView,
    Recorded,
    completions_of,
    correct_completion,
    record_completion,
    remove_completion,
)
from app.services.courses import (
    CourseFacts,
    CourseView,
    create_course,
    edit_course,
    get_course,
    list_courses,
    runs_course,
)
from app.services.enrolments import EnrolmentView, cancel_enrolment, enrol, enrolments_of
from app.services.session_checks import SessionFacts
from app.services.sessions import (
    SessionView,
    create_session,
    edit_session,
    get_session,
    remove_session,
    sessions_of,
)

__all__ = [
    "Attended",
    "CertificationState",
    "CertificationView",
    "CompletionView",
    "CourseFacts",
    "CourseView",
    "EnrolmentView",
    "Recorded",
    "SessionFacts",
    "SessionView",
    "cancel_enrolment",
    "certifications_of",
    "completions_of",
    "correct_completion",
    "create_course",
    "create_session",
    "edit_course",
    "edit_session",
    "enrol",
    "enrolments_of",
    "expiring",
    "get_course",
    "get_session",
    "list_courses",
    "record_completion",
    "reinstate_certification",
    "remove_completion",
    "remove_session",
    "runs_course",
    "sessions_of",
    "withdraw_certification",
]
