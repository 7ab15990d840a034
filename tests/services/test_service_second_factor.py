"""One-time codes and recovery codes: each works once, around now, for its person."""

from __future__ import annotations

import datetime as dt

import pyotp
import pytest
from small_world import SmallWorld

from app.models import OneTimeSecret, RecoveryCode, Role, User
from app.services import second_factor
from app.services.errors import Conflict, Invalid
from app.services.keyring import Keyring
from app.services.limits import SECOND_STEP, TooManyTries
from app.services.rights import Actor, actor_of

KEYS = Keyring("k" * 40)
STEP = dt.timedelta(seconds=30)


def ana(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.mediator))


def set_up(world: SmallWorld, now: dt.datetime) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    shown = second_factor.begin(ana(world), KEYS, now)
    totp = pyotp.TOTP(shown.secret)
    return totp, second_factor.confirm(ana(world), totp.at(now), KEYS, now)


def take(world: SmallWorld, code: str, now: dt.datetime) -> bool:
    return second_factor.take_code(ana(world).user_id or 0, code, KEYS, now)


def test_a_code_is_taken_once(world: SmallWorld, now: dt.datetime) -> None:
    totp, _codes = set_up(world, now)
    assert not take(world, totp.at(now), now), "the first one has turned it on"
    later = now + 2 * STEP
    assert take(world, totp.at(later), later)
    assert not take(world, totp.at(later), later)


@pytest.mark.parametrize(
    ("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_phone_s_clock_may_be_off_by_a_step(
    world: SmallWorld, now: dt.datetime, steps: int, taken: bool
) -> None:
    totp, _codes = set_up(world, now)
    later = now + 10 * STEP
    assert take(world, totp.at(later + steps * STEP), later) is taken


def test_an_earlier_code_is_not_taken_after_a_later_one(
    world: SmallWorld, now: dt.datetime
) -> None:
    totp, _codes = set_up(world, now)
    later = now + 10 * STEP
    assert take(world, totp.at(later), later)
    assert not take(world, totp.at(later - STEP), later)


def test_codes_are_asked_for_only_once_a_first_was_right(
    world: SmallWorld, now: dt.datetime
) -> None:
    shown = second_factor.begin(ana(world), KEYS, now)
    assert second_factor.begin(ana(world), KEYS, now) == shown, "a reload shows the same"
    with pytest.raises(Invalid):
        second_factor.confirm(ana(world), "000000", KEYS, now - 90 * STEP)
    user_id = ana(world).user_id or 0
    assert not second_factor.factors_of(user_id).any
    second_factor.confirm(ana(world), pyotp.TOTP(shown.secret).at(now), KEYS, now)
    assert second_factor.factors_of(user_id).code
    with pytest.raises(Conflict):
        second_factor.begin(ana(world), KEYS, now)


def test_each_recovery_code_works_once_however_it_is_written(
    world: SmallWorld, now: dt.datetime
) -> None:
    _totp, codes = set_up(world, now)
    assert len(set(codes)) == second_factor.CODES
    assert take(world, codes[0].lower().replace("-", " "), now)
    assert not take(world, codes[0], now)
    assert take(world, codes[1], now)
    assert second_factor.factors_of(ana(world).user_id or 0).recovery_left == 8


def test_another_s_recovery_code_opens_nothing(world: SmallWorld, now: dt.datetime) -> None:
    _totp, codes = set_up(world, now)
    bo = User.get(User.email == world.other_mediator)
    assert not second_factor.take_code(bo.id, codes[0], KEYS, now)


def test_no_secret_lies_open_in_the_database(world: SmallWorld, now: dt.datetime) -> None:
    totp, codes = set_up(world, now)
    kept = OneTimeSecret.get().sealed + "".join(row.code_hash for row in RecoveryCode.select())
    for secret in (totp.secret, *codes):
        assert secret not in kept
    assert Keyring("x" * 40).unseal(OneTimeSecret.get().sealed) is None


def test_guessing_ends_at_the_limit_and_a_right_code_does_not_help(
    world: SmallWorld, now: dt.datetime
) -> None:
    totp, _codes = set_up(world, now)
    later = now + dt.timedelta(hours=1)
    for _try in range(SECOND_STEP.most):
        assert not take(world, "12", later)
    with pytest.raises(TooManyTries):
        take(world, totp.at(later), later)
    after = later + SECOND_STEP.window
    assert take(world, totp.at(after), after)


@pytest.mark.parametrize(
    ("policy", "role", "asked"),
    [
        ("optional", Role.ADMINISTRATOR, False),
        ("coordinators", Role.COORDINATOR, True),
        ("coordinators", Role.ADMINISTRATOR, True),
        ("coordinators", Role.MEDIATOR, False),
        ("everyone", Role.MEDIATOR, True),
    ],
)
def test_of_whom_a_second_factor_is_asked(policy: str, role: Role, asked: bool) -> None:
    assert second_factor.is_required(Actor(1, frozenset({role})), policy) is asked
