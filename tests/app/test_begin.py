"""A service of one's own, from an empty database: one command, then pages alone."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import replace
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from open_week import first_open_week

from app.handlers import handlers_for
from app.models import (
    AccountLink,
    Assignment,
    AuditEntry,
    ContractRegime,
    ForecastSlot,
    Language,
    Mediator,
    Office,
    PlanningGroup,
    RegimeArticle,
    Requirement,
    Roster,
    Run,
    RunStatus,
    User,
    UserRole,
)
from app.runs import claim, execute

TODAY = dt.date.today()  # noqa: DTZ011 - pages read the clock
EMAIL = "rita@example.org"
PASSWORD = "a long one of her own"


pytestmark = pytest.mark.usefixtures("database_ready")


def begin(app: Flask, *args: str) -> Result:
    named = args or (EMAIL, "Rita Exemplo")
    return app.test_cli_runner().invoke(args=["begin", *named])


def link_in(answer: Result) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/invitations/\S+)", answer.stdout)
    assert found, answer.output
    return found[1]


def choose_password(app: Flask, link: str) -> FlaskClient:
    client = app.test_client()
    assert EMAIL in client.get(link).text
    sent = {"password": PASSWORD, "again": PASSWORD}
    assert client.post(link, data=sent).status_code == 302
    return client


def made() -> dict[str, int]:
    tables = (User, UserRole, AccountLink, ContractRegime, RegimeArticle, PlanningGroup, AuditEntry)
    return {table.__name__: table.select().count() for table in tables}


def test_the_first_administrator_comes_in_by_a_link_that_opens_once(app: Flask) -> None:
    answer = begin(app)
    assert answer.exit_code == 0, answer.output
    link = link_in(answer)
    user = User.get()
    assert (user.email, user.name, user.locale, user.password_hash) == (
        EMAIL, "Rita Exemplo", "pt", "",
    )  # fmt: skip
    token = link.rpartition("/")[2]
    assert token not in (AccountLink.get().token_hash, AccountLink.get().nonce)
    assert f"{AccountLink.get().expires_at:%Y-%m-%d}" in answer.stdout
    assert {one.code for one in ContractRegime.select()} == {"public", "private", "part-time"}
    assert RegimeArticle.select().count() == 18
    assert [one.code for one in PlanningGroup.select()] == ["network"]
    assert AuditEntry.select().where(AuditEntry.action == "service.begin").count() == 1

    choose_password(app, link)
    assert app.test_client().get(link).status_code == 404
    client = app.test_client()
    signed = client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    assert signed.status_code == 302
    assert client.get("/accounts").status_code == 200


def test_where_an_administrator_signs_in_nothing_begins_again(app: Flask) -> None:
    choose_password(app, link_in(begin(app)))
    before = made()
    answer = begin(app, "other@example.org", "Outra")
    assert answer.exit_code == 1
    assert "An administrator signs in here already" in answer.output
    assert made() == before


@pytest.mark.parametrize("args", [("no address", "Rita"), (EMAIL, " ")])
def test_what_is_refused_leaves_nothing_half_made(app: Flask, args: tuple[str, str]) -> None:
    before = made()
    answer = begin(app, *args)
    assert answer.exit_code == 1
    assert answer.output.splitlines()[-1].startswith("Error: ")
    assert made() == before


def test_begun_again_before_anybody_came_in_the_newest_link_alone_opens(app: Flask) -> None:
    mistyped = link_in(begin(app, "ritta@example.org", "Rita Exemplo"))
    lost, newest = link_in(begin(app)), link_in(begin(app))
    assert [one.code for one in PlanningGroup.select()] == ["network"]
    assert ContractRegime.select().count() == 3
    assert {one.email: one.active for one in User.select()} == {
        "ritta@example.org": False,
        EMAIL: True,
    }
    for shut in (mistyped, lost):
        assert app.test_client().get(shut).status_code == 404
    choose_password(app, newest)


def test_back_at_the_first_address_its_account_opens_again(app: Flask) -> None:
    links = [link_in(begin(app, one, "Rita Exemplo")) for one in (EMAIL, "rit@example.org", EMAIL)]
    assert {one.email: one.active for one in User.select()} == {
        EMAIL: True,
        "rit@example.org": False,
    }
    for shut in links[:2]:
        assert app.test_client().get(shut).status_code == 404
    choose_password(app, links[2])


def test_begun_again_the_newest_name_and_language_count(app: Flask) -> None:
    begin(app, EMAIL, "Ritta")
    assert begin(app, EMAIL, " ").exit_code == 1
    assert User.get().name == "Ritta"
    answer = begin(app, EMAIL, "Rita Exemplo", "--locale", "en")
    assert "Rita Exemplo is the administrator" in answer.stdout
    assert (User.get().name, User.get().locale) == ("Rita Exemplo", "en")


@pytest.mark.parametrize("address", ["/", "/weeks", "/weeks/all", "/weeks/network", "/demand"])
def test_where_no_office_is_there_yet_its_pages_lead_to_the_first(app: Flask, address: str) -> None:
    client = choose_password(app, link_in(begin(app)))
    page = client.get(address, follow_redirects=True)
    assert (page.status_code, page.request.path) == (200, "/offices")
    assert 'href="/offices/new"' in page.text
    assert client.get("/weeks/2026-03-02?office=nowhere").status_code == 404


def test_all_the_rest_is_made_by_pages_to_the_week_s_roster(app: Flask) -> None:
    app.config["ESCALA"] = replace(app.config["ESCALA"], solve_seconds=1, solve_workers=1)
    client = choose_password(app, link_in(begin(app)))
    _lay_out(client)
    _count_eight_weeks(client)
    week, group = first_open_week(Office.get(), TODAY), PlanningGroup.get()

    _carry_out(app, client, f"/weeks/{week}/forecast", {"group": group.id})
    assert ForecastSlot.select().exists()
    assert Requirement.select().exists()
    _carry_out(app, client, f"/weeks/{week}/build", {"keep_locks": "y"})
    assert Roster.get().group == group
    assert Assignment.select().exists()
    assert "Ana" in client.get(f"/weeks/{week}").text


def _lay_out(client: FlaskClient) -> None:
    """Languages, an office, an association and one of its people."""
    for code, pt, en in (("pt", "português", "Portuguese"), ("uk", "ucraniano", "Ukrainian")):
        _saved(client, "/languages", {"code": code, "name_pt": pt, "name_en": en})
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    office = {
        "name": "Évora", "code": "evora", "kind": "local_centre",
        "group_id": PlanningGroup.get().id, "zone": "Europe/Lisbon", "district": "07",
        "target_wait_minutes": "15", "target_share_percent": "80",
        "unsocial_from_minute": "18:00", "active": "y",
    }  # fmt: skip
    _saved(client, "/offices/new", office | dict.fromkeys(days, "09:00–13:00"))
    association = {
        "name": "Casa do Mundo",
        "code": "casa",
        "protocols-0-starts_on": f"{TODAY - dt.timedelta(days=90):%d/%m/%Y}",
        "protocols-0-ends_on": f"{TODAY + dt.timedelta(days=270):%d/%m/%Y}",
        "protocols-0-places": "4",
    }
    _saved(client, "/associations/new", association)
    regime = ContractRegime.get(ContractRegime.code == "private")
    page = client.get("/mediators/new").text
    assert regime.name_pt in page
    person = {
        "name": "Ana Exemplo", "code": "ana", "association_id": "1", "home_office_id": "1",
        "regime_id": regime.id, "week_minutes": "20", "shift_least_minutes": "4",
        "shift_most_minutes": "4", "active": "y",
        "starts_on": f"{TODAY - dt.timedelta(days=60):%d/%m/%Y}",
        "languages-0-code": "pt", "languages-0-level": "native",
        "languages-1-code": "uk", "languages-1-level": "fluent",
    }  # fmt: skip
    _saved(client, "/mediators/new", person)
    assert (Language.select().count(), Mediator.select().count()) == (2, 1)


def _count_eight_weeks(client: FlaskClient) -> None:
    days = [TODAY - dt.timedelta(days=number) for number in range(1, 57)]
    lines = [
        f"evora;{day} {hour:02}:10;{language};general"
        for day in days
        if day.weekday() < 5
        for hour in (9, 10, 11, 12)
        for language in ("pt", "uk")
    ]
    text = "\n".join(["office;date;language;need", *lines])
    sent = {"file": (io.BytesIO(text.encode()), "contagens.csv")}
    told = client.post("/intake/import", data=sent, content_type="multipart/form-data")
    columns = {"column-office": "0", "column-date": "1", "column-language": "2",
               "column-need": "3", "do": "import"}  # fmt: skip
    _saved(client, told.location, columns)


def _saved(client: FlaskClient, address: str, data: dict[str, Any]) -> None:
    answer = client.post(address, data=data)
    assert answer.status_code == 302, answer.text


def _carry_out(app: Flask, client: FlaskClient, address: str, data: dict[str, Any]) -> None:
    """Ask for it as a page does, and do it as a worker does."""
    _saved(client, address, data)
    run = claim("me", dt.datetime.now(dt.UTC))
    assert run is not None
    execute(run, handlers_for(app.config["ESCALA"]), "me")
    assert Run.get_by_id(run.id).status == RunStatus.DONE, Run.get_by_id(run.id).error
