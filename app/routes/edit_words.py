"""What an edit does, in words: reasons for and against, and edits told after the fact."""

from __future__ import annotations

from collections.abc import Callable

from app.i18n import _, _n
from app.routes.formats import article, clock, day_short, hours
from app.services.edit_log import CellChange, EditTold
from app.services.effects import Effect
from app.services.reach import Reach
from app.services.roster_changes import ShiftTimes

Reason = tuple[str, str]
"""`good`, `bad` or `plain`, and the words."""
MOST_COVER = 4


def reasons(effect: Effect) -> list[Reason]:
    """What speaks for a change and against it, the weightiest first."""
    if effect.broken:
        return [
            ("bad", f"{one.text} ({article(one.article)})" if one.article else one.text)
            for one in effect.broken
        ]
    found: list[Reason] = []
    for one in sorted(effect.cover, key=lambda one: -abs(one.minutes))[:MOST_COVER]:
        told = {"language": one.label, "hours": hours(abs(one.minutes))}
        if one.minutes < 0:
            found.append(("good", _("%(language)s: %(hours)s less missing", **told)))
        else:
            found.append(("bad", _("%(language)s: %(hours)s more missing", **told)))
    return found + _all_in_all(effect) + _own_reasons(effect)


def published_words(done: str, reach: Reach) -> str:
    """What was done, how many were told of it, and whom to telephone."""
    told = [done]
    if reach.told:
        told.append(
            _n(
                "%(num)d person whose hours change is told.",
                "%(num)d people whose hours change are told.",
                reach.told,
            )
        )
    if reach.without_account:
        names = ", ".join(reach.without_account)
        told.append(_("To be telephoned, having no account: %(names)s.", names=names))
    return " ".join(told)


def _all_in_all(effect: Effect) -> list[Reason]:
    """Of cover that was weighed and not put into words: whether it gains or loses."""
    change = 0 if effect.cover else effect.parts.get("cover", 0)
    if not change:
        return []
    if change < 0:
        return [("good", _("less missing, all languages together"))]
    return [("bad", _("more missing, all languages together"))]


def _own_reasons(effect: Effect) -> list[Reason]:
    return [
        ("bad", _MORE[term]()) if cost > 0 else ("good", _LESS[term]())
        for term, cost in effect.parts.items()
        if term in _MORE
    ]


_MORE: dict[str, Callable[[], str]] = {
    "hours": lambda: _("further from the hours of the contract"),
    "wishes": lambda: _("against a wish"),
    "office": lambda: _("away from the home office"),
    "unsocial": lambda: _("another evening or Saturday"),
    "change": lambda: _("changes hours that people know"),
}
_LESS: dict[str, Callable[[], str]] = {
    "hours": lambda: _("nearer to the hours of the contract"),
    "wishes": lambda: _("meets a wish"),
    "office": lambda: _("nearer to the home office"),
    "unsocial": lambda: _("an evening or Saturday less"),
    "change": lambda: _("back to hours that people know"),
}


def edit_words(edit: EditTold) -> str:
    """Joana undid: Ana, Mon 9 Mar: 09:00–13:00, Lisboa → off."""
    cells = "; ".join(_cell_words(one) for one in edit.cells)
    if edit.undone:
        return _("undone: %(what)s", what=cells)
    return cells


def _cell_words(cell: CellChange) -> str:
    where = f"{cell.mediator}, {day_short(cell.date)}"
    if cell.locked is not None and cell.before == cell.after:
        return f"{where}: " + (_("locked") if cell.locked else _("unlocked"))
    return f"{where}: {_times(cell.before)} → {_times(cell.after)}"


def _times(times: ShiftTimes | None) -> str:
    if times is None:
        return _("off")
    return (
        f"{clock(times.starts_at, times.zone)}–{clock(times.ends_at, times.zone)}, {times.office}"
    )
