"""Mediators: looked up, seen, added, changed; every fault at its field, nothing half saved."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from small_world import SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    AuditEntry,
    Certification,
    Mediator,
    MediatorLanguage,
    MediatorOffice,
    RequestStatus,
)

TODAY = dt.date.today()  # noqa: DTZ011 - a page reads the clock
DAY = dt.timedelta(days=1)


@pytest.fixture
def desk(world: SmallWorld, sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    client = sign_in(world.coordinator)
    client.post("/language", data={"locale": "en"})
    return client


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def names(text: str) -> list[str]:
    return re.findall(r">(\w+) Exemplo</a>", text)


def filled(world: SmallWorld, **changes: Any) -> dict[str, Any]:
    """The form of someone new, as a browser sends it."""
    return {
        "name": "Fátima Exemplo",
        "called_name": "Fátima",
        "code": "fatima",
        "email": "fatima@example.org",
        "association_id": world.associations[0].id,
        "languages-0-code": "pt",
        "languages-0-level": "native",
        "languages-1-code": "",
        "languages-1-level": "fluent",
        "languages-2-code": "uk",
        "languages-2-level": "working",
        "home_office_id": world.lisbon.id,
        "other_offices": [world.azores.id],
        "regime_id": 1,
        "week_minutes": "37:30",
        "shift_least_minutes": "4",
        "shift_most_minutes": "8",
        "starts_on": "01/03/2026",
        "ends_on": "",
        "active": "y",
    } | changes


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Ana", "Bo", "Caio", "Dina", "Eva"]),
        ("language=uk", ["Ana", "Eva"]),
        ("office={azores}", ["Caio", "Dina", "Eva"]),
        ("association={ponte}", ["Bo", "Dina"]),
        ("text=EVA+exem", ["Eva"]),
        ("language=uk&office={azores}&text=eva", ["Eva"]),
        ("language=zh&office={azores}", []),
        ("office=not-a-number&language=%22%3E", []),
    ],
)
def test_found_by_language_office_association_and_text(
    desk: FlaskClient, world: SmallWorld, query: str, found: list[str]
) -> None:
    MediatorOffice.create(mediator=world.mediators[2], office=world.azores)
    asked = query.format(azores=world.azores.id, ponte=world.associations[1].id)
    text = page(desk, f"/mediators?{asked}")
    assert names(text) == found
    assert ("Nobody fits" in text) == (not found)


def test_accents_neither_hide_nor_misplace_anyone(desk: FlaskClient, world: SmallWorld) -> None:
    Mediator.update(name="Ángela Exemplo").where(Mediator.code == "dina").execute()
    order = names(page(desk, "/mediators"))
    assert order == ["Ana", "Ángela", "Bo", "Caio", "Eva"]
    assert names(page(desk, "/mediators?text=angela")) == ["Ángela"]


def test_former_ones_only_when_asked_for(desk: FlaskClient, world: SmallWorld) -> None:
    Mediator.update(active=False).where(Mediator.code == "bo").execute()
    assert "Bo" not in names(page(desk, "/mediators"))
    assert "Bo" in names(page(desk, "/mediators?all=1"))


def test_certifications_are_shown_with_their_validity(desk: FlaskClient, world: SmallWorld) -> None:
    ana = world.mediators[0]

    def state(first: int, last: int | None) -> str:
        Certification.delete().execute()
        until = None if last is None else TODAY + last * DAY
        Certification.create(
            mediator=ana,
            kind="legal",
            valid_from=TODAY + first * DAY,
            valid_until=until,
            number="1",
        )
        row = page(desk, f"/mediators/{ana.id}").split('id="work"')[1].split("Absences")[0]
        return re.findall(r'<span class="tag[^"]*">([^<]+)</span>', row)[-1]

    assert state(-300, -1) == "expired"
    assert state(-300, 0) == "ends soon"
    assert state(-300, 60) == "ends soon"
    assert state(-300, 61) == "valid"
    assert state(-300, None) == "valid"
    assert state(1, 300) == "not yet valid"


def test_the_certification_that_counts_is_shown_before_the_one_to_come(
    desk: FlaskClient, world: SmallWorld
) -> None:
    ana = world.mediators[0]
    for number, (first, last) in enumerate(((-300, 65), (66, 400))):
        Certification.create(
            mediator=ana,
            kind="legal",
            valid_from=TODAY + first * DAY,
            valid_until=TODAY + last * DAY,
            number=str(number),
        )
    text = page(desk, f"/mediators/{ana.id}")
    assert 0 < text.find(">valid<") < text.find(">not yet valid<")


def test_adding_someone(desk: FlaskClient, world: SmallWorld) -> None:
    answer = desk.post("/mediators/new", data=filled(world))
    row = Mediator.get(Mediator.code == "fatima")
    assert answer.headers["Location"] == f"/mediators/{row.id}"
    assert (row.week_minutes, row.starts_on, row.ends_on) == (2250, dt.date(2026, 3, 1), None)
    spoken = {one.language_id: str(one.level) for one in row.languages}
    assert spoken == {"pt": "native", "uk": "working"}
    assert [one.office_id for one in row.other_offices] == [world.azores.id]
    text = page(desk, f"/mediators/{row.id}")
    assert "Saved: Fátima" in text
    assert "37\u00a0h\u00a030 a week" in text


def test_changing_someone_keeps_what_the_form_does_not_show(
    desk: FlaskClient, world: SmallWorld
) -> None:
    ana = world.mediators[0]
    MediatorOffice.create(mediator=ana, office=world.azores, cost=17)
    form = desk.get(f"/mediators/{ana.id}/edit").text
    assert 'value="01/01/2025"' in form
    changed = filled(world, code="ana", name="Ana Nova")
    assert desk.post(f"/mediators/{ana.id}/edit", data=changed).status_code == 302
    row = Mediator.get_by_id(ana.id)
    assert (row.name, row.fictional) == ("Ana Nova", True)
    assert [one.cost for one in row.other_offices] == [17]


def test_every_fault_at_once_at_its_field_and_nothing_saved(
    desk: FlaskClient, world: SmallWorld
) -> None:
    before = (Mediator.select().count(), AuditEntry.select().count())
    data = filled(
        world,
        name=" ",
        code="bo",
        email="nowhere",
        week_minutes="forty",
        shift_least_minutes="9",
        shift_most_minutes="8",
        starts_on="31/02/2026",
        home_office_id="",
        other_offices=[424242],
        regime_id=1,
    ) | {"languages-2-code": "pt", "languages-2-level": "perfect"}
    answer = desk.post("/mediators/new", data=data)
    text = html.unescape(answer.text)
    assert answer.status_code == 400
    summary = text.split('class="error-summary"')[1].split("</div>")[0]
    anchors = set(re.findall(r'href="#([\w-]+)"', summary))
    assert anchors == {
        "name",
        "code",
        "email",
        "week_minutes",
        "shift_most_minutes",
        "starts_on",
        "home_office_id",
        "other_offices-0",
        "languages-2-code",
        "languages-2-level",
    }
    for anchor in anchors:
        assert f'id="{anchor}"' in text, f"the summary leads to {anchor}"
    for typed in ("nowhere", "forty", "31/02/2026"):
        assert f'value="{typed}"' in text
    assert (Mediator.select().count(), AuditEntry.select().count()) == before


def test_an_unreadable_field_alone_saves_nothing(desk: FlaskClient, world: SmallWorld) -> None:
    """The service sees a stand-in for the date and finds no fault: still nothing is kept."""
    ana = world.mediators[0]
    spoken = MediatorLanguage.select().count()
    changed = filled(world, code="ana", starts_on="soon")
    answer = desk.post(f"/mediators/{ana.id}/edit", data=changed)
    assert answer.status_code == 400
    assert Mediator.get_by_id(ana.id).name == "Ana Exemplo"
    assert MediatorLanguage.select().count() == spoken
    assert AuditEntry.select().where(AuditEntry.action == "mediator.edit").count() == 0


def test_a_bound_coordinator_cannot_reach_another_office(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    client = sign_in(world.azores_coordinator)
    eva = world.mediators[4]
    form = client.get(f"/mediators/{eva.id}/edit").text
    assert f'<option value="{world.lisbon.id}"' not in form.split('id="home_office_id"')[1][:400]
    taken = client.post("/mediators/new", data=filled(world))
    assert taken.status_code == 400
    moved = client.post(f"/mediators/{eva.id}/edit", data=filled(world, code="eva"))
    assert moved.status_code == 400
    assert Mediator.get_by_id(eva.id).home_office_id == world.azores.id
    assert Mediator.get_or_none(Mediator.code == "fatima") is None


def test_a_long_list_comes_in_pages_that_keep_what_was_asked(
    world: SmallWorld, desk: FlaskClient
) -> None:
    """A hundred on the first, the rest on the second, and each page keeps the search."""
    like = dict(Mediator.get_by_id(world.mediators[0].id).__data__)
    del like["id"]
    there = Mediator.select().where(Mediator.active).count()
    Mediator.insert_many(
        {**like, "code": f"p{n}", "name": f"P{n:03} Exemplo", "called_name": f"P{n:03}"}
        for n in range(101 - there)
    ).execute()
    first = page(desk, "/mediators?text=exemplo")
    assert len(names(first)) == 100
    (further,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = page(desk, further)
    assert len(names(second)) == 1
    assert not set(names(second)) & set(names(first))
    assert 'rel="prev"' in second
    assert 'rel="next"' not in page(desk, "/mediators?text=P00&page=9")


def test_an_absence_is_told_by_its_days(desk: FlaskClient, world: SmallWorld) -> None:
    """No midnights, and one day is one day; hours where a day is not whole."""
    ana = world.mediators[0]
    zone = ZoneInfo(ana.home_office.zone)
    first = dt.datetime.now(zone).date() + dt.timedelta(days=3)

    def at(days: int, hour: int = 0) -> dt.datetime:
        date = first + dt.timedelta(days=days)
        return dt.datetime.combine(date, dt.time(hour), zone).astimezone(dt.UTC)

    for span in ((at(0), at(1)), (at(3), at(6)), (at(9, 9), at(9, 13))):
        Absence.create(
            mediator=ana, starts_at=span[0], ends_at=span[1],
            kind=AbsenceKind.LEAVE, status=RequestStatus.APPROVED,
        )  # fmt: skip
    shown = page(desk, f"/mediators/{ana.id}")
    days = [first + n * DAY for n in (0, 3, 5, 9)]
    told = [f"{one:%a} {one.day} {one:%B}" for one in days]
    cells = re.findall(r'<th scope="row">([^<]+)</th>', shown)
    assert told[0] in cells
    assert f"{told[1]} – {told[2]}" in cells
    assert f"{told[3]}, 09:00–13:00" in cells
    assert "00:00" not in shown
