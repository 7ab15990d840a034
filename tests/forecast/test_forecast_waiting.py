"""The simulated wait against closed forms, against ciw, and rule by rule on days told by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import ciw
import numpy as np
import pytest

from forecast.erlang import Target, waits_beyond
from forecast.faults import BadInput
from forecast.network import forecast_office
from forecast.queueing import Office, Outcome, Server, run_day
from forecast.requirements import Desk, ServiceTimes
from forecast.waiting import Manners, OfficeDay, ServingMediator, ratio, simulate

EIGHT = datetime(2026, 7, 6, 8, tzinfo=UTC)
FOREVER = Manners(patience_minutes=None, phone_after_minutes=None)
NEVER = float("inf")


def at(minutes: float) -> datetime:
    return EIGHT + timedelta(minutes=minutes)


def mediator(name, skills, *serving):
    serving = serving or ((0, 24 * 60),)
    return ServingMediator(name, frozenset(skills), tuple((at(a), at(b)) for a, b in serving))


def steady_day(rate_per_minute, heads, minutes, manners, hours=10):
    """One language at a steady rate; the day's last hours are in the steady state."""
    slots = hours * 2
    return OfficeDay(
        tuple(at(30 * i) for i in range(slots)),
        30,
        ("pt",),
        ("",),
        np.full((slots, 1, 1), 30 * rate_per_minute),
        0.0,
        tuple(mediator(f"m{i}", {"lang:pt"}) for i in range(heads)),
        ServiceTimes(default_minutes=minutes),
        manners=manners,
    )


def erlang_a(heads, rate, service_rate, patience_rate, states=400):
    """M/M/n+M by its birth–death chain: share who leave, mean queueing time, share delayed.

    Mandelbaum & Zeltyn (2007). The queue's length and Little's law give the mean time in it.
    """
    logs = [0.0]
    for k in range(1, states):
        out = min(k, heads) * service_rate + max(k - heads, 0) * patience_rate
        logs.append(logs[-1] + np.log(rate / out))
    weight = np.exp(np.array(logs) - max(logs))
    probability = weight / weight.sum()
    queue = float(np.maximum(np.arange(states) - heads, 0) @ probability)
    return patience_rate * queue / rate, queue / rate, float(probability[heads:].sum())


def last_hours(report, hours=4):
    rows = report.by_hour[-hours:]
    weight = np.array([row.visitors for row in rows])
    return lambda of: float(np.average([of(row).value for row in rows], weights=weight))


def test_two_rates_of_erlang_c():
    for heads, rate in [(3, 0.4), (8, 1.3)]:
        minutes, load = 5.0, rate * 5.0
        manners = replace(FOREVER, target=Target(0.8, 4))
        report = simulate(steady_day(rate, heads, minutes, manners), replications=300, seed=1)
        mean = last_hours(report)
        expected = float(waits_beyond(heads, load, 0.0)) * minutes / (heads - load)
        assert mean(lambda row: row.mean_wait) == pytest.approx(expected, rel=0.08)
        within = 1 - float(waits_beyond(heads, load, 4 / minutes))
        assert mean(lambda row: row.within) == pytest.approx(within, abs=0.012)


@pytest.mark.parametrize(("heads", "rate", "patience"), [(3, 0.7, 20.0), (6, 1.1, 8.0)])
def test_erlang_a_even_above_full_load(heads, rate, patience):
    manners = replace(FOREVER, patience_minutes=patience)
    report = simulate(steady_day(rate, heads, 5.0, manners), replications=300, seed=2)
    left, waited, _ = erlang_a(heads, rate, 1 / 5, 1 / patience)
    mean = last_hours(report)
    assert mean(lambda row: row.left) == pytest.approx(left, abs=0.012)
    assert mean(lambda row: row.mean_wait) == pytest.approx(waited, rel=0.06)


def test_the_intervals_hold_the_closed_form_as_often_as_they_say():
    """95 % intervals: at least 93 of 100 hold it, give or take; too many would be too wide."""
    heads, rate, minutes, patience = 4, 0.7, 5.0, 20.0
    manners = replace(FOREVER, patience_minutes=patience)
    left, waited, _ = erlang_a(heads, rate, 1 / minutes, 1 / patience)
    day = steady_day(rate, heads, minutes, manners, hours=5)
    held = {"left": 0, "wait": 0}
    for seed in range(100):
        hour = simulate(day, replications=40, seed=seed).by_hour[-1]
        held["left"] += hour.left.low <= left <= hour.left.high
        held["wait"] += hour.mean_wait.low <= waited <= hour.mean_wait.high
    assert held["left"] >= 93
    assert held["wait"] >= 93
    assert min(held.values()) < 100


