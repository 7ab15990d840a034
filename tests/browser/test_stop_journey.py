"""A build that would go on for long, watched and stopped: the best so far stands as a scenario."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from browser_steps import in_english, sign_in
from drafts import require
from open_week import first_open_week
from playwright.sync_api import Page, expect
from served_product import StartService

from app.models import LanguageLevel, Mediator, MediatorLanguage, Roster, database

pytestmark = pytest.mark.browser

SECONDS = 900
"""What the build may take; the test ends long before."""
SPOKEN = ("uk", "zh", "en", "ru", "kea")
CROWD = 30


def test_stopped_the_best_so_far_is_kept(
    desk: Page, start_service: StartService, tmp_path: Path
) -> None:
    with start_service(tmp_path, ESCALA_SOLVE_SECONDS=str(SECONDS)) as service:
        week = first_open_week(service.world.lisbon, service.now.date() + dt.timedelta(weeks=4))
        with database.connection_context():
            _more_than_is_proven_soon(service, week)
        sign_in(desk, service, service.world.coordinator)
        in_english(desk)
        desk.goto(f"{service.url}/weeks/{week}?office=lisbon")
        desk.get_by_role("button", name="Build", exact=True).click()
        # A first roster is there, and how good it is: now it is worth stopping.
        expect(desk.locator("[data-role=gap]")).to_contain_text("%", timeout=240_000)
        assert _rosters(week) == []
        desk.get_by_role("button", name="Stop and keep the best").click()
        look = desk.get_by_role("link", name="Look at the draft")
        expect(desk.locator("[data-role=words]").or_(look).first).to_be_visible()
        look.wait_for(timeout=60_000)
        expect(desk.get_by_role("button", name="Stop and keep the best")).to_have_count(0)
        look.click()
        expect(desk.locator(".state-main")).to_contain_text("Draft")
        assert desk.locator(".people .has-shift").count() > CROWD
        (kept,) = _rosters(week)
        assert kept.status == "draft"
        assert kept.solve_seconds < SECONDS / 2, "it was stopped, it did not run out"
        desk.get_by_role("link", name="Publish").wait_for()


def _more_than_is_proven_soon(service: Any, week: dt.date) -> None:
    """Thirty people more, of two languages each, asked for in the other's hours too."""
    pattern = service.world.mediators[0]
    kept = dict(pattern.__data__)
    for number in range(CROWD):
        facts = kept | {"code": f"more-{number}", "name": f"More {number}", "email": ""}
        facts |= {"called_name": f"More {number}"}
        del facts["id"]
        one = Mediator.create(**facts)
        for language in ("pt", SPOKEN[number % 5], SPOKEN[(number // 5) % 5]):
            MediatorLanguage.insert(
                mediator=one, language=language, level=LanguageLevel.FLUENT
            ).on_conflict_ignore().execute()
    for day in range(5):
        for turn, language in enumerate(SPOKEN):
            for opens in (9, 11, 14, 16):
                needs = [f"lang:{language}"]
                require(
                    service.world.lisbon,
                    day,
                    opens,
                    opens + 2,
                    needs,
                    1 + (turn + opens + day) % 3,
                    week=week,
                )


def _rosters(week: dt.date) -> list[Roster]:
    with database.connection_context():
        return list(Roster.select().where(Roster.week_starts_on == week))
