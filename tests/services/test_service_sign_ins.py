"""Passwords checked without a hint, tries counted, sessions that end, links that work once."""

from __future__ import annotations

import base64
import datetime as dt
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from small_world import PASSWORD, SmallWorld

from app.models import (
    AccountLink,
    LinkKind,
    Mail,
    PasswordRequest,
    RateCount,
    User,
    UserSession,
    database,
)
from app.services import account_admin, account_links, limits, passkeys, passwords, sign_ins
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.keyring import Keyring
from app.services.limits import TooManyTries
from app.services.passkeys import relying_party
from app.services.rights import actor_of

KEYS = Keyring("k" * 40)
FROM = "192.0.2.7"


def check(email: str, password: str, now: dt.datetime, origin: str = FROM) -> User | None:
    return sign_ins.check_password(email, password, origin, KEYS, now)


def user_of(email: str) -> User:
    found: User = User.get(User.email == email)
    return found


def test_right_wrong_unknown_and_closed(world: SmallWorld, now: dt.datetime) -> None:
    assert check(f" {world.mediator.upper()} ", PASSWORD, now) == user_of(world.mediator)
    assert check(world.mediator, PASSWORD + "x", now) is None
    assert check("nobody@example.org", PASSWORD, now) is None
    User.update(active=False).where(User.email == world.mediator).execute()
    assert check(world.mediator, PASSWORD, now) is None


def test_no_password_opens_an_account_that_has_none(world: SmallWorld, now: dt.datetime) -> None:
    User.update(password_hash=passwords.NONE).where(User.email == world.mediator).execute()
    for guess in ("", "nobody has this password", PASSWORD):
        assert check(world.mediator, guess, now) is None


def test_a_password_is_kept_by_slow_hashing(slow_passwords: None) -> None:
    """Argon2id with 19 MiB, twice: what OWASP asks for at least."""
    assert passwords.hashed(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_one_that_was_hashed_with_less_is_hashed_anew_at_the_next_sign_in(
    world: SmallWorld, now: dt.datetime, slow_passwords: None
) -> None:
    before = user_of(world.mediator).password_hash
    assert passwords.is_outdated(before)
    assert check(world.mediator, PASSWORD + "x", now) is None
    assert user_of(world.mediator).password_hash == before
    assert check(world.mediator, PASSWORD, now)
    after = user_of(world.mediator).password_hash
    assert not passwords.is_outdated(after)
    assert passwords.is_right(after, PASSWORD)


def test_time_tells_no_address(world: SmallWorld, now: dt.datetime, slow_passwords: None) -> None:
    """Every refusal hashes once: an account, none, one without a password. Medians, in turns."""
    User.update(password_hash=passwords.NONE).where(User.email == world.other_mediator).execute()
    kept = {
        "known": passwords.hashed(PASSWORD),
        "unknown": None,
        "invited": user_of(world.other_mediator).password_hash,
    }
    took: dict[str, list[float]] = {name: [] for name in kept}
    for _turn in range(15):
        for name, hashed in kept.items():
            began = time.process_time()
            assert not passwords.is_right(hashed, "a wrong password")
            took[name].append(time.process_time() - began)
    medians = {name: statistics.median(times) for name, times in took.items()}
    assert max(medians.values()) < 2 * min(medians.values()), medians


def test_the_try_past_the_limit_is_refused_even_if_right(
    world: SmallWorld, now: dt.datetime
) -> None:
    for _try in range(limits.SIGN_IN_PAIR.most):
        assert check(world.mediator, "wrong password", now) is None
    with pytest.raises(TooManyTries) as refused:
        check(world.mediator, PASSWORD, now)
    assert refused.value.wait_seconds == limits.SIGN_IN_PAIR.window.total_seconds()
    assert check(world.mediator, PASSWORD, now, "198.51.100.1"), "its owner, from elsewhere"
    assert check(world.other_mediator, PASSWORD, now), "another account from there"
    assert check(world.mediator, PASSWORD, now + limits.SIGN_IN_PAIR.window)


def test_an_unknown_address_meets_the_same_limit(world: SmallWorld, now: dt.datetime) -> None:
    for _try in range(limits.SIGN_IN_PAIR.most):
        assert check("nobody@example.org", "wrong password", now) is None
    with pytest.raises(TooManyTries):
        check("nobody@example.org", "wrong password", now)


def test_an_office_behind_one_address_signs_in_all_day(world: SmallWorld, now: dt.datetime) -> None:
    """Everybody there, again and again, and a slip here and there: only the slips are counted."""
    people = [world.mediator, world.other_mediator, world.trainer, world.coordinator]
    for number in range(limits.SIGN_IN_FROM.most + len(people)):
        assert check(people[number % len(people)], PASSWORD, now), number
    for slip in range(limits.SIGN_IN_FROM.most):
        assert check(f"typo{slip}@example.org", PASSWORD, now) is None
    with pytest.raises(TooManyTries):
        check(world.administrator, PASSWORD, now)


def test_counts_are_disguised_and_gone_with_their_window(
    world: SmallWorld, now: dt.datetime
) -> None:
    check(world.mediator, "wrong password", now)
    kept = " ".join(row.key for row in RateCount.select())
    assert FROM not in kept
    assert world.mediator not in kept
    check("other@example.org", "wrong", now + dt.timedelta(hours=2), "198.51.100.1")
    assert all(row.ends_at > now + dt.timedelta(hours=2) for row in RateCount.select())


def test_a_session_ends_when_told_idle_or_when_its_user_is_stopped(
    world: SmallWorld, now: dt.datetime
) -> None:
    user = user_of(world.mediator)
    one, two = (sign_ins.start(user, "Firefox/1 Android", False, now) for _ in range(2))
    found = sign_ins.find(one, now)
    assert found is not None
    assert one not in {row.token_hash for row in UserSession.select()}
    with pytest.raises(NotFound):
        sign_ins.end(actor_of(user_of(world.other_mediator)), found.id, now)
    sign_ins.end_others(actor_of(user), found.id, now)
    assert sign_ins.find(two, now) is None
    assert sign_ins.find(one, now + sign_ins.IDLE) is not None, "used within twelve hours"
    late = now + 2 * sign_ins.IDLE + dt.timedelta(seconds=1)
    assert sign_ins.find(one, late) is None
    account_admin.stop(world.system, user.id, now)
    assert sign_ins.find(one, now) is None


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit Chrome/130.0 Safari/537.36", "Chrome · Windows"),  # noqa: E501
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604.1", "Safari · iPhone"),  # noqa: E501
        ("Mozilla/5.0 (Android 15; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0", "Firefox · Android"),  # noqa: E501
        ("", ""),
    ],
)  # fmt: skip
def test_devices_are_told_by_name(agent: str, device: str) -> None:
    assert sign_ins.device_of(agent) == device


