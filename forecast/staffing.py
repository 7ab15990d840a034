"""From expected arrivals to the mediators an office must ask for, slot by slot, with reasons.

Visitors of all languages share one pool of mediators, who speak several languages each: fifteen
separate queues would need half as many people again. So the heads of a slot are those that the
pooled queue needs (`erlang.heads_needed`), and languages only divide them:

1. *Quota.* Each common language has its share of the slot's offered load (averaged over two
   hours, so that counts do not flicker) times the pooled heads; the languages that are not
   common have theirs together, as mediators of any language.
2. *Largest remainder.* It is given the whole part of its quota; the heads left over go one each
   to the largest remainders. The exclusive counts of a slot thus add up to the pooled heads.
3. *Presence.* A language that is given nobody, but of which a visitor is likely within two
   hours, asks for the presence of one speaker, who serves others meanwhile. A rare language
   gets presence, never a fraction of a person. Languages less likely than that are left to the
   telephone service.

Needs that only a certified mediator may serve have a desk: a pool of its own, by the same rules.
Where every visitor is received first and then goes on to the desk, the pool keeps its visitors
and the desk has them as well (`staff_desk`). Who goes straight to a desk is none of the pool's
(`at_reception`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from forecast.arrays import BoolArray, FloatArray, IntArray
from forecast.counts import quantiles
from forecast.erlang import heads_needed, offered_load
from forecast.faults import Fault, refuse
from forecast.office import OfficeForecast
from forecast.requirements import (
    LANGUAGE_PREFIX,
    Desk,
    Kind,
    Reason,
    ServiceTimes,
    StaffingNeed,
    StaffingRules,
)

SMOOTHING_MINUTES = 120
ANY = "any"
"""The id of what is asked for visitors whose languages have no count of their own."""


@dataclass(frozen=True, slots=True, eq=False)
class StaffingPlan:
    """needs: every requirement in order of time. heads: mediators of the languages' pool [n].
    desk_heads: of each desk, by id [n]."""

    needs: tuple[StaffingNeed, ...]
    heads: IntArray
    desk_heads: Mapping[str, IntArray]


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
    """One queue. arrivals, arrivals_q80, load, chance: [n, languages]; the others [n]."""

    arrivals: FloatArray
    arrivals_q80: FloatArray
    total: FloatArray
    total_q80: FloatArray
    load: FloatArray
    total_load: FloatArray
    chance: FloatArray
    service_minutes: FloatArray
    measured_services: int
    heads: IntArray
    within: FloatArray


def staff_office(
    forecast: OfficeForecast,
    service: ServiceTimes,
    *,
    desks: Sequence[Desk] = (),
    rules: StaffingRules | None = None,
    straight: BoolArray | None = None,
) -> StaffingPlan:
    """The mediators an office needs to meet its target, by language and desk.

    straight: [n, needs], who goes straight to a desk that is not one of `desks`. They are not
    received by the pool, but somebody who speaks their language is to be present as for others.

    Raises BadInput where two desks claim the same need or share an id.
    """
    refuse(_desk_faults(desks))
    rules = rules or StaffingRules()
    at_desk = {desk.id: [need in desk.needs for need in forecast.needs] for desk in desks}
    pooled = np.ones(len(forecast.needs), dtype=np.bool_)
    for chosen in at_desk.values():
        pooled &= ~np.array(chosen, dtype=np.bool_)
    received = at_reception(forecast, straight)
    languages = _pool(received, service, pooled, rules, rules.minimum_heads)
    if straight is not None:
        heard = (forecast.mean * pooled).sum(axis=2)
        languages = replace(languages, chance=_chance(forecast, heard))
    needs = _language_needs(forecast, languages, rules)
    desk_heads = {}
    for desk in desks:
        pool = _pool(forecast, service, np.array(at_desk[desk.id]), rules, desk.minimum)
        desk_heads[desk.id] = pool.heads
        needs += _desk_needs(forecast, desk, pool, rules)
    needs.sort(key=lambda need: (need.start, need.kind, need.id))
    return StaffingPlan(tuple(needs), languages.heads, desk_heads)


def at_reception(forecast: OfficeForecast, straight: BoolArray | None) -> OfficeForecast:
    """The forecast without those who go straight to a desk, [n, needs]; None where nobody does."""
    if straight is None:
        return forecast
    return replace(forecast, mean=forecast.mean * ~straight[:, None, :])


def staff_desk(
    forecast: OfficeForecast,
    service: ServiceTimes,
    desk: Desk,
    keeps: BoolArray,
    rules: StaffingRules | None = None,
) -> list[StaffingNeed]:
    """What a desk asks for in the slots it keeps open, for the visitors expected in them.

    keeps: [n], the slots of the forecast in which it is open; who comes in others waits for no
    desk. The count meets the office's target and is never below `desk.minimum`.
    """
    inside = replace(forecast, mean=forecast.mean * keeps[:, None, None])
    chosen = np.array([need in desk.needs for need in forecast.needs])
    rules = rules or StaffingRules()
    pool = _pool(inside, service, chosen, rules, desk.minimum)
    pool = replace(pool, heads=np.where(keeps, pool.heads, 0))
    return _desk_needs(inside, desk, pool, rules)


def _desk_faults(desks: Sequence[Desk]) -> list[Fault]:
    faults = []
    owner: dict[str, str] = {}
    ids = [desk.id for desk in desks]
    for desk in desks:
        if ids.count(desk.id) > 1:
            faults.append(Fault(f"desk {desk.id}", "id", desk.id, "an id of its own"))
        for need in sorted(desk.needs):
            if owner.setdefault(need, desk.id) != desk.id:
                expected = f"a need no other desk serves ({owner[need]} does)"
                faults.append(Fault(f"desk {desk.id}", "needs", need, expected))
    return faults


def _pool(
    forecast: OfficeForecast,
    service_times: ServiceTimes,
    chosen: np.ndarray[tuple[int], np.dtype[np.bool_]],
    rules: StaffingRules,
    minimum_heads: int,
) -> _Pool:
    """The queue of the visitors with the chosen needs, of all languages."""
    minutes = service_times.table(forecast.languages, forecast.needs)
    mean = forecast.mean * chosen
    slot_minutes = forecast.grid.slot_minutes
    gaps = _gaps(forecast.starts, slot_minutes)
    load = np.zeros(mean.shape[:2])
    for value in np.unique(minutes):
        of_that_length = np.where(minutes == value, mean, 0.0).sum(axis=2)
        load += offered_load(of_that_length, float(value), slot_minutes, gaps)
    arrivals = mean.sum(axis=2)
    around = _around(arrivals, forecast.starts, slot_minutes)
    slots_around = SMOOTHING_MINUTES / slot_minutes
    total = arrivals.sum(axis=1)
    service = _service_minutes(mean, minutes)
    # A whole pool so quiet that a visitor in two hours is unlikely needs nobody beyond the least.
    quiet = -np.expm1(-around.sum(axis=1) * slots_around) < rules.presence_chance
    heads, within = heads_needed(
        np.where(quiet, 0.0, load.sum(axis=1)),
        service,
        forecast.total_spread,
        rules.target,
        minimum_heads,
    )
    q80 = quantiles(arrivals, np.broadcast_to(forecast.language_spread, arrivals.shape), (0.8,))
    total_q80 = quantiles(total, forecast.total_spread, (0.8,), whole=False)
    return _Pool(
        arrivals,
        q80[..., 0],
        total,
        total_q80[:, 0],
        load,
        load.sum(axis=1),
        _chance(forecast, arrivals),
        np.where(total > 0, service, 0.0),
        sum(
            found.services
            for need, found in service_times.measured.items()
            if need in forecast.needs and chosen[forecast.needs.index(need)]
        ),
        heads,
        within,
    )


def _chance(forecast: OfficeForecast, arrivals: FloatArray) -> FloatArray:
    """How likely one of `arrivals` [n, languages] is within SMOOTHING_MINUTES."""
    slot_minutes = forecast.grid.slot_minutes
    around = _around(arrivals, forecast.starts, slot_minutes)
    return np.asarray(-np.expm1(-around * (SMOOTHING_MINUTES / slot_minutes)))


def _service_minutes(mean: FloatArray, minutes: FloatArray) -> FloatArray:
    """Mean minutes of a slot's visitors, [n]; of the whole horizon's where none is expected."""
    total = mean.sum(axis=(1, 2))
    work = (mean * minutes).sum(axis=(1, 2))
    overall = float(work.sum()) / float(total.sum()) if total.sum() > 0 else float(minutes.mean())
    return np.asarray(np.where(total > 0, work / np.maximum(total, 1e-12), overall))


def _gaps(starts: Sequence[datetime], slot_minutes: int) -> FloatArray:
    """Minutes shut before each slot, [n]; the first follows a long night."""
    gaps = np.full(len(starts), 24 * 60.0)
    for i in range(1, len(starts)):
        gaps[i] = (starts[i] - starts[i - 1]).total_seconds() / 60 - slot_minutes
    return gaps


def _around(values: FloatArray, starts: Sequence[datetime], slot_minutes: int) -> FloatArray:
    """Mean of `values` [n, …] over the open slots within an hour either way of each slot."""
    reach = SMOOTHING_MINUTES // 2
    minute = np.array([start.timestamp() / 60 for start in starts])
    sums = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
    first = np.searchsorted(minute, minute - reach, side="left")
    last = np.searchsorted(minute, minute + reach, side="right")
    return np.asarray((sums[last] - sums[first]) / (last - first)[:, None])


def _language_needs(
    forecast: OfficeForecast, pool: _Pool, rules: StaffingRules
) -> list[StaffingNeed]:
    smooth = _around(pool.load, forecast.starts, forecast.grid.slot_minutes)
    common = _common(pool.load, rules)
    needs = []
    for i in range(len(smooth)):
        others = np.append(np.where(common, 0.0, smooth[i]).sum(), np.where(common, smooth[i], 0.0))
        quota = _quota(int(pool.heads[i]), others if others.sum() else np.eye(len(others))[0])
        given = largest_remainder(quota)
        if given[0]:
            reason = _reason(pool, i, None, float(quota[0]), rules)
            least = int(given.sum() == given[0])
            needs.append(_need(forecast, i, Kind.ANY, ANY, (), int(given[0]), least, reason))
        for j, language in enumerate(forecast.languages):
            present = pool.chance[i, j] >= rules.presence_chance
            if not given[j + 1] and not present:
                continue
            reason = _reason(pool, i, j, float(quota[j + 1]), rules)
            skills = (LANGUAGE_PREFIX + language,)
            if given[j + 1]:
                count = int(given[j + 1])
                needs.append(_need(forecast, i, Kind.LANGUAGE, language, skills, count, 1, reason))
            else:
                needs.append(_need(forecast, i, Kind.PRESENCE, language, skills, 1, 0, reason))
    return needs


def _common(load: FloatArray, rules: StaffingRules) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which languages have a count of their own: a load of some size, or half of all there is."""
    if not len(load):
        return np.zeros(load.shape[1], np.bool_)
    mean = load.mean(axis=0)
    return np.asarray((mean >= rules.common_load) | (mean >= 0.5 * max(mean.sum(), 1e-12)))