SPEAKERS = {1: {"pt"}, 2: {"pt"}, 3: {"pt", "uk"}, 4: {"pt", "uk"}}
"""Who speaks what in the case played by both simulators."""


class SkilledNode(ciw.Node):
    """A ciw node whose servers each serve some classes only, the least versatile first."""

    freed = None

    def find_free_server(self, ind):
        able = [
            server
            for server in self.servers
            if not server.busy and ind.customer_class in SPEAKERS[server.id_number]
        ]
        return min(able, key=lambda server: len(SPEAKERS[server.id_number]), default=None)

    def begin_service_if_possible_accept(self, next_individual):
        self.freed, self.arriving = None, next_individual
        super().begin_service_if_possible_accept(next_individual)

    def begin_service_if_possible_release(self, next_individual, newly_free_server):
        self.freed = newly_free_server
        super().begin_service_if_possible_release(next_individual, newly_free_server)

    def choose_next_customer(self):
        if self.freed is None:
            return self.arriving
        waiting = [
            ind
            for ind in self.all_individuals
            if not ind.server and ind.customer_class in SPEAKERS[self.freed.id_number]
        ]
        return min(waiting, key=lambda ind: ind.arrival_date, default=None)


def test_two_languages_and_shared_mediators_against_ciw():
    """Two speak Portuguese only, two speak Ukrainian as well: neither pooled nor apart."""
    rates, minutes, hours = {"pt": 0.42, "uk": 0.14}, 6.0, 8
    day = OfficeDay(
        tuple(at(30 * i) for i in range(2 * hours)),
        30,
        tuple(rates),
        ("",),
        np.array([[[30 * rate] for rate in rates.values()]] * (2 * hours)),
        0.0,
        tuple(
            mediator(f"m{i}", {f"lang:{code}" for code in codes}) for i, codes in SPEAKERS.items()
        ),
        ServiceTimes(default_minutes=minutes),
        manners=FOREVER,
    )
    ours = simulate(day, replications=300, seed=5).by_language
    network = ciw.create_network(
        arrival_distributions={k: [ciw.dists.Exponential(rate)] for k, rate in rates.items()},
        service_distributions={k: [ciw.dists.Exponential(1 / minutes)] for k in rates},
        routing={k: [[0.0]] for k in rates},
        number_of_servers=[len(SPEAKERS)],
    )
    days = {code: [] for code in rates}
    for seed in range(150):
        ciw.seed(seed)
        simulation = ciw.Simulation(network, node_class=SkilledNode)
        simulation.simulate_until_max_time(60 * hours * 3)
        came = [r for r in simulation.get_all_records() if r.arrival_date < 60 * hours]
        for code, found in days.items():
            waits = [r.waiting_time for r in came if r.customer_class == code]
            found.append((sum(waits), float(len(waits))))
    for row in ours:
        theirs = ratio(*np.array(days[row.language]).T)
        # Two independent estimates: apart by at most the root of their squared reaches, and half.
        reach = np.hypot(row.mean_wait.high - row.mean_wait.low, theirs.high - theirs.low) / 2
        assert row.mean_wait.value == pytest.approx(theirs.value, abs=1.5 * reach)
        assert reach < 0.2 * theirs.value
    assert ours[1].mean_wait.value > 1.2 * ours[0].mean_wait.value


def play(servers, arrivals, *, queues=None, service=10.0, patience=NEVER, phone=NEVER, order=None):
    """A day told by hand: [(queues served, intervals)], arrival minutes."""
    queues = queues or [0] * len(arrivals)
    count = max(queues) + 1
    made = tuple(Server(frozenset(serves), tuple(serving)) for serves, serving in servers)
    order = order or tuple(
        tuple(s for s, server in enumerate(made) if q in server.serves) for q in range(count)
    )
    n = len(arrivals)
    service = [service] * n if isinstance(service, float) else service
    return run_day(Office(made, order), arrivals, queues, service, [patience] * n, phone)


