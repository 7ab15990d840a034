"""People out of a file: added, changed or left alone; each bad cell told; all of it or nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from small_world import SmallWorld

from app.models import LanguageLevel, Mediator, MediatorLanguage, User
from app.services import people_import
from app.services.errors import Forbidden, Invalid
from app.services.rights import Actor, actor_of

HEAD = "Código;Nome;Associação;Regime;Centro;Línguas;Início;Horas por semana;Turno mais curto\n"


@pytest.fixture
def coordinator(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.coordinator))


def take(actor: Actor, text: str, now: dt.datetime) -> tuple[int, people_import.PeoplePreview]:
    upload = people_import.take_in(actor, "people.csv", text.encode(), now)
    return upload, people_import.preview(actor, upload, now)


def test_a_new_code_adds_somebody_with_levels(
    world: SmallWorld, coordinator: Actor, now: dt.datetime
) -> None:
    line = (
        "fia;Fia Exemplo;Associação Ponte;private;lisboa;ucraniano (nativo), pt;01/03/2026;20;4\n"
    )
    upload, found = take(coordinator, HEAD + line, now)
    assert (found.file.faults, found.new) == ((), ("Fia Exemplo",))
    assert Mediator.get_or_none(Mediator.code == "fia") is None, "looking saves nothing"
    assert people_import.carry_out(coordinator, upload, now) == 1
    fia = Mediator.get(Mediator.code == "fia")
    assert (fia.week_minutes, fia.shift_least_minutes, fia.shift_most_minutes) == (1200, 240, 480)
    spoken = {row.language_id: row.level for row in fia.languages}
    assert spoken == {"uk": LanguageLevel.NATIVE, "pt": LanguageLevel.FLUENT}


def test_a_known_code_changes_what_the_file_says_and_keeps_the_rest(
    world: SmallWorld, coordinator: Actor, now: dt.datetime
) -> None:
    lines = (
        "ana;Ana Exemplo;aurora;private;lisbon;pt, uk, ru;2025-01-01;30;4\n"
        "bo;Bo Exemplo;ponte;private;lisbon;pt, zh;2025-01-01;40;4\n"
    )
    upload, found = take(coordinator, HEAD + lines, now)
    assert found.changed == (("Ana Exemplo", ("week_hours",)),)
    assert found.same == 1
    people_import.carry_out(coordinator, upload, now)
    ana = Mediator.get(Mediator.code == "ana")
    assert (ana.week_minutes, ana.email, ana.called_name) == (1800, "ana@example.org", "Ana")


@pytest.mark.parametrize(
    ("told", "kept"), [("Mulher", "woman"), ("M", "man"), ("outra", "other"), ("", "")]
)
def test_gender_is_kept_where_it_is_given(
    world: SmallWorld, coordinator: Actor, now: dt.datetime, told: str, kept: str
) -> None:
    head = HEAD.replace("\n", ";Género\n")
    line = f"ana;Ana Exemplo;aurora;private;lisbon;pt, uk, ru;2025-01-01;30;4;{told}\n"
    upload, found = take(coordinator, head + line, now)
    assert found.file.faults == ()
    people_import.carry_out(coordinator, upload, now)
    assert Mediator.get(Mediator.code == "ana").gender == kept
    _again, refused = take(coordinator, head + line.replace(f";{told}\n", ";x\n"), now)
    assert [one.column for one in refused.file.faults] == ["Género"]


def test_every_bad_cell_is_told_and_nobody_is_saved(
    world: SmallWorld, coordinator: Actor, now: dt.datetime
) -> None:
    lines = (
        "gil;Gil;aurora;private;lisbon;pt;2026-01-01;40;4\n"
        "hal;Hal;nowhere;private;lisbon;pt;2026-01-01;40;4\n"
        "ivo;Ivo;aurora;private;lisbon;klingon;2026-01-01;40;4\n"
        "joe;Joe;aurora;private;lisbon;pt;yesterday;40;4\n"
        "kim;Kim;aurora;private;lisbon;pt;2026-01-01;41;4\n"
        "gil;Gil again;aurora;private;lisbon;pt;2026-01-01;40;4\n"
    )
    upload, found = take(coordinator, HEAD + lines, now)
    assert [(one.line, one.column) for one in found.file.faults] == [
        (3, "Associação"),
        (4, "Línguas"),
        (5, "Início"),
        (6, "Horas por semana"),
        (7, "Código"),
    ]
    before = MediatorLanguage.select().count()
    with pytest.raises(Invalid):
        people_import.carry_out(coordinator, upload, now)
    assert Mediator.get_or_none(Mediator.code == "gil") is None
    assert MediatorLanguage.select().count() == before


def test_a_missing_column_is_told_once(
    world: SmallWorld, coordinator: Actor, now: dt.datetime
) -> None:
    _upload, found = take(coordinator, "code;name\nfia;Fia\n", now)
    assert {one.column for one in found.file.faults} == {
        "association", "regime", "home_office", "languages", "starts_on",
    }  # fmt: skip


def test_a_name_is_of_one_line_whatever_the_cell_held(
    world: SmallWorld, coordinator: Actor, now: dt.datetime
) -> None:
    rest = ";aurora;private;lisbon;pt;2026-03-01;40;4\n"
    upload, found = take(coordinator, f'{HEAD}fia;"Fia\nda\u2028 Luz\x0b"{rest}', now)
    assert found.new == ("Fia da Luz",)
    people_import.carry_out(coordinator, upload, now)
    _upload, found = take(coordinator, f"{HEAD}gil;Gil\x1b Luz{rest}", now)
    assert [one.column for one in found.file.faults] == ["Nome"]


def test_a_column_may_be_told_by_hand(
    world: SmallWorld, coordinator: Actor, now: dt.datetime
) -> None:
    text = "a;b;c;d;e;f;g\nfia;Fia;aurora;private;lisbon;pt;2026-03-01\n"
    upload = people_import.take_in(coordinator, "x.csv", text.encode(), now)
    mapping = dict(zip(people_import.REQUIRED, range(7), strict=True))
    assert people_import.preview(coordinator, upload, now, mapping).new == ("Fia",)


def test_a_coordinator_of_one_office_brings_people_to_no_other(
    world: SmallWorld, now: dt.datetime
) -> None:
    actor = actor_of(User.get(User.email == world.azores_coordinator))
    lines = (
        "fia;Fia;aurora;private;lisbon;pt;2026-01-01;40;4\n"
        "gil;Gil;aurora;private;azores;pt;2026-01-01;40;4\n"
    )
    _upload, found = take(actor, HEAD + lines, now)
    assert [(one.line, one.column) for one in found.file.faults] == [(2, "Centro")]


def test_others_bring_nobody(world: SmallWorld, now: dt.datetime) -> None:
    for email in (world.trainer, world.mediator, world.association):
        with pytest.raises(Forbidden):
            people_import.take_in(actor_of(User.get(User.email == email)), "x", b"code\nx\n", now)