def _quota(heads: int, load: FloatArray) -> FloatArray:
    """The heads divided in proportion to the loads, [languages]."""
    return np.asarray(heads * load / max(float(load.sum()), 1e-12))


def largest_remainder(quota: FloatArray) -> IntArray:
    """Whole numbers near the quotas that add up to their sum (Hamilton's method).

    Equal remainders go to the larger quota, then to the first.
    """
    given = np.floor(quota + 1e-9).astype(np.int64)
    left = round(float(quota.sum())) - int(given.sum())
    order = np.lexsort((np.arange(len(quota)), -quota, np.round(given - quota, 9)))
    given[order[:left]] += 1
    return given


def _desk_needs(
    forecast: OfficeForecast, desk: Desk, pool: _Pool, rules: StaffingRules
) -> list[StaffingNeed]:
    needs = []
    for i in np.flatnonzero(pool.heads):
        count = int(pool.heads[i])
        minimum = min(count, max(desk.minimum, 1))
        reason = _reason(pool, int(i), None, float(count), rules)
        needs.append(
            _need(forecast, int(i), Kind.DESK, desk.id, (desk.skill,), count, minimum, reason)
        )
    return needs


def _need(
    forecast: OfficeForecast,
    i: int,
    kind: Kind,
    name: str,
    skills: tuple[str, ...],
    count: int,
    minimum: int,
    reason: Reason,
) -> StaffingNeed:
    start = forecast.starts[i]
    end = start + timedelta(minutes=forecast.grid.slot_minutes)
    exclusive = kind is not Kind.PRESENCE
    return StaffingNeed(start, end, kind, name, skills, count, minimum, exclusive, reason)


def _reason(pool: _Pool, i: int, j: int | None, quota: float, rules: StaffingRules) -> Reason:
    """The numbers of slot i, of language j or (None) of the whole pool."""

    return Reason(
        arrivals=float(pool.total[i] if j is None else pool.arrivals[i, j]),
        arrivals_q80=float(pool.total_q80[i] if j is None else pool.arrivals_q80[i, j]),
        load=float(pool.total_load[i] if j is None else pool.load[i, j]),
        pool_arrivals=float(pool.total[i]),
        pool_load=float(pool.total_load[i]),
        pool_heads=int(pool.heads[i]),
        share_within=float(pool.within[i]),
        target_share=rules.target.share,
        target_minutes=rules.target.wait_minutes,
        service_minutes=float(pool.service_minutes[i]),
        measured_services=pool.measured_services,
        quota=quota,
        chance=float(pool.chance[i, j] if j is not None else 1 - np.prod(1 - pool.chance[i])),
    )
