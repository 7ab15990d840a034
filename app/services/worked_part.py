"""What was worked of a shift that ends early: a shift of its own, so that its hours still count."""

from __future__ import annotations

import json
from dataclasses import replace

from app.services.judging import drafts
from app.services.open_drafts import OpenDraft
from solver import problem as sp


def worked_until(shift: sp.Shift, end: int, day_start: int) -> sp.Shift:
    """`shift` up to slot `end`; a break that lasts until then is none."""
    pauses = tuple(one for one in shift.breaks if one.end < end)
    cut = [one for one in shift.breaks if one.start < end <= one.end]
    last = cut[0].start if cut else end
    told = "".join(f"b{one.start - day_start}-{one.end - day_start}" for one in pauses)
    office_and_date = shift.id.rpartition(".")[0]
    return replace(
        shift,
        id=f"{office_and_date}.{shift.start - day_start}-{last - day_start}{told}",
        end=last,
        breaks=pauses,
    )


def with_worked(draft: OpenDraft, code: str, shift: sp.Shift) -> OpenDraft:
    """The draft on a problem in which `code` may work `shift`, however short it is."""
    problem = draft.problem
    slots = len(shift.worked)
    wider = replace(
        problem,
        shifts=problem.shifts if shift.id in problem.shift_by_id else (*problem.shifts, shift),
        mediators=tuple(
            replace(one, shift_slots=(min(one.shift_slots[0], slots), one.shift_slots[1]))
            if one.id == code
            else one
            for one in problem.mediators
        ),
    )
    text = json.dumps(wider.to_json(), separators=(",", ":"))
    return replace(draft, problem=wider, judged=drafts.get(text, draft.judged.assignments))
