"""What lies ahead, against counting people day by day."""

import random
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from population import populate

from training.faults import TrainingFault
from training.horizon import LEAVES_SERVICE, DeskNeed, Expiry, Leaver, Loss, Person, look_ahead
from training.proposals import propose_sessions
from training.records import Certification, CertificationRule, Completion
from training.validity import by_person_and_kind, certification_after, valid_days, valid_on

TODAY = date(2026, 1, 15)
DAY = timedelta(days=1)
UNTIL = TODAY + 120 * DAY
PORTO = frozenset({"porto"})
LEGAL_DESK = DeskNeed("porto", "legal", frozenset({"legal"}), ("uk",))


def speaker(mediator, *languages, offices=PORTO, **fields):
    return Person(mediator, frozenset(offices), frozenset(languages or ["uk"]), **fields)


def legal(mediator, last, kind="legal", first=date(2025, 1, 1)):
    return Certification(mediator, kind, first, last)


MARCH_13 = date(2026, 3, 13)


def test_on_14_march_porto_has_no_one_for_ukrainian_at_the_legal_desk():
    people = [speaker(1), speaker(2, "ru"), speaker(3, offices={"faro"})]
    certifications = [legal(number, MARCH_13) for number in (1, 2, 3)]
    horizon = look_ahead(people, [LEGAL_DESK], certifications, TODAY, UNTIL)
    assert horizon.losses == (
        Loss(
            date(2026, 3, 14), None, "porto", "legal", "uk", 1, 0, (Leaver(MARCH_13, 1, "legal"),)
        ),
    )
    assert horizon.expiries == tuple(Expiry(MARCH_13, number, "legal") for number in (1, 2, 3))
    assert horizon.at_stake() == {(1, "legal")}


def test_a_renewal_already_in_hand_is_no_loss_and_no_expiry():
    renewed = [legal(1, MARCH_13), legal(1, date(2027, 3, 13), first=MARCH_13 + DAY)]
    horizon = look_ahead([speaker(1)], [LEGAL_DESK], renewed, TODAY, UNTIL)
    assert horizon.losses == horizon.expiries == ()


def test_a_colleague_who_remains_is_enough_until_two_are_asked_for():
    people = [speaker(1), speaker(2)]
    certifications = [legal(1, MARCH_13), legal(2, None)]
    assert not look_ahead(people, [LEGAL_DESK], certifications, TODAY, UNTIL).losses
    two = DeskNeed("porto", "legal", frozenset({"legal"}), ("uk",), least=2)
    (loss,) = look_ahead(people, [two], certifications, TODAY, UNTIL).losses
    assert (loss.first, loss.fewest, loss.least) == (date(2026, 3, 14), 1, 2)


def test_a_loss_ends_when_somebody_begins():
    people = [speaker(1), speaker(2, serves_from=date(2026, 3, 20))]
    certifications = [legal(1, MARCH_13), legal(2, None)]
    (loss,) = look_ahead(people, [LEGAL_DESK], certifications, TODAY, UNTIL).losses
    assert (loss.first, loss.last) == (date(2026, 3, 14), date(2026, 3, 19))


def test_the_end_of_a_protocol_is_a_loss_with_nothing_to_renew():
    people = [speaker(1, serves_until=MARCH_13)]
    (loss,) = look_ahead(people, [LEGAL_DESK], [legal(1, None)], TODAY, UNTIL).losses
    assert loss.leavers == (Leaver(MARCH_13, 1, LEAVES_SERVICE),)
    rule = CertificationRule("legal", ("law",), validity_months=12)
    horizon = look_ahead(people, [LEGAL_DESK], [legal(1, None)], TODAY, UNTIL)
    assert propose_sessions(horizon, {"legal": rule}, TODAY) == ()