def invite(world: SmallWorld, now: dt.datetime) -> account_admin.Invited:
    return account_admin.invite_mediator(world.system, world.mediators[2].id, KEYS, now)


def test_an_invitation_opens_the_account_once_and_no_table_holds_its_token(
    world: SmallWorld, now: dt.datetime
) -> None:
    made = invite(world, now)
    link = AccountLink.get()
    assert made.token not in f"{link.token_hash} {link.nonce} {Mail.get().details}"
    assert account_links.token_of(link.id, KEYS)[1] == made.token, "the mail can still write it"
    weak = ("short", "aaaaaaaaaaaa", "caio exemplo")
    for password in weak:
        with pytest.raises(Invalid):
            use(made.token, password, now)
    assert use(made.token, "quatro palavras à toa", now).mediator_id == world.mediators[2].id
    with pytest.raises(NotFound):
        use(made.token, "quatro palavras à toa", now)
    assert check("caio@example.org", "quatro palavras à toa", now)


def use(token: str, password: str, now: dt.datetime) -> User:
    return account_links.use_with_password(token, LinkKind.INVITATION, password, password, now)


def test_an_invitation_lapses_and_a_newer_one_ends_it(world: SmallWorld, now: dt.datetime) -> None:
    first = invite(world, now)
    second = invite(world, now)
    with pytest.raises(NotFound):
        account_links.look_up(first.token, LinkKind.INVITATION, now)
    end = now + account_links.INVITATION_FOR
    moment = dt.timedelta(seconds=1)
    assert account_links.look_up(second.token, LinkKind.INVITATION, end - moment)
    for late in (end, end + moment):
        with pytest.raises(NotFound):
            account_links.look_up(second.token, LinkKind.INVITATION, late)
    with pytest.raises(NotFound):
        account_links.look_up(second.token, LinkKind.NEW_PASSWORD, now)


