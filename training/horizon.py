"""Who loses which certification when, and what that does to the desks.

"On 14 March Porto has no one for Ukrainian at the legal desk" is a `Loss`. It is counted day by
day: at each desk, for each language it is asked for, how many people of the office speak the
language, serve there on that day, and hold every certification the desk needs on the whole day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from training.faults import Fault, TrainingFault
from training.records import Certification, MediatorId
from training.validity import DaySpan, add_months, by_person_and_kind, valid_days

A_DAY = timedelta(days=1)
MOST_DAYS = 366 * 5
LEAVES_SERVICE = ""
"""The `kind` of a `Leaver` whose service ends, with nothing to renew."""


@dataclass(frozen=True, slots=True)
class Person:
    """A mediator as the horizon sees one: where, in which languages, and until when.

    offices       codes of all offices the person may work at
    serves_until  the last day of contract or protocol; None: no end known
    """

    mediator: MediatorId
    offices: frozenset[str]
    languages: frozenset[str]
    serves_from: date | None = None
    serves_until: date | None = None


@dataclass(frozen=True, slots=True)
class DeskNeed:
    """A desk of an office: every certification in `kinds`, and `least` people a language."""

    office: str
    desk: str
    kinds: frozenset[str]
    languages: tuple[str, ...]
    least: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Expiry:
    """The last day somebody holds a kind of certification, renewals counted in.

    `held_since` is the first day of that unbroken time; no renewal can come before it.
    """

    last_day: date
    mediator: MediatorId
    kind: str
    held_since: date = field(default=date.min, compare=False)


@dataclass(frozen=True, slots=True, order=True)
class Leaver:
    """Somebody a desk loses: after `last_day`, for want of `kind` (or the end of service)."""

    last_day: date
    mediator: MediatorId
    kind: str


@dataclass(frozen=True, slots=True)
class Loss:
    """Days `first` through `last` on which a desk has fewer than it needs for a language.

    last     None: still so on the last day looked at
    fewest   the lowest number of people in these days; 0: no one
    leavers  whose leaving did it; empty where it is so on the first day looked at
    """

    first: date
    last: date | None
    office: str
    desk: str
    language: str
    least: int
    fewest: int
    leavers: tuple[Leaver, ...]


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One month of a desk and language: the lowest number of people, and how many leave."""

    month: date
    fewest: int
    leaving: int


@dataclass(frozen=True, slots=True)
class HeatRow:
    office: str
    desk: str
    language: str
    least: int
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class Horizon:
    """What lies ahead, each in order of its day; heat rows with the worst first."""

    expiries: tuple[Expiry, ...]
    losses: tuple[Loss, ...]
    heat: tuple[HeatRow, ...]

    def at_stake(self) -> frozenset[tuple[MediatorId, str]]:
        """People and kinds whose lapse takes a language off a desk."""
        return frozenset(
            (leaver.mediator, leaver.kind) for loss in self.losses for leaver in loss.leavers
        )


@dataclass(frozen=True, slots=True)
class _Stay:
    """Days `first` through `last` on which one person can serve at a desk."""

    first: date
    last: date
    person: Person


@dataclass(frozen=True, slots=True)
class _Run:
    """Days `first` through `last` with the same number of people."""

    first: date
    last: date
    count: int


def look_ahead(
    people: Sequence[Person],
    needs: Iterable[DeskNeed],
    certifications: Iterable[Certification],
    today: date,
    until: date,
    zone: str = "Europe/Lisbon",
) -> Horizon:
    """The horizon from `today` through `until`, at most five years.

    Raises `TrainingFault` for a horizon that ends before it begins or is longer.
    """
    if not today <= until <= today + timedelta(days=MOST_DAYS):
        expected = f"from {today}, at most {MOST_DAYS} days on"
        raise TrainingFault([Fault("horizon", "until", str(until), expected)])
    held = {key: valid_days(own, zone) for key, own in by_person_and_kind(certifications).items()}
    speakers = _speakers(people)
    stays_of: dict[tuple[Person, frozenset[str]], list[_Stay]] = {}
    losses: list[Loss] = []
    heat: list[HeatRow] = []
    months = tuple(_months(today, until))
    for need in needs:
        for language in need.languages:
            stays: list[_Stay] = []
            for person in speakers.get((need.office, language), ()):
                key = (person, need.kinds)
                if key not in stays_of:
                    stays_of[key] = list(_stays(person, need.kinds, held, today, until))
                stays += stays_of[key]
            runs = _runs(stays, today, until)
            losses += _losses(need, language, stays, runs, held, until)
            heat.append(_heat(need, language, stays, runs, months, until))
    losses.sort(key=lambda loss: (loss.first, loss.office, loss.desk, loss.language))
    heat.sort(key=_worst_first)
    return Horizon(_expiries(people, held, today, until), tuple(losses), tuple(heat))


