"""A day of an office to be simulated, and the visitors drawn for each of its replications."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from forecast.arrays import FloatArray, IntArray
from forecast.erlang import Target
from forecast.faults import Fault, refuse
from forecast.office import OfficeForecast
from forecast.queueing import Office, Server
from forecast.requirements import LANGUAGE_PREFIX, Desk, ServiceTimes

NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class ServingMediator:
    """A mediator on a day. skills: languages and certifications (`lang:uk`, `cert:legal`).

    serving: the intervals [start, end) in which they receive visitors: the shift less its breaks
    and whatever else keeps them busy.
    """

    id: str
    skills: frozenset[str]
    serving: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class Manners:
    """How visitors and the office behave.

    patience_minutes: mean of the exponential time a visitor is ready to wait; None: they never
    give up. phone_after_minutes: a visitor still waiting then is sent to the telephone service;
    None: never. service_cv: coefficient of variation of service times; 1 is exponential, others
    are lognormal.
    """

    target: Target = field(default_factory=Target)
    patience_minutes: float | None = 60.0
    phone_after_minutes: float | None = 30.0
    service_cv: float = 1.0

    def __post_init__(self) -> None:
        given = [
            ("patience_minutes", self.patience_minutes),
            ("phone_after_minutes", self.phone_after_minutes),
            ("service_cv", self.service_cv),
        ]
        refuse(
            [
                Fault("manners", name, value, "a number above 0")
                for name, value in given
                if value is not None and not value > 0
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class OfficeDay:
    """A day of an office to be simulated.

    starts: the open slots [n], each slot_minutes long. mean: arrivals [n, languages, needs].
    spread: variance of the day's factor (mean 1) on them all.
    """

    starts: tuple[datetime, ...]
    slot_minutes: int
    languages: tuple[str, ...]
    needs: tuple[str, ...]
    mean: FloatArray
    spread: float
    mediators: tuple[ServingMediator, ...]
    service: ServiceTimes = field(default_factory=ServiceTimes)
    desks: tuple[Desk, ...] = ()
    manners: Manners = field(default_factory=Manners)

    def __post_init__(self) -> None:
        refuse(_day_faults(self))

    @staticmethod
    def of_forecast(
        forecast: OfficeForecast,
        day: date,
        mediators: Iterable[ServingMediator],
        *,
        service: ServiceTimes | None = None,
        desks: Sequence[Desk] = (),
        manners: Manners | None = None,
    ) -> OfficeDay:
        """The local day of a forecast with the mediators who serve on it.

        A desk's visitors are served by any holder of its skill, by telephone interpreting if
        they share no language; those who do speak it are taken first.
        """
        chosen = forecast.grid.days == day.toordinal()
        return OfficeDay(
            tuple(s for s, keep in zip(forecast.starts, chosen, strict=True) if keep),
            forecast.grid.slot_minutes,
            forecast.languages,
            forecast.needs,
            forecast.mean[chosen],
            float(forecast.total_spread[chosen].mean()) if chosen.any() else 0.0,
            tuple(mediators),
            service or ServiceTimes(),
            tuple(desks),
            manners or Manners(),
        )

    def with_demand(self, factor: float) -> OfficeDay:
        """What if `factor` times as many came?"""
        return replace(self, mean=self.mean * factor)

    def without(self, *mediators: str) -> OfficeDay:
        """What if these mediators were away?"""
        return replace(self, mediators=tuple(m for m in self.mediators if m.id not in mediators))


def _day_faults(day: OfficeDay) -> list[Fault]:
    faults = []
    shape = (len(day.starts), len(day.languages), len(day.needs))
    if day.mean.shape != shape:
        faults.append(Fault("day", "mean", day.mean.shape, f"the shape {shape}"))
    elif not (np.isfinite(day.mean).all() and (day.mean >= 0).all()):
        faults.append(Fault("day", "mean", "negative or infinite", "finite numbers ≥ 0"))
    if not day.spread >= 0:
        faults.append(Fault("day", "spread", day.spread, "a number ≥ 0"))
    for mediator in day.mediators:
        last = None
        for start, end in mediator.serving:
            if not start < end or (last is not None and start < last):
                expected = "intervals in order, none overlapping, each of some length"
                faults.append(
                    Fault(f"mediator {mediator.id}", "serving", f"{start} to {end}", expected)
                )
            last = end
    return faults


@dataclass(frozen=True, slots=True, eq=False)
class Visitors:
    """The visitors of one replication in order of arrival; all arrays [visitors], in minutes."""

    arrival: FloatArray
    language: IntArray
    queue: IntArray
    service: FloatArray
    patience: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What does not change from one replication to the next.

    Queue j is the languages' pool for language j; queue (1 + d)·L + j is desk d's for it.
    origin: the full hour, in UTC, from which minutes are counted.
    """

    day: OfficeDay
    origin: datetime
    hours: int
    office: Office
    slot_at: FloatArray
    """Minutes at which each slot begins [n]."""
    service_minutes: FloatArray
    """[languages, needs]."""
    queue_of: IntArray
    """[languages, needs]."""

    @staticmethod
    def of(day: OfficeDay) -> Plan:
        first = min(day.starts) if day.starts else datetime(1970, 1, 1, tzinfo=UTC)
        origin = first.replace(minute=0, second=0, microsecond=0)
        slot_at = np.array([_minutes(start - origin) for start in day.starts])
        length = float(slot_at.max(initial=0.0)) + day.slot_minutes
        return Plan(
            day,
            origin,
            int(np.ceil(length / 60)),
            _office(day, origin),
            slot_at,
            day.service.table(day.languages, day.needs),
            _queue_of(day),
        )

    def draw(self, rng: np.random.Generator) -> Visitors:
        """The visitors of one day."""
        day = self.day
        factor = rng.gamma(1 / day.spread, day.spread) if day.spread > 0 else 1.0
        counts = rng.poisson(day.mean * factor)
        slot, language, need = (
            np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape)
        )
        arrival = self.slot_at[slot] + rng.random(len(slot)) * day.slot_minutes
        order = np.argsort(arrival, kind="stable")
        slot, language, need = slot[order], language[order], need[order]
        mean = self.service_minutes[language, need]
        patience = day.manners.patience_minutes
        return Visitors(
            arrival[order],
            language,
            self.queue_of[language, need],
            _service(rng, mean, day.manners.service_cv),
            np.full(len(mean), NEVER) if patience is None else rng.exponential(patience, len(mean)),
        )


