"""The courses that must be passed before another, and who lacks one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from app.models import Completion, Course
from app.services.training_records import completion_record, course_catalogue
from training import records
from training.eligibility import missing_prerequisites


def missing_before(
    course: Course,
    mediator_id: int,
    completed_on: dt.date,
    catalogue: dict[str, records.Course] | None = None,
) -> list[str]:
    """Codes of required courses that the mediator had not passed by that day, equivalences and
    the days on which older versions stop counting told in. Without a `catalogue` it is read."""
    return lacking_before(course, [mediator_id], completed_on, catalogue).get(mediator_id, [])


def lacking_before(
    course: Course,
    mediator_ids: Sequence[int],
    on: dt.date,
    catalogue: dict[str, records.Course] | None = None,
) -> dict[int, list[str]]:
    """The same of many people; those who lack nothing are left out."""
    if not course.prerequisites.exists():
        return {}
    catalogue = catalogue or course_catalogue()
    version = next(one for one in catalogue[course.code].versions if one.version == course.version)
    rows = Completion.select(Completion, Course).join(Course)
    theirs = rows.where(Completion.mediator.in_(mediator_ids), Completion.replaced_at.is_null())
    held: dict[int, list[records.Completion]] = defaultdict(list)
    for row in theirs:
        held[row.mediator_id].append(completion_record(row))
    lacking = {
        one: sorted(missing_prerequisites(version, held[one], catalogue, on))
        for one in mediator_ids
    }
    return {one: codes for one, codes in lacking.items() if codes}