def test_what_lacks_already_begins_today_with_nobody_leaving():
    (loss,) = look_ahead([speaker(1)], [LEGAL_DESK], [], TODAY, UNTIL).losses
    assert (loss.first, loss.last, loss.leavers) == (TODAY, None, ())


def test_a_desk_that_needs_three_certifications_is_lost_by_the_first_that_ends():
    kinds = ("fgm", "trafficking", "violence")
    telephone = DeskNeed("porto", "telephone", frozenset(kinds), ("uk",))
    certifications = [
        legal(1, MARCH_13, "violence"),
        legal(1, MARCH_13 + 9 * DAY, "fgm"),
        legal(1, None, "trafficking"),
    ]
    (loss,) = look_ahead([speaker(1)], [telephone], certifications, TODAY, UNTIL).losses
    assert loss.first == MARCH_13 + DAY
    assert loss.leavers == (
        Leaver(MARCH_13, 1, "violence"),
        Leaver(MARCH_13 + 9 * DAY, 1, "fgm"),  # the next to be renewed, or the loss is put off
    )


def test_the_heat_map_has_a_cell_a_month_and_the_worst_row_first():
    people = [speaker(1), speaker(2), speaker(3, "ar")]
    needs = [
        DeskNeed("porto", "legal", frozenset({"legal"}), ("ar", "uk")),
    ]
    certifications = [legal(1, MARCH_13), legal(2, date(2026, 4, 30)), legal(3, None)]
    rows = look_ahead(people, needs, certifications, TODAY, UNTIL).heat
    assert [row.language for row in rows] == ["uk", "ar"]
    assert [(cell.month.month, cell.fewest, cell.leaving) for cell in rows[0].cells] == [
        (1, 2, 0),
        (2, 2, 0),
        (3, 1, 1),
        (4, 1, 1),
        (5, 0, 0),
    ]
    assert {cell.fewest for cell in rows[1].cells} == {1}


@pytest.mark.parametrize("days", [-1, 366 * 5 + 1])
def test_a_horizon_that_is_none_or_too_long_is_refused(days):
    assert look_ahead([], [], [], TODAY, TODAY + 366 * 5 * DAY).losses == ()
    with pytest.raises(TrainingFault, match="horizon: until"):
        look_ahead([], [], [], TODAY, TODAY + days * DAY)


# ---- Against a second implementation: every day counted by itself ----

KINDS = ("legal", "social")
SHORT = TODAY + 40 * DAY
OFFSETS = st.integers(-10, 50)
CERTIFICATIONS = st.lists(
    st.builds(
        lambda mediator, kind, first, length: Certification(
            mediator,
            kind,
            TODAY + first * DAY,
            None if length is None else TODAY + (first + length) * DAY,
        ),
        st.integers(1, 4),
        st.sampled_from(KINDS),
        OFFSETS,
        st.none() | st.integers(0, 40),
    ),
    max_size=10,
)
PEOPLE = st.lists(
    st.builds(
        lambda mediator, languages, offices, since, until: Person(
            mediator,
            frozenset(offices),
            frozenset(languages),
            None if since is None else TODAY + since * DAY,
            None if until is None else TODAY + until * DAY,
        ),
        st.integers(1, 4),
        st.sets(st.sampled_from(["uk", "ar"]), min_size=1),
        st.sets(st.sampled_from(["porto", "faro"]), min_size=1),
        st.none() | OFFSETS,
        st.none() | OFFSETS,
    ),
    max_size=4,
    unique_by=lambda person: person.mediator,
)
NEEDS = st.lists(
    st.builds(
        DeskNeed,
        st.sampled_from(["porto", "faro"]),
        st.just("desk"),
        st.frozensets(st.sampled_from(KINDS)),
        st.just(("uk", "ar")),
        st.integers(1, 2),
    ),
    max_size=3,
    unique_by=lambda need: need.office,
)


