"""The register's page, one's own data as a file, erasing somebody with their name as the key."""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import zipfile
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from small_world import SmallWorld

from app import handlers, runs
from app.models import Mediator, User
from app.routes.privacy_words import NAMES
from app.services import erasure
from app.services.privacy_register import all_kept

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


def test_the_page_names_every_table_and_how_long(desk: FlaskClient) -> None:
    text = page(desk, "/privacy")
    personal = [kept for kept in all_kept() if kept.personal]
    assert {one.table._meta.table_name for one in personal} == set(NAMES)  # type: ignore[attr-defined]
    assert text.count('data-label="How long"') == len(personal)
    assert "5 years after it was published" in text
    assert "which it was goes 1 year after it ended" in text
    desk.post("/language", data={"locale": "pt"})
    assert "5 anos depois de ter sido publicada" in page(desk, "/privacy")


def test_everyone_takes_their_own_data_away(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    client = sign_in(world.mediator)
    assert "/account/data.zip" in page(client, "/account")
    answer = client.get("/account/data.zip")
    assert answer.mimetype == "application/zip"
    assert "attachment" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        content = json.loads(archive.read("data.json"))
    tables = {name: rows for one in content["activities"] for name, rows in one["tables"].items()}
    assert tables["mediator"][0]["code"] == "ana"


def test_a_person_is_erased_by_their_name_alone(world: SmallWorld, desk: FlaskClient) -> None:
    caio = world.mediators[2]
    path = f"/mediators/{caio.id}/erase"
    assert "The contract is still running" in page(desk, path)
    assert desk.post(path, data={"name": caio.name}).status_code == 409
    today = dt.datetime.now(dt.UTC).date()
    Mediator.update(ends_on=today - DAY).where(Mediator.id == caio.id).execute()
    assert path in page(desk, f"/mediators/{caio.id}")
    wrong = desk.post(path, data={"name": "Caio"})
    assert wrong.status_code == 400
    assert "the name exactly as it stands above" in html.unescape(wrong.text)
    assert Mediator.get_by_id(caio.id).name == caio.name
    asked = desk.post(path, data={"name": caio.name})
    assert asked.status_code == 302
    assert "Waiting for its turn" in page(desk, asked.location)
    run = runs.claim("me", dt.datetime.now(dt.UTC))
    assert run is not None
    runs.execute(run, {erasure.KIND: handlers.erase}, "me")
    done = page(desk, asked.location)
    assert "Done." in done
    assert f'href="/mediators/{caio.id}"' in done
    assert caio.name not in done
    assert desk.get(f"/mediators/{caio.id}/edit").status_code == 200
    assert Mediator.get_by_id(caio.id).erased_at is not None


def test_an_administrator_erases_an_account(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    admin = sign_in(world.administrator)
    trainer = User.get(User.email == world.trainer)
    admin.post(f"/accounts/{trainer.id}/stop")
    assert f"/accounts/{trainer.id}/erase" in page(admin, "/accounts")
    answer = admin.post(f"/accounts/{trainer.id}/erase", data={"name": trainer.name})
    assert answer.status_code == 302
    assert f">{trainer.email}<" not in page(admin, "/accounts")
    assert admin.post(f"/accounts/{trainer.id}/restore").status_code == 409
