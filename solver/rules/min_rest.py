"""Between the end of a duty day and the start of the next lies the mediator's rest.

The last duty before the horizon counts as well. Eleven hours in Portugal: Código do Trabalho,
article 214.
"""

from __future__ import annotations

from collections.abc import Iterator

from solver.result import Violation
from solver.view import View

NAME = "min_rest"


def violations(view: View) -> Iterator[Violation]:
    for duty in view.duties:
        end = duty.mediator.history.last_end
        for day, span in zip(duty.days, duty.spans, strict=True):
            if end is not None and span.start - end < duty.mediator.min_rest_slots:
                yield Violation(
                    NAME, {"mediator": duty.mediator.id, "day": day, "slots": span.start - end}
                )
            end = span.end