def _speakers(people: Sequence[Person]) -> dict[tuple[str, str], list[Person]]:
    gathered: dict[tuple[str, str], list[Person]] = defaultdict(list)
    for person in people:
        for office in person.offices:
            for language in person.languages:
                gathered[office, language].append(person)
    return gathered


def _expiries(
    people: Sequence[Person],
    held: Mapping[tuple[MediatorId, str], tuple[DaySpan, ...]],
    today: date,
    until: date,
) -> tuple[Expiry, ...]:
    known = {person.mediator for person in people}
    return tuple(
        sorted(
            Expiry(span.last, mediator, kind, span.first)
            for (mediator, kind), spans in held.items()
            for span in spans
            if mediator in known and span.last is not None and today <= span.last <= until
        )
    )


def _stays(
    person: Person,
    kinds: frozenset[str],
    held: Mapping[tuple[MediatorId, str], tuple[DaySpan, ...]],
    today: date,
    until: date,
) -> Iterator[_Stay]:
    """The days on which a person serves and holds all kinds, cut to the horizon."""
    first, last = max(today, person.serves_from or today), min(until, person.serves_until or until)
    stays = [_Stay(first, last, person)]
    for kind in kinds:
        stays = [
            _Stay(max(stay.first, span.first), min(stay.last, span.last or until), person)
            for stay in stays
            for span in held.get((person.mediator, kind), ())
        ]
    return (stay for stay in stays if stay.first <= stay.last)


def _runs(stays: Sequence[_Stay], today: date, until: date) -> list[_Run]:
    """The number of people by day, as runs that fill the horizon."""
    changes: dict[date, int] = defaultdict(int)
    changes[today] = 0
    for stay in stays:
        changes[stay.first] += 1
        changes[stay.last + A_DAY] -= 1
    runs, count = [], 0
    ordered = sorted(day for day in changes if day <= until)
    for first, following in zip(ordered, [*ordered[1:], until + A_DAY], strict=True):
        count += changes[first]
        runs.append(_Run(first, following - A_DAY, count))
    return runs


def _losses(
    need: DeskNeed,
    language: str,
    stays: Sequence[_Stay],
    runs: Sequence[_Run],
    held: Mapping[tuple[MediatorId, str], tuple[DaySpan, ...]],
    until: date,
) -> Iterator[Loss]:
    for short in _short(runs, need.least):
        first, last = short[0].first, short[-1].last
        leaving = [stay for stay in stays if first <= stay.last + A_DAY <= last]
        leavers = {one for stay in leaving for one in _leavers(stay, need, held, last)}
        yield Loss(
            first,
            last if last < until else None,
            need.office,
            need.desk,
            language,
            need.least,
            min(run.count for run in short),
            tuple(sorted(leavers)),
        )


def _short(runs: Sequence[_Run], least: int) -> Iterator[list[_Run]]:
    """The stretches of neighbouring runs with fewer people than needed."""
    for lacking, stretch in groupby(runs, key=lambda run: run.count < least):
        if lacking:
            yield list(stretch)


def _leavers(
    stay: _Stay,
    need: DeskNeed,
    held: Mapping[tuple[MediatorId, str], tuple[DaySpan, ...]],
    last: date,
) -> Iterator[Leaver]:
    """What ends a stay: the end of service, or each kind that ends with it.

    A kind that ends later, while the desk is still short, is named too: renewing the first alone
    would only put the loss off.
    """
    if stay.person.serves_until == stay.last:
        yield Leaver(stay.last, stay.person.mediator, LEAVES_SERVICE)
        return
    for kind in need.kinds:
        for span in held.get((stay.person.mediator, kind), ()):
            if span.last is not None and stay.last <= span.last < last:
                yield Leaver(span.last, stay.person.mediator, kind)


def _heat(
    need: DeskNeed,
    language: str,
    stays: Sequence[_Stay],
    runs: Sequence[_Run],
    months: Sequence[tuple[date, date]],
    until: date,
) -> HeatRow:
    ends = [stay.last for stay in stays if stay.last < until]
    cells = []
    for first, last in months:
        fewest = min(run.count for run in runs if run.first <= last and run.last >= first)
        cells.append(HeatCell(first, fewest, sum(first <= end <= last for end in ends)))
    return HeatRow(need.office, need.desk, language, need.least, tuple(cells))


def _months(today: date, until: date) -> Iterator[tuple[date, date]]:
    """First and last day of each month from that of `today` to that of `until`."""
    month = today.replace(day=1)
    while month <= until:
        following = add_months(month, 1)
        yield month, following - A_DAY
        month = following


def _worst_first(row: HeatRow) -> tuple[int, int, str, str, str]:
    """Rows that fall farthest below what they need, and soonest, come first."""
    lacking = [cell.fewest - row.least for cell in row.cells]
    worst = min(lacking)
    return (min(worst, 0), lacking.index(worst), row.office, row.desk, row.language)