def count_by_hand(need, language, people, certifications, day):
    return sum(
        need.office in person.offices
        and language in person.languages
        and (person.serves_from or day) <= day <= (person.serves_until or day)
        and all(
            any(
                one.mediator == person.mediator and one.kind == kind and valid_on(one, day)
                for one in certifications
            )
            for kind in need.kinds
        )
        for person in people
    )


@given(PEOPLE, NEEDS, CERTIFICATIONS)
def test_losses_and_heat_agree_with_counting_every_day(people, needs, certifications):
    horizon = look_ahead(people, needs, certifications, TODAY, SHORT)
    days = [TODAY + n * DAY for n in range((SHORT - TODAY).days + 1)]
    counts = {
        (need.office, language, day): count_by_hand(need, language, people, certifications, day)
        for need in needs
        for language in need.languages
        for day in days
    }
    least = {need.office: need.least for need in needs}
    short = {key for key, count in counts.items() if count < least[key[0]]}
    said = {}
    for loss in horizon.losses:
        stretch = [day for day in days if loss.first <= day <= (loss.last or SHORT)]
        for day in stretch:
            said[loss.office, loss.language, day] = loss
        assert loss.fewest == min(counts[loss.office, loss.language, day] for day in stretch)
        around = (loss.first - DAY, (loss.last or SHORT) + DAY)
        assert not {(loss.office, loss.language, day) for day in around} & short
        if loss.first > TODAY:
            assert loss.leavers
    assert set(said) == short
    for row in horizon.heat:
        for cell in row.cells:
            of_month = [day for day in days if day.replace(day=1) == cell.month]
            assert cell.fewest == min(counts[row.office, row.language, day] for day in of_month)


def test_a_whole_country_agrees_with_counting_by_hand_where_one_looks():
    made = populate(TODAY)
    assert (len(made.people), len(made.certifications)) == (750, 5000)
    last = TODAY + 365 * DAY
    horizon = look_ahead(made.people, made.needs, made.certifications, TODAY, last)
    losses = defaultdict(list)
    for loss in horizon.losses:
        losses[loss.office, loss.desk, loss.language].append(loss)
    own = defaultdict(list)
    for one in made.certifications:
        own[one.mediator].append(one)
    draw = random.Random(5)
    found = Counter()
    for _ in range(400):
        need = draw.choice([need for need in made.needs if need.languages])
        language, day = draw.choice(need.languages), TODAY + draw.randrange(366) * DAY
        people = [
            one for one in made.people if need.office in one.offices and language in one.languages
        ]
        held = [one for person in people for one in own[person.mediator]]
        count = count_by_hand(need, language, people, held, day)
        stretches = losses[need.office, need.desk, language]
        short = any(loss.first <= day <= (loss.last or last) for loss in stretches)
        assert short == (count < need.least)
        found[short] += 1
    assert min(found[True], found[False]) > 40  # both are looked at
    expected = sorted(
        (span.last, mediator, kind)
        for (mediator, kind), listed in by_person_and_kind(made.certifications).items()
        for span in valid_days(listed)
        if span.last and TODAY <= span.last <= last
    )
    assert [(one.last_day, one.mediator, one.kind) for one in horizon.expiries] == expected


# ---- Proposals ----

RULES = {
    "legal": CertificationRule("legal", ("law",), 24, renewal_course="law-refresh"),
    "social": CertificationRule("social", ("care",), 24, renewal_window_days=20),
}


def test_a_session_is_proposed_for_those_at_stake_between_the_window_and_the_last_day():
    people = [speaker(1), speaker(2, "ru")]
    certifications = [legal(1, date(2026, 5, 1)), legal(2, date(2026, 5, 3))]
    horizon = look_ahead(people, [LEGAL_DESK], certifications, TODAY, UNTIL)
    (proposal,) = propose_sessions(horizon, RULES, TODAY)
    assert proposal.course == "law-refresh"
    assert (proposal.mediators, proposal.also) == ((1,), (2,))
    assert proposal.earliest == date(2026, 5, 3) - 90 * DAY
    assert proposal.latest == date(2026, 5, 1)
    assert proposal.prevents == horizon.losses
    assert not proposal.hurried


