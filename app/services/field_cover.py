"""What the mobile unit is asked for while it is out: met by who goes along, or by nobody.

The unit is where its route is. At a stop those along receive, on the way nobody does, and who sits
elsewhere is no help. So in those hours its requirements are no matter of the roster's: they are cut
at the edges of routes and stops; what those along meet (counted as all cover is, from the dearest
unit down) stays as a requirement that costs nothing and is told as met (MET); what they do not meet
costs nothing either and is told as missing (UNMET); on the way nothing is asked.

A team that a centre sends takes nothing off what the centre is asked for: visitors still come
there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from app.models import FieldRoute, FieldSeat, FieldStop, Mediator, Office, OfficeKind
from app.services.horizon import Horizon
from solver import problem as sp

MET = "~met-by-route"
UNMET = "~unmet-by-route"


def is_of_route(need: sp.Requirement) -> bool:
    """Whether a requirement is what a route's people meet, or leave unmet."""
    return need.id.endswith((MET, UNMET))


def missing_of(need: sp.Requirement, met: int) -> int:
    """How much of a requirement is missing where the roster's people meet `met` of it."""
    if need.id.endswith(MET):
        return 0
    return need.count if need.id.endswith(UNMET) else need.count - met


def beside_routes(
    needs: Sequence[sp.Requirement],
    offices: Iterable[Office],
    people: Mapping[str, sp.Mediator],
    horizon: Horizon,
) -> tuple[sp.Requirement, ...]:
    """The requirements with those of mobile units told apart by their routes; `people` by code."""
    units = {one.code: one.id for one in offices if one.kind == OfficeKind.MOBILE_UNIT}
    outings = {code: _outings(office_id, people, horizon) for code, office_id in units.items()}
    found: list[sp.Requirement] = []
    for office in dict.fromkeys(need.office for need in needs):
        mine = [need for need in needs if need.office == office]
        out = outings.get(office)
        found += _split(mine, out) if out else mine
    return tuple(found)


class _Outing:
    """One route in slots: from leaving to being back, its stops, and who goes along."""

    def __init__(
        self, span: tuple[int, int], stops: list[tuple[int, int]], crew: list[sp.Mediator]
    ) -> None:
        self.start, self.end = span
        self.stops = stops
        self._crew = crew

    def edges(self) -> set[int]:
        return {self.start, self.end, *(edge for stop in self.stops for edge in stop)}

    def receiving(self, slot: int) -> list[sp.Mediator]:
        """Who receives in a slot: those along, at a stop, but for who is not there that day."""
        if not any(start <= slot < end for start, end in self.stops):
            return []
        return [
            one
            for one in self._crew
            if not any(start <= slot < end for start, end in one.unavailable)
        ]


def _outings(office_id: int, people: Mapping[str, sp.Mediator], horizon: Horizon) -> list[_Outing]:
    rows = FieldRoute.select().where(
        FieldRoute.office == office_id,
        FieldRoute.cancelled_at.is_null(),
        FieldRoute.starts_at < horizon.ends_at,
        FieldRoute.ends_at > horizon.starts_at,
    )
    found = []
    for row in rows.order_by(FieldRoute.starts_at, FieldRoute.id):
        span = horizon.span(row.starts_at, row.ends_at)
        standing = row.stops.where(FieldStop.cancelled_at.is_null())
        stops = [horizon.span(one.starts_at, one.ends_at) for one in standing]
        seats = (
            FieldSeat.select(FieldSeat, Mediator)
            .join(Mediator)
            .where(FieldSeat.route == row, FieldSeat.cancelled_at.is_null())
            .order_by(Mediator.code)
        )
        crew = [people[one.mediator.code] for one in seats if one.mediator.code in people]
        if span is not None:
            found.append(_Outing(span, [stop for stop in stops if stop is not None], crew))
    return found


def _split(needs: Sequence[sp.Requirement], outings: Sequence[_Outing]) -> list[sp.Requirement]:
    edges = {edge for one in outings for edge in one.edges()}
    edges |= {edge for need in needs for edge in (need.start, need.end)}
    out = [need for need in needs if any(_touches(need, one) for one in outings)]
    found = [need for need in needs if need not in out]
    for start, end in pairwise(sorted(edges)):
        pieces = [
            replace(need, id=f"{need.id}/{start}", start=start, end=end)
            for need in out
            if need.start <= start and end <= need.end
        ]
        under_way = [one for one in outings if one.start <= start < one.end]
        if not under_way:
            found += pieces
        elif any(left <= start < right for one in under_way for left, right in one.stops):
            there = {one.id: one for route in under_way for one in route.receiving(start)}
            found += _told_apart(pieces, list(there.values()))
    return found


def _touches(need: sp.Requirement, outing: _Outing) -> bool:
    return need.start < outing.end and outing.start < need.end


def _told_apart(
    pieces: Sequence[sp.Requirement], there: Sequence[sp.Mediator]
) -> Iterable[sp.Requirement]:
    """What of the pieces, all of the same slots, those there meet, and what nobody does."""
    met = _met(pieces, there)
    for piece in pieces:
        free = replace(piece, minimum=0, cost=0, minimum_cost=0, excess_cost=0)
        given = met[piece.id]
        if given:
            yield replace(free, id=piece.id + MET, count=given)
        if given < piece.count:
            yield replace(free, id=piece.id + UNMET, count=piece.count - given)


def _met(pieces: Sequence[sp.Requirement], there: Sequence[sp.Mediator]) -> dict[str, int]:
    """How many units of each are met: the dearest first, each where an augmenting path leads."""
    met = {
        one.id: 0 if one.exclusive else min(one.count, sum(_serves(who, one) for who in there))
        for one in pieces
    }
    units = [
        (one.minimum_cost if unit < one.minimum else one.cost, one)
        for one in pieces
        if one.exclusive
        for unit in range(one.count)
    ]
    held: dict[str, sp.Requirement] = {}
    for _cost, piece in sorted(units, key=lambda one: -one[0]):
        if _augment(piece, there, held, set()):
            met[piece.id] += 1
    return met


def _augment(
    piece: sp.Requirement,
    there: Sequence[sp.Mediator],
    held: dict[str, sp.Requirement],
    seen: set[str],
) -> bool:
    """Find somebody for one more unit of `piece`, moving others on where that helps."""
    for who in there:
        if who.id in seen or not _serves(who, piece):
            continue
        seen.add(who.id)
        other = held.get(who.id)
        if other is None or _augment(other, there, held, seen):
            held[who.id] = piece
            return True
    return False


def _serves(who: sp.Mediator, need: sp.Requirement) -> bool:
    """At work there, training or not: it is the route that takes their time."""
    return all(who.holds(skill, need.start) for skill in need.needs)