def test_first_come_first_served_by_who_speaks_the_language():
    trace = play([({0}, [(0, 100)]), ({1}, [(0, 100)])], [0, 1, 2, 3], queues=[0, 0, 1, 0])
    assert trace.waited == [0, 9, 0, 17]
    assert trace.served == [3, 1]
    assert trace.busy == [30.0, 10.0]


def test_the_versatile_are_taken_last():
    servers = [({0, 1}, [(0, 100)]), ({0}, [(0, 100)])]
    trace = play(servers, [0, 1], queues=[0, 1], order=((1, 0), (0,)))
    assert trace.waited == [0, 0]
    assert trace.served == [1, 1]


def test_nobody_is_called_in_a_break_and_a_service_runs_into_it():
    trace = play([({0}, [(0, 30), (45, 90)])], [25, 28, 44])
    assert trace.waited == [0, 17, 11]


def test_a_service_that_begins_at_the_end_is_not_begun():
    trace = play([({0}, [(0, 30)])], [0, 5, 10, 15])
    assert trace.outcome == [Outcome.SERVED] * 3 + [Outcome.UNSERVED]
    assert trace.waited == [0, 5, 10, 15]


def test_those_who_give_up_leave_the_queue_to_those_behind():
    trace = play([({0}, [(0, 100)])], [0, 1, 2], service=30.0, patience=28.5)
    assert trace.outcome == [Outcome.SERVED, Outcome.LEFT, Outcome.SERVED]
    assert trace.waited == [0, 28.5, 28]


def test_patience_to_the_very_minute_is_not_enough():
    trace = play([({0}, [(0, 100)])], [0, 0], service=30.0, patience=30.0)
    assert trace.outcome == [Outcome.SERVED, Outcome.LEFT]


def test_the_telephone_takes_whoever_waited_too_long_or_whom_nobody_can_serve():
    trace = play([({0}, [(0, 60)])], [0, 1, 2], queues=[0, 0, 1], service=40.0, phone=20.0)
    assert trace.outcome == [Outcome.SERVED, Outcome.PHONE, Outcome.PHONE]
    assert trace.waited == [0, 20, 0]
    late = play([({0}, [(0, 60)])], [61])
    assert late.outcome == [Outcome.PHONE]


def test_somebody_who_comes_later_is_waited_for():
    trace = play([({0}, [(50, 60)])], [10, 55])
    assert trace.waited == [40, 5]


def test_a_desk_takes_certified_mediators_whatever_their_language():
    day = OfficeDay(
        (EIGHT,),
        30,
        ("pt", "ne"),
        ("", "legal"),
        np.array([[[0.0, 0.0], [0.0, 5.0]]]),
        0.0,
        (mediator("a", {"lang:ne"}), mediator("b", {"lang:pt", "cert:legal"})),
        ServiceTimes(default_minutes=1.0),
        (Desk("legal", frozenset({"legal"}), "cert:legal"),),
        FOREVER,
    )
    report = simulate(day, replications=50)
    assert [load.visitors > 0 for load in report.mediators] == [False, True]
    assert report.overall.phone.value == 0


@pytest.fixture
def office(make_history):
    made = make_history(arrivals_a_day=300)
    forecast = forecast_office(made.series, made.calendar, made.last, 7)
    day = made.last + timedelta(days=1)
    start = forecast.starts[24]
    assert start.date() == day
    shift = (
        (start, start + timedelta(hours=5)),
        (start + timedelta(hours=6), start + timedelta(hours=12)),
    )
    speakers = [("pt", "kea"), ("pt", "uk"), ("pt",), ("kea", "pt"), ("pt", "wo"), ("uk", "pt")]
    team = [
        ServingMediator(f"m{i}", frozenset(f"lang:{code}" for code in codes), shift)
        for i, codes in enumerate(speakers)
    ]
    return OfficeDay.of_forecast(forecast, day, team)


def test_the_report_adds_up(office):
    report = simulate(office, replications=60, seed=1)
    assert report.overall.visitors == pytest.approx(sum(r.visitors for r in report.by_language))
    assert report.overall.visitors == pytest.approx(sum(r.visitors for r in report.by_hour))
    assert report.overall.visitors == pytest.approx(
        sum(r.visitors for r in report.by_language_hour)
    )
    assert report.overall.visitors == pytest.approx(office.mean.sum(), rel=0.1)
    for row in (report.overall, *report.by_language, *report.by_hour, *report.by_language_hour):
        ended = row.phone.value + row.left.value + row.unserved.value
        assert row.within.value + ended <= 1 + 1e-9
        for estimate in (row.mean_wait, row.within, row.phone, row.left, row.unserved):
            assert estimate.low <= estimate.value <= estimate.high
    served = sum(load.visitors for load in report.mediators)
    gone = report.overall.phone.value + report.overall.left.value + report.overall.unserved.value
    assert served == pytest.approx(report.overall.visitors * (1 - gone))
    assert len(report.by_hour) == 12


