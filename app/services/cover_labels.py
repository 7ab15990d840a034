"""What a row of cover is called: its language first, so that a narrow column keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.i18n import _
from app.services.cover import Demand, RowKey

LANGUAGE = "lang:"
PRESENCE = "presence"
KIND_ORDER = {"language": 0, "desk": 1, "anyone": 2, PRESENCE: 3}


def languages_in(skills: Iterable[str]) -> tuple[str, ...]:
    """The codes of the languages among skills."""
    return tuple(one.removeprefix(LANGUAGE) for one in skills if one.startswith(LANGUAGE))


def languages_first(skills: Iterable[str]) -> list[str]:
    return sorted(skills, key=lambda skill: (not skill.startswith(LANGUAGE), skill))


def in_words(needs: Iterable[str], names: Mapping[str, str]) -> str:
    """Skills by name, languages first."""
    return " + ".join(names.get(skill, skill.partition(":")[2]) for skill in languages_first(needs))


class Labels:
    """Names of the rows of one office's demand.

    Certifications that every row asks for say nothing of a row; they are left out of the names
    and told once, as `common`.
    """

    def __init__(self, demand: Demand) -> None:
        self._names = demand.names
        asked = [set(key.needs) for key in demand.table]
        shared = set.intersection(*asked) if len(asked) > 1 else set()
        self._shared = {skill for skill in shared if not skill.startswith(LANGUAGE)}

    @property
    def common(self) -> tuple[str, ...]:
        """Certifications asked of everybody here, by name."""
        return tuple(sorted(self._name(skill) for skill in self._shared))

    def text(self, key: RowKey) -> str:
        told = self.short(key)
        return told if key.exclusive else _("%(skill)s (present)", skill=told)

    def short(self, key: RowKey) -> str:
        """The same under a heading that says whether places or presence are told."""
        return in_words(self._needs(key), self._names) or _("Anyone")

    def tag(self, key: RowKey) -> str:
        """Two or three letters for a language asked for alone; else empty."""
        needs = self._needs(key)
        if not needs or not all(one.startswith(LANGUAGE) for one in needs):
            return ""
        return "+".join(languages_in(needs)).upper()

    def kind(self, key: RowKey) -> str:
        """`language`, `desk`, `presence` or `anyone`."""
        if not key.exclusive:
            return PRESENCE
        needs = self._needs(key)
        if not needs:
            return "anyone"
        return "language" if all(one.startswith(LANGUAGE) for one in needs) else "desk"

    def _needs(self, key: RowKey) -> list[str]:
        """What sets the row apart, languages first."""
        return languages_first(skill for skill in key.needs if skill not in self._shared)

    def _name(self, skill: str) -> str:
        return self._names.get(skill, skill.partition(":")[2])