def _service(rng: np.random.Generator, mean: FloatArray, cv: float) -> FloatArray:
    """Service times of the given means and coefficient of variation."""
    if cv == 1.0:
        return rng.exponential(mean)
    variance = np.log1p(cv * cv)
    return np.asarray(mean * rng.lognormal(-variance / 2, np.sqrt(variance), len(mean)))


def _minutes(length: timedelta) -> float:
    return length.total_seconds() / 60


def _queue_of(day: OfficeDay) -> IntArray:
    languages = len(day.languages)
    desk_at = {need: d for d, desk in enumerate(day.desks) for need in desk.needs}
    queue = np.empty((languages, len(day.needs)), dtype=np.int64)
    for k, need in enumerate(day.needs):
        queue[:, k] = (1 + desk_at.get(need, -1)) * languages + np.arange(languages)
    return queue


def _office(day: OfficeDay, origin: datetime) -> Office:
    """The servers, and whom each queue looks for first: speakers, then the least versatile."""
    speaks = [
        {j for j, name in enumerate(day.languages) if LANGUAGE_PREFIX + name in mediator.skills}
        for mediator in day.mediators
    ]
    versatility = [len(mediator.skills) for mediator in day.mediators]
    preference: list[tuple[int, ...]] = []
    for desk in (None, *day.desks):
        for j in range(len(day.languages)):
            able = [
                (j not in speaks[m], versatility[m], m)
                for m, mediator in enumerate(day.mediators)
                if (j in speaks[m] if desk is None else desk.skill in mediator.skills)
            ]
            preference.append(tuple(m for _, _, m in sorted(able)))
    servers = tuple(
        Server(
            frozenset(q for q, able in enumerate(preference) if m in able),
            tuple(
                (_minutes(start - origin), _minutes(end - origin))
                for start, end in mediator.serving
            ),
        )
        for m, mediator in enumerate(day.mediators)
    )
    return Office(servers, tuple(preference))
