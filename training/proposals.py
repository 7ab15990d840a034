"""Sessions that would keep the desks staffed: few, in time, and not before they are worth it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from training.horizon import Expiry, Horizon, Loss
from training.records import CertificationRule, MediatorId

LEAST_CHOICE_DAYS = 14
"""Nobody joins a session who would leave fewer days than these to choose from."""


@dataclass(frozen=True, slots=True)
class SessionProposal:
    """Hold `course` on a day from `earliest` through `latest` for these people.

    mediators  those whose lapse takes a language off a desk
    also       others whose certification of the kind ends about then, while there are seats
    prevents   the losses it helps to prevent; one that several people or kinds bring about
               is prevented by all proposals that name it together
    hurried    there is less time left than the notice asked for
    """

    course: str
    kind: str
    earliest: date
    latest: date
    mediators: tuple[MediatorId, ...]
    also: tuple[MediatorId, ...]
    prevents: tuple[Loss, ...]
    hurried: bool


@dataclass(frozen=True, slots=True, order=True)
class _Wish:
    """One person's renewal: the days on which it can be done in time."""

    latest: date
    earliest: date
    mediator: MediatorId
    hurried: bool


def propose_sessions(
    horizon: Horizon,
    rules: Mapping[str, CertificationRule],
    today: date,
    notice_days: int = 14,
    seats: int = 20,
) -> tuple[SessionProposal, ...]:
    """The fewest sessions a kind such that everybody at stake renews in time.

    A person can renew without losing days from the start of the renewal window (or `notice_days`
    from today, if that is later) through the last day. People are taken by that last day, each
    session as late as its first of them allows: this needs the fewest sessions. `rules` by kind;
    kinds without a rule are left out.
    """
    at_stake = horizon.at_stake()
    proposals: list[SessionProposal] = []
    for kind, rule in sorted(rules.items()):
        expiring = [one for one in horizon.expiries if one.kind == kind]
        wishes = {
            (one.mediator, one.last_day): _wish(one, rule, today, notice_days) for one in expiring
        }
        urgent = {
            (leaver.mediator, leaver.last_day)
            for loss in horizon.losses
            for leaver in loss.leavers
            if leaver.kind == kind
        }
        needed = sorted(wish for key, wish in wishes.items() if key in urgent)
        others = sorted(
            wish for (mediator, _), wish in wishes.items() if (mediator, kind) not in at_stake
        )
        for group in _groups(needed, seats):
            proposals.append(_proposal(kind, rule, group, others, seats, horizon.losses))
            others = [wish for wish in others if wish.mediator not in proposals[-1].also]
    return tuple(sorted(proposals, key=lambda one: (one.latest, one.kind, one.mediators)))


def _wish(expiry: Expiry, rule: CertificationRule, today: date, notice_days: int) -> _Wish:
    last_day = expiry.last_day
    soonest = max(today, expiry.held_since)
    window = last_day - timedelta(days=rule.renewal_window_days)
    earliest = max(soonest, today + timedelta(days=notice_days), window)
    hurried = earliest > last_day
    return _Wish(last_day, soonest if hurried else earliest, expiry.mediator, hurried)


def _groups(needed: Iterable[_Wish], seats: int) -> list[list[_Wish]]:
    """People who can share a session, by the greedy rule for intervals: earliest end first."""
    groups: list[list[_Wish]] = []
    left = list(needed)
    while left:
        first = left[0]
        group = [wish for wish in left if wish.earliest <= first.latest][:seats]
        groups.append(group)
        left = [wish for wish in left if wish not in group]
    return groups


def _proposal(
    kind: str,
    rule: CertificationRule,
    group: list[_Wish],
    others: list[_Wish],
    seats: int,
    losses: tuple[Loss, ...],
) -> SessionProposal:
    latest = group[0].latest
    earliest = max(wish.earliest for wish in group)
    # Who loses nothing by then joins only where enough days to choose from are left.
    by = max(earliest, latest - timedelta(days=LEAST_CHOICE_DAYS))
    joining = [wish for wish in others if wish.earliest <= by and latest <= wish.latest]
    also = joining[: seats - len(group)]
    ending = {(wish.mediator, wish.latest) for wish in group}
    return SessionProposal(
        rule.renewal_course or rule.courses[0],
        kind,
        max([earliest, *(wish.earliest for wish in also)]),
        latest,
        tuple(wish.mediator for wish in group),
        tuple(wish.mediator for wish in also),
        tuple(
            loss
            for loss in losses
            if any(
                leaver.kind == kind and (leaver.mediator, leaver.last_day) in ending
                for leaver in loss.leavers
            )
        ),
        any(wish.hurried for wish in group),
    )