def test_the_same_seed_gives_the_same_report(office):
    assert simulate(office, replications=10, seed=3) == simulate(office, replications=10, seed=3)
    assert simulate(office, replications=10, seed=3) != simulate(office, replications=10, seed=4)


def test_twice_the_demand_waits_longer_and_so_does_one_mediator_fewer(office):
    plain = simulate(office, replications=60).overall
    double = simulate(office.with_demand(2.0), replications=60).overall
    fewer = simulate(office.without("m0", "m2"), replications=60).overall
    assert double.within.high < plain.within.low
    assert fewer.within.high < plain.within.low
    assert len(office.without("m0").mediators) == len(office.mediators) - 1


def test_a_rare_language_is_flagged_and_its_interval_is_wide(office):
    tiny = office.mean.copy()
    tiny[:, office.languages.index("wo")] /= 200
    report = simulate(replace(office, mean=tiny), replications=60)
    flagged = {row.language for row in report.by_language if row.few}
    assert flagged == {"wo"}


def test_service_times_may_vary_more_or_less_than_exponential():
    waits = [
        simulate(
            steady_day(0.36, 2, 5.0, replace(FOREVER, service_cv=cv)), replications=150, seed=1
        ).overall.mean_wait.value
        for cv in (0.3, 1.0, 1.6)
    ]
    assert waits[0] < waits[1] < waits[2]


def test_ratio_of_sums_and_its_interval():
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(300):
        whole = rng.poisson(20, 60).astype(float)
        part = rng.binomial(whole.astype(int), 0.3).astype(float)
        estimate = ratio(part, whole, top=1.0)
        held += estimate.low <= 0.3 <= estimate.high
    assert 0.945 * 300 <= held <= 0.99 * 300
    none = ratio(np.zeros(4), np.full(4, 25.0), top=1.0)
    assert (none.value, none.low) == (0, 0)
    assert 0.02 < none.high < 0.05
    everyone = ratio(np.full(4, 25.0), np.full(4, 25.0), top=1.0)
    assert (everyone.value, everyone.high) == (1, 1)
    assert 0.95 < everyone.low < 0.98
    nothing = ratio(np.zeros(5), np.zeros(5), top=1.0)
    assert (nothing.value, nothing.low, nothing.high) == (0, 0, 1)


def test_nobody_comes_and_nobody_serves():
    empty = OfficeDay((EIGHT,), 30, ("pt",), ("",), np.zeros((1, 1, 1)), 0.0, ())
    assert simulate(empty, replications=3).overall.visitors == 0
    alone = replace(empty, mean=np.full((1, 1, 1), 4.0))
    assert simulate(alone, replications=20).overall.phone.value == 1.0


def test_every_fault_of_a_day_is_named():
    with pytest.raises(BadInput) as bad:
        OfficeDay(
            (EIGHT,), 30, ("pt",), ("",), np.zeros((2, 1, 1)), -1.0,
            (mediator("a", set(), (10, 10)), mediator("b", set(), (0, 20), (10, 30))),
        )  # fmt: skip
    assert [f.where for f in bad.value.faults] == ["day", "day", "mediator a", "mediator b"]
    with pytest.raises(BadInput):
        Manners(patience_minutes=0)
    with pytest.raises(BadInput):
        simulate(OfficeDay((), 30, ("pt",), ("",), np.zeros((0, 1, 1)), 0.0, ()), replications=1)


def test_erlang_a_oracle_itself_without_patience_is_erlang_c():
    left, waited, delayed = erlang_a(3, 0.4, 0.2, 1e-9)
    assert left == pytest.approx(0, abs=1e-6)
    assert delayed == pytest.approx(float(waits_beyond(3, 2.0, 0.0)), rel=1e-4)
    assert waited == pytest.approx(delayed * 5.0 / (3 - 2.0), rel=1e-4)