def test_nobody_joins_who_would_leave_hardly_a_day_to_choose_from():
    """The second may renew from 13 February on, a week before the first one's last day, or from
    the 4th."""
    people = [speaker(1), speaker(2, "ru")]
    for second, also in ((date(2026, 5, 14), ()), (date(2026, 5, 5), (2,))):
        certifications = [legal(1, date(2026, 2, 20)), legal(2, second)]
        horizon = look_ahead(people, [LEGAL_DESK], certifications, TODAY, UNTIL)
        proposal = propose_sessions(horizon, RULES, TODAY)[0]
        assert (proposal.mediators, proposal.also) == ((1,), also)


@pytest.mark.parametrize(("days_left", "hurried"), [(13, True), (14, False)])
def test_too_little_notice_is_said_and_the_session_proposed_all_the_same(days_left, hurried):
    last = TODAY + days_left * DAY
    horizon = look_ahead([speaker(1)], [LEGAL_DESK], [legal(1, last)], TODAY, UNTIL)
    (proposal,) = propose_sessions(horizon, RULES, TODAY, notice_days=14)
    assert (proposal.hurried, proposal.latest) == (hurried, last)
    assert proposal.earliest == (TODAY if hurried else last)


def test_people_too_far_apart_or_too_many_get_sessions_of_their_own():
    needs = [DeskNeed("porto", "care", frozenset({"social"}), ("uk",), least=3)]
    people = [speaker(number) for number in (1, 2, 3)]
    ends = [TODAY + days * DAY for days in (40, 60, 61)]
    held = [legal(number, end, "social") for number, end in zip((1, 2, 3), ends, strict=True)]
    horizon = look_ahead(people, needs, held, TODAY, UNTIL)
    apart = propose_sessions(horizon, RULES, TODAY)
    assert [proposal.mediators for proposal in apart] == [(1, 2), (3,)]  # 20 days, and 21
    one_seat = propose_sessions(horizon, RULES, TODAY, seats=1)
    assert [proposal.mediators for proposal in one_seat] == [(1,), (2,), (3,)]


@given(PEOPLE, NEEDS, CERTIFICATIONS, st.integers(1, 3), st.integers(0, 20))
def test_held_on_any_day_of_its_span_a_proposal_prevents_what_it_says(
    people, needs, certifications, seats, notice
):
    horizon = look_ahead(people, needs, certifications, TODAY, SHORT)
    proposals = propose_sessions(horizon, RULES, TODAY, notice, seats)
    for pick in ("earliest", "latest"):
        held = list(certifications)
        for proposal in sorted(proposals, key=lambda one: getattr(one, pick)):
            assert TODAY <= proposal.earliest <= proposal.latest
            assert len(proposal.mediators) + len(proposal.also) <= seats
            for mediator in (*proposal.mediators, *proposal.also):
                done = Completion(0, mediator, proposal.course, 1, getattr(proposal, pick))
                held.append(certification_after(done, RULES[proposal.kind], held))
        after = look_ahead(people, needs, held, TODAY, SHORT)
        ending = {(loss.office, loss.language, day) for loss in after.losses for day in span(loss)}
        for loss in horizon.losses:
            if loss.leavers and all(leaver.kind in RULES for leaver in loss.leavers):
                begun = loss.first > TODAY  # what lacks already is no leaver's doing
                if begun:
                    assert (loss.office, loss.language, loss.first) not in ending
    renewable = {key for key in horizon.at_stake() if key[1] in RULES}
    proposed = {(mediator, one.kind) for one in proposals for mediator in one.mediators}
    assert proposed == renewable


def span(loss):
    last = loss.last or SHORT
    return [loss.first + n * DAY for n in range((last - loss.first).days + 1)]
