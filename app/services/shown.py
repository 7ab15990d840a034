"""What a coordinator was shown before publishing, against what would be published now."""

from __future__ import annotations

from dataclasses import dataclass

from app.i18n import _
from app.models import Roster
from app.services.errors import Conflict
from app.services.standing import current_roster


@dataclass(frozen=True, slots=True)
class Shown:
    """The draft's revision, and the version that it would replace."""

    revision: int
    replaces: int | None
    """The id of the roster that was published then."""


class NotAsShown(Conflict):
    """Publishing would do something else than what was shown."""


def refuse_unseen(roster: Roster, shown: Shown | None) -> None:
    """Raises NotAsShown where the draft or the published version is another than was shown.

    Call while the week is held. Who looked at nothing, such as a command, passes None.
    """
    if shown is None:
        return
    published = current_roster(roster.group_id, roster.week_starts_on)
    if (published.id if published else None) != shown.replaces:
        raise NotAsShown(
            _("Another version has been published since you looked; what would change is below.")
        )
    if roster.revision != shown.revision:
        raise NotAsShown(
            _("This draft has been edited since you looked; what would change is below.")
        )
