"""States and qualities of rosters and weeks in plain words."""

from __future__ import annotations

from app.i18n import _


def quality(cost: int | None, bound: int | None) -> str:
    """How good a roster is for certain, in a sentence."""
    if cost is None or bound is None:
        return _("How good it could be at best is not known.")
    if bound >= cost:
        return _("No better roster exists.")
    percent = -(-100 * (cost - bound) // max(1, cost))
    return _("No roster can be more than %(percent)d %% better.", percent=percent)


def roster_status(status: str) -> str:
    return {
        "draft": _("Draft"),
        "published": _("Published"),
        "superseded": _("Replaced"),
    }.get(str(status), str(status))


def week_stage(stage: str) -> str:
    return {
        "nothing": _("Nothing yet"),
        "forecast": _("Foreseen"),
        "requirements": _("Needs known"),
        "draft": _("Draft"),
        "published": _("Published"),
    }.get(str(stage), str(stage))


def search_step(step: str) -> str:
    """What a build is doing; empty for steps that say nothing to people."""
    return {
        "relaxation": _("Measuring how good a roster could be at all."),
        "bound": _("Proving how good a roster could be at all."),
        "construction": _("Placing the days of work."),
        "improvement": _("Improving the roster."),
    }.get(step, "")


def option_words(options: dict[str, object]) -> list[str]:
    """What a build was asked for; empty for a draft that was not built."""
    told = {
        "keep_locks": _("locks kept"),
        "few_changes": _("fewest changes"),
        "even_evenings": _("evenings and Saturdays shared more evenly"),
        "other_offices": _("people at other offices too"),
    }
    if not told.keys() & options.keys():
        return []
    asked = [words for name, words in told.items() if options.get(name)]
    return asked or [_("none of the options")]


FILTERS = (roster_status, week_stage)
