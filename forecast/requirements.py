"""What staffing is asked with and answers with: service times, desks, rules; needs and reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import numpy as np

from forecast.arrays import FloatArray
from forecast.erlang import Target
from forecast.faults import Fault, refuse

LANGUAGE_PREFIX = "lang:"
"""A language as a skill: `lang:uk`."""
MEASURED_PRIOR = 10
"""Logged services that the default service time is worth."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Services logged of a need: how many, and the minutes they took all together."""

    services: int
    minutes: float


@dataclass(frozen=True, slots=True)
class ServiceTimes:
    """Mean minutes a visitor is served: by need, and a factor where a language takes longer.

    A need that is not listed, and an unsaid one, takes `default_minutes`. measured: what of the
    times was logged, by need (see `learned`).
    """

    minutes: Mapping[str, float] = field(default_factory=dict)
    default_minutes: float = 15.0
    language_factor: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, Measured] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given = [("default_minutes", self.default_minutes)]
        given += [(f"minutes of {need}", value) for need, value in self.minutes.items()]
        given += [(f"factor of {name}", value) for name, value in self.language_factor.items()]
        refuse(
            [
                Fault("service times", name, value, "a number above 0")
                for name, value in given
                if not (value > 0 and np.isfinite(value))
            ]
        )

    def learned(self, logged: Mapping[str, Measured]) -> ServiceTimes:
        """These times moved towards those logged of each need, the more the more were logged.

        Each mean is shrunk towards the one assumed as if MEASURED_PRIOR services had taken that.
        Raises BadInput naming every need whose services did not last above 0 minutes.
        """
        refuse(
            [
                Fault(f"services of {need}", "minutes", found.minutes, "a number above 0")
                for need, found in logged.items()
                if found.services < 0
                or (found.services and not (found.minutes > 0 and np.isfinite(found.minutes)))
            ]
        )
        minutes = dict(self.minutes)
        for need, found in logged.items():
            assumed = self.minutes.get(need, self.default_minutes)
            minutes[need] = (found.minutes + MEASURED_PRIOR * assumed) / (
                found.services + MEASURED_PRIOR
            )
        return replace(self, minutes=minutes, measured=dict(logged))

    def of(self, language: str, need: str) -> float:
        """Mean minutes of a visitor of a language with a need."""
        minutes = self.minutes.get(need, self.default_minutes)
        return minutes * self.language_factor.get(language, 1.0)

    def table(self, languages: Sequence[str], needs: Sequence[str]) -> FloatArray:
        """[languages, needs] in minutes."""
        return np.array([[self.of(language, need) for need in needs] for language in languages])


@dataclass(frozen=True, slots=True)
class Desk:
    """A support desk: the needs it serves, the skill (`cert:legal`) its mediators must hold.

    minimum: mediators it keeps throughout the opening hours, expected visitors or not.
    """

    id: str
    needs: frozenset[str]
    skill: str
    minimum: int = 0


@dataclass(frozen=True, slots=True)
class StaffingRules:
    """What an office promises.

    minimum_heads: mediators for the languages' pool whenever the office is open. presence_chance:
    how likely a visitor of a language within two hours must be for its presence to be asked.
    common_load: mean load, in mediators, from which a language takes part in the quota.
    """

    target: Target = field(default_factory=Target)
    minimum_heads: int = 1
    presence_chance: float = 0.25
    common_load: float = 0.25

    def __post_init__(self) -> None:
        faults = []
        if self.minimum_heads < 0:
            faults.append(Fault("rules", "minimum_heads", self.minimum_heads, "a number ≥ 0"))
        if not 0 < self.presence_chance <= 1:
            expected = "above 0, at most 1"
            faults.append(Fault("rules", "presence_chance", self.presence_chance, expected))
        if not self.common_load >= 0:
            faults.append(Fault("rules", "common_load", self.common_load, "a number ≥ 0"))
        refuse(faults)


class Kind(StrEnum):
    LANGUAGE = "language"
    """Exclusive: so many mediators busy with this language."""
    ANY = "any"
    """Exclusive: so many mediators of whatever language, for the languages too rare to count."""
    DESK = "desk"
    """Exclusive: so many mediators at this desk."""
    PRESENCE = "presence"
    """Not exclusive: a speaker in the building, whatever else they do."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The numbers that made a requirement.

    arrivals: expected in the slot, of this language or desk. arrivals_q80: its 0.8 quantile.
    load: mediators they would keep busy. pool_arrivals, pool_load, pool_heads: of the whole pool.
    share_within: share of the pool's visitors expected to wait no longer than target_minutes.
    service_minutes: mean of the pool; measured_services: of how many services logged it is made
    (none: assumed). quota: this language's part of the heads, before rounding.
    chance: probability of at least one visitor of the language within two hours. raised: by how
    many the count was raised because the language fell short in simulated days; simulated_within:
    the share of its visitors of the day then received in time, before raising (None: not raised).
    """

    arrivals: float
    arrivals_q80: float
    load: float
    pool_arrivals: float
    pool_load: float
    pool_heads: int
    share_within: float
    target_share: float
    target_minutes: float
    service_minutes: float
    measured_services: int
    quota: float
    chance: float
    raised: int = 0
    simulated_within: float | None = None


@dataclass(frozen=True, slots=True)
class StaffingNeed:
    """Mediators asked for in one slot [start, end): all of `needs` (skills) in each of them.

    minimum: those without whom the language or desk is not served at all.
    """

    start: datetime
    end: datetime
    kind: Kind
    id: str
    """The language or the desk."""
    needs: tuple[str, ...]
    count: int
    minimum: int
    exclusive: bool
    reason: Reason
