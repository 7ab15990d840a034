"""What a mail says: in the reader's language, before and now side by side, nothing of health."""

from __future__ import annotations

import datetime as dt
import re
from email.headerregistry import Address
from typing import Any

import pytest
from flask import Flask
from small_world import MONDAY, SmallWorld
from smtp_sink import html, plain, read

from app.mailing import letter
from app.models import Absence, AbsenceKind, Mail, Message, User
from app.services import my_times, outbox
from app.services.rights import actor_of
from app.services.telling import tell
from app.services.withdrawals import KIND as WITHDRAWN

SENDER = Address("Escala", addr_spec="escala@example.org")
URL = "https://escala.example.org/rede"
SHIFT = {
    "office": "Ponta Delgada",
    "zone": "Atlantic/Azores",
    "starts_at": "2026-03-09T09:00:00+00:00",
    "ends_at": "2026-03-09T18:00:00+00:00",
    "breaks": [["2026-03-09T13:00:00+00:00", "2026-03-09T14:00:00+00:00"]],
}
LATER = {**SHIFT, "starts_at": "2026-03-09T11:00:00+00:00", "ends_at": "2026-03-09T17:00:00+00:00"}
CHANGE = {"date": MONDAY.isoformat(), "before": SHIFT, "after": LATER}
CANCELLED = {"date": MONDAY.isoformat(), "before": SHIFT, "after": None}


def user_of(email: str, locale: str) -> User:
    User.update(locale=locale).where(User.email == email).execute()
    found: User = User.get(User.email == email)
    return found


def written(app: Flask, user: User, now: dt.datetime) -> Any:
    """The one mail that is due, as it would arrive."""
    outbox.gather(now)
    (mail,) = Mail.select().where(Mail.user == user.id)
    return read(as_bytes(app, mail, user))


def as_bytes(app: Flask, mail: Mail, user: User) -> bytes:
    text = letter.text_of(app, URL, mail, user, outbox.messages_in(mail))
    return letter.compose(text, mail, user, SENDER, f"{URL}/messages/mail")


def publish(user: User, now: dt.datetime, *changes: dict[str, Any]) -> None:
    details = {"week": MONDAY.isoformat(), "version": 2, "changes": list(changes)}
    tell([user.id], "roster_published", "r", details, now)


@pytest.mark.parametrize(
    ("locale", "subject", "before", "now_word"),
    [
        ("pt", "Os seus turnos da semana de 9 a 15 de março de 2026", "antes", "agora"),
        ("en", "Your shifts of the week of 9 to 15 March 2026", "before", "now"),
    ],
)
def test_old_and_new_times_stand_side_by_side_in_the_reader_s_language(
    app: Flask,
    world: SmallWorld,
    now: dt.datetime,
    locale: str,
    subject: str,
    before: str,
    now_word: str,
) -> None:
    ana = user_of(world.mediator, locale)
    publish(ana, now, CHANGE)
    mail = written(app, ana, now)
    assert subject in mail["Subject"]
    line = next(one for one in plain(mail).splitlines() if "→" in one)
    assert re.search(rf"{before}: 08:00–17:00, .* → +{now_word}: 10:00–16:00", line), line
    row = re.search(r"<del>08:00–17:00, .*?</del></td><td><strong>10:00–16:00", html(mail))
    assert row, html(mail)
    assert f"{URL}/me" in plain(mail)
    assert f'href="{URL}/me"' in html(mail)


def test_a_break_that_moves_can_be_seen(app: Flask, world: SmallWorld, now: dt.datetime) -> None:
    ana = user_of(world.mediator, "en")
    moved = {**SHIFT, "breaks": [["2026-03-09T14:00:00+00:00", "2026-03-09T15:00:00+00:00"]]}
    publish(ana, now, {**CHANGE, "after": moved})
    text = plain(written(app, ana, now))
    assert "break 12:00–13:00" in text
    assert "break 13:00–14:00" in text


def test_a_cancelled_shift_is_said_to_be(app: Flask, world: SmallWorld, now: dt.datetime) -> None:
    ana = user_of(world.mediator, "en")
    publish(ana, now, CANCELLED)
    mail = written(app, ana, now)
    assert mail["Subject"] == ("Shifts of yours in the week of 9 to 15 March 2026 are cancelled.")
    assert "now: no shift" in plain(mail)


def test_every_attempt_sends_the_same_bytes_but_for_the_boundary(
    app: Flask, world: SmallWorld, now: dt.datetime
) -> None:
    ana = user_of(world.mediator, "en")
    publish(ana, now, CHANGE)
    outbox.gather(now)
    mail = Mail.get()
    first, second = (read(as_bytes(app, mail, ana)) for _ in range(2))
    assert first["Message-ID"] == second["Message-ID"] == f"<{mail.uid}@example.org>"
    assert first["Date"] == second["Date"]
    assert (plain(first), html(first)) == (plain(second), html(second))


def test_it_says_that_it_is_automatic_and_where_to_change_it(
    app: Flask, world: SmallWorld, now: dt.datetime
) -> None:
    ana = user_of(world.mediator, "en")
    publish(ana, now, CHANGE)
    mail = written(app, ana, now)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == f"<{URL}/messages/mail>"
    assert f"{URL}/messages/mail" in plain(mail)
    assert mail["From"] == "Escala <escala@example.org>"
    assert world.mediator in mail["To"]