def test_who_may_invite_whom(world: SmallWorld, now: dt.datetime) -> None:
    azores = actor_of(user_of(world.azores_coordinator))
    with pytest.raises(Forbidden):
        account_admin.invite_mediator(azores, world.mediators[2].id, KEYS, now)
    account_admin.invite_mediator(azores, world.mediators[4].id, KEYS, now)
    with pytest.raises(Conflict):
        account_admin.invite_mediator(world.system, world.mediators[0].id, KEYS, now)


def test_a_forgotten_password_writes_the_same_for_every_address(
    world: SmallWorld, now: dt.datetime
) -> None:
    """One row each, nothing looked up: no hint in the answer, nor in its time."""
    before = UserSession.select().count()
    for email in (world.mediator, "nobody@example.org"):
        account_links.ask_new_password(email, FROM, KEYS, now)
    assert [row.email for row in PasswordRequest.select()] == [world.mediator, "nobody@example.org"]
    assert Mail.select().count() == 0
    assert account_links.answer_requests(KEYS, now) == 1
    assert PasswordRequest.select().count() == 0
    assert Mail.get().user_id == user_of(world.mediator).id
    assert account_links.answer_requests(KEYS, now) == 0
    assert UserSession.select().count() == before


def test_a_new_password_ends_every_session_and_is_told(world: SmallWorld, now: dt.datetime) -> None:
    user = user_of(world.mediator)
    token = sign_ins.start(user, "", False, now)
    link = account_admin.send_link(world.system, user.id, KEYS, now).token
    account_links.use_with_password(link, LinkKind.NEW_PASSWORD, "outra frase", "outra frase", now)
    assert sign_ins.find(token, now) is None
    assert check(world.mediator, PASSWORD, now) is None
    assert check(world.mediator, "outra frase", now)
    assert [row.kind for row in Mail.select().order_by(Mail.id)] == [
        "new_password",
        "password_changed",
    ]


def test_asking_again_and_again_ends_at_the_limit_for_any_address(
    world: SmallWorld, now: dt.datetime
) -> None:
    for email in (world.mediator, "nobody@example.org"):
        for _time in range(limits.FORGOTTEN_FOR.most):
            account_links.ask_new_password(email, FROM, KEYS, now)
        with pytest.raises(TooManyTries):
            account_links.ask_new_password(email, FROM, KEYS, now)


@pytest.mark.parametrize(
    ("address", "party"),
    [
        ("https://escala.example.org", "escala.example.org"),
        ("http://localhost:8000", "localhost"),
        ("http://127.0.0.1:8000", None),
        ("https://192.0.2.1", None),
        ("https://[2001:db8::1]", None),
        ("http://escala.example.org", None),
    ],
)
def test_passkeys_want_a_name_and_https(address: str, party: str | None) -> None:
    found = relying_party(address)
    assert (found.id if found else None) == party


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_counting_waits_for_no_other_count_that_is_over(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Two that each hold a count of theirs and sweep the other's would end in a deadlock."""
    for subject in ("a", "b"):
        limits.count(limits.CONFIRM, subject, now - dt.timedelta(days=1))

    def elsewhere() -> None:
        with database.connection_context():
            database.execute_sql("SET lock_timeout = '2s'")
            limits.count(limits.CONFIRM, "b", now)

    with ThreadPoolExecutor(1) as pool, database.atomic():
        RateCount.update(count=1).where(RateCount.key == "confirm:a").execute()
        pool.submit(elsewhere).result()
    assert RateCount.select().count() == 2, "the one held just then goes with a later sweep"


@pytest.mark.parametrize("identifier", ["a\x00b", "a\ud800b", "", "a=", "é", "x" * 1401])
def test_an_id_that_no_browser_writes_is_nobody_s_passkey(
    world: SmallWorld, now: dt.datetime, identifier: str
) -> None:
    party = relying_party("https://escala.example.org")
    assert party is not None
    asked = json.loads(passkeys.asking_options(party, now))
    told = json.dumps({"challenge": asked["challenge"]}).encode()
    data = base64.urlsafe_b64encode(told).decode().rstrip("=")
    credential = {"id": identifier, "response": {"clientDataJSON": data}}
    assert passkeys.check(party, credential, now) is None


def test_a_passkey_s_name_is_one_that_can_be_kept(world: SmallWorld, now: dt.datetime) -> None:
    party = relying_party("https://escala.example.org")
    assert party is not None
    user = User.get(User.email == world.mediator)
    for name in ("a\x00b", "a\ud800b"):
        with pytest.raises(Invalid) as caught:
            passkeys.keep(party, user.id, {}, name, now)
        assert caught.value.faults[0].field == "name"