@pytest.mark.parametrize("kind", list(AbsenceKind))
@pytest.mark.parametrize("locale", ["pt", "en"])
def test_no_mail_says_why_somebody_is_away(
    app: Flask, world: SmallWorld, now: dt.datetime, kind: AbsenceKind, locale: str
) -> None:
    """Health data (GDPR 9) stays in the application, of every kind of absence."""
    ana = actor_of(User.get(User.email == world.mediator))
    User.update(locale=locale).execute()
    first = (now + dt.timedelta(days=1)).date()
    my_times.tell_absence(ana, first, first, kind, now)
    assert Absence.get().kind == kind
    coordinator = User.get(User.email == world.coordinator)
    mail = written(app, coordinator, now)
    said = f"{mail['Subject']} {plain(mail)} {html(mail)}".lower()
    assert "ana" in said
    for word in ("sick", "ill", "doen", "baixa", "saúde", "health", "médic", str(kind)):
        assert not re.search(rf"\b{word}", said), word


def test_every_kind_that_is_told_has_words_of_its_own_in_both_languages(
    app: Flask, world: SmallWorld, now: dt.datetime
) -> None:
    session = {
        "title_pt": "Apoio", "title_en": "Support", "office": "Lisboa", "zone": "Europe/Lisbon",
        "starts_at": SHIFT["starts_at"], "ends_at": SHIFT["ends_at"],
    }  # fmt: skip
    swap = {"giver": "Ana", "taker": "Bo", "given": SHIFT, "returned": None}
    ends = {
        "name_pt": "Jurídico", "name_en": "Legal", "mediator": "Ana", "last_day": "2026-05-01",
        "at_stake": True,
    }  # fmt: skip
    days = {"mediator": "Ana", "first": "2026-03-09", "last": "2026-03-10", "status": "approved"}
    kinds = {
        "roster_published": {"week": "2026-03-09", "changes": [CHANGE]},
        "certification_ends": ends,
        WITHDRAWN: {"mediator": "Ana", "shifts": [{"date": "2026-03-09"}]},
        "absence_asked": days, "absence_told": days, "away_told": days, "leave_decided": days,
        "absence_ended": days, "times_entered": days | {"what": "away"},
        "swap_unaccepted": swap | {"open": True},
        "swap_gone": swap | {"gone": "taken"},
        "swap_for_you": swap | {"what": "agreed"},
        **dict.fromkeys(
            ("swap_asked", "swap_open", "swap_accepted", "swap_waits", "swap_declined",
             "swap_withdrawn", "swap_lapsed"), swap),
        "training_placed": {"session": session},
        "training_moved": {"session": session, "before": session},
        "training_cancelled": {"session": session},
        "training_on_shift": {"session": session, "mediator": "Ana", "office": "Lisboa"},
        "training_on_leave": {"session": session, "mediator": "Ana"},
        "certification_changed": {
            "name_pt": "Jurídico", "name_en": "Legal", "what": "withdrawn",
        },
        "address_refused": {"name": "Ana"},
    }  # fmt: skip
    subjects: dict[str, set[str]] = {}
    for locale, email in (("pt", world.mediator), ("en", world.other_mediator)):
        user = user_of(email, locale)
        for kind, details in kinds.items():
            tell([user.id], kind, kind, details, now)
        outbox.gather(now)
        for mail in Mail.select().where(Mail.user == user.id):
            (message,) = outbox.messages_in(mail)
            made = read(as_bytes(app, mail, user))
            subjects.setdefault(message.kind, set()).add(made["Subject"])
            assert URL in plain(made)
    assert set(subjects) == set(kinds)
    assert all(len(both) == 2 for both in subjects.values()), subjects
    assert not {"There is news for you.", "Há novidades para si."} & set().union(*subjects.values())
    assert Message.select().count() == 2 * len(kinds)


def test_a_name_from_right_to_left_turns_nothing_round_that_stands_beside_it(
    app: Flask, world: SmallWorld, now: dt.datetime
) -> None:
    ana = user_of(world.mediator, "en")
    name = "سارة الحسن"
    tell([ana.id], "address_refused", "dead", {"name": name}, now)
    mail = written(app, ana, now)
    assert f"\u2068{name}\u2069" in mail["Subject"]
    assert f"\u2068{name}\u2069" in plain(mail)
    assert f"<bdi>{name}</bdi>" in html(mail)


@pytest.mark.parametrize("sign", ["\n", "\x0b", "\x1c", "\x85", "\u2028"])
def test_a_name_kept_with_the_end_of_a_line_stops_no_mail(
    app: Flask, world: SmallWorld, now: dt.datetime, sign: str
) -> None:
    ana = user_of(world.mediator, "en")
    ana.name = f"Ana{sign}Lima"
    mail = Mail(user=ana, uid="x", kind="test", created_at=now)
    text = letter.Text(f"Ana{sign}Lima asks", f"Ana{sign}Lima\n", f"<p>Ana{sign}Lima</p>")
    found = read(letter.compose(text, mail, ana, SENDER, URL))
    assert found["Subject"] == "Ana Lima asks"
    assert str(found["To"]).startswith("Ana Lima <")
