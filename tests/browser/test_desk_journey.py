"""A coordinator's week from build to repair, by keyboard alone and by mouse; then with bad luck."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from browser_steps import in_english, sign_in
from drafts import draft, require
from open_week import first_open_week
from playwright.sync_api import BrowserContext, Locator, Page, expect
from watched_pages import meant

from app.models import (
    Absence,
    AbsenceKind,
    Assignment,
    Message,
    RequestStatus,
    Roster,
    RosterEdit,
    RosterStatus,
    User,
    database,
)

pytestmark = pytest.mark.browser

MOST_TABS = 400
LONG = 120_000
COVERED = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + 2);
  return !document.activeElement.contains(top);
}"""
"""Whether the upper edge of what has the focus is below something else."""
REFUSED = "the server responded with a status of 4"


class Keyboard:
    """Everything by Tab, arrows, Space and Enter."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Enter")

    def open_cell(self, target: Locator) -> None:
        """A day of the board: its one stop by Tab, then the arrows."""
        board = self.page.locator(".people .cell[tabindex='0']")
        self._reach(board)
        wanted = target.evaluate("one => [one.closest('tr').rowIndex, one.closest('td').cellIndex]")
        for _step in range(60):
            row, column = self.page.evaluate(
                "[document.activeElement.closest('tr').rowIndex,"
                " document.activeElement.closest('td').cellIndex]"
            )
            if [row, column] == wanted:
                break
            if column != wanted[1]:
                key = "ArrowRight" if column < wanted[1] else "ArrowLeft"
            else:
                key = "ArrowDown" if row < wanted[0] else "ArrowUp"
            self.page.keyboard.press(key)
        expect(target).to_be_focused()
        self.page.keyboard.press("Enter")

    def _reach(self, target: Locator) -> None:
        target.wait_for()
        for _tab in range(MOST_TABS):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by Tab")


class Mouse:
    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    open_cell = press


@pytest.mark.parametrize(("hand", "weeks_ahead"), [(Keyboard, 3), (Mouse, 6)])
def test_from_build_to_repair(
    desk: Page, service: Any, hand: type[Keyboard] | type[Mouse], weeks_ahead: int
) -> None:
    week = _week(service, weeks_ahead)
    with database.connection_context():
        require(service.world.lisbon, 0, 9, 12, ["lang:uk"], week=week)
        require(service.world.lisbon, 0, 9, 12, ["lang:zh"], week=week)
        _away(service, service.world.mediators[0], week + dt.timedelta(days=1))
    sign_in(desk, service, service.world.coordinator)
    in_english(desk)
    meant(desk, REFUSED)
    by = hand(desk)
    desk.goto(f"{service.url}/weeks/{week}?office=lisbon")
    by.press(desk.get_by_role("button", name="Build", exact=True))
    _watched(desk, by)
    _refused_where_a_rule_breaks(desk, by)
    _locked(desk, by)
    by.press(desk.get_by_role("link", name="Build again"))
    desk.get_by_label("Name of the scenario").fill("Once more")
    expect(desk.get_by_label("Keep the shifts I locked")).to_be_checked()
    by.press(desk.get_by_role("button", name="Build", exact=True))
    _watched(desk, by)
    expect(desk.locator(".people .lock")).to_have_count(1)
    _compared(desk, by)
    _published(desk, by)
    _seen_below_the_days(desk)
    first = _newest(week)
    _told_exactly_the_difference(None, first)
    _sick(desk, by)
    second = _newest(week)
    assert second != first
    _told_exactly_the_difference(first, second)


def _watched(page: Page, by: Keyboard | Mouse) -> None:
    expect(page.locator(".run-words")).to_be_visible()
    look = page.get_by_role("link", name="Look at the draft")
    look.wait_for(timeout=LONG)
    expect(page.locator("[data-role=gap]")).to_contain_text("%")
    by.press(look)
    expect(page.locator("table.board")).to_contain_text("Ana")


def _refused_where_a_rule_breaks(page: Page, by: Keyboard | Mouse) -> None:
    """Ana is away on Tuesday."""
    by.open_cell(_cell(page, "Ana", 1))
    panel = page.locator("dialog[open]")
    expect(panel).to_contain_text("No hours are allowed on this day.")
    by.press(panel.locator("summary").first)
    by.press(panel.get_by_role("button", name=re.compile("^Give")).first)
    expect(panel).to_contain_text("That breaks a rule.")
    expect(panel).to_contain_text("Ana is away or not available then.")
    by.press(panel.get_by_role("link", name="Back to the week"))
    expect(_cell(page, "Ana", 1)).not_to_have_class(re.compile("has-shift"))


def _locked(page: Page, by: Keyboard | Mouse) -> None:
    by.open_cell(_cell(page, "Ana", 0))
    by.press(page.locator("dialog[open]").get_by_role("button", name="Lock"))
    expect(page.locator(".people .lock")).to_have_count(1)


def _compared(page: Page, by: Keyboard | Mouse) -> None:
    by.press(page.get_by_role("link", name="Compare scenarios"))
    table = page.locator("table.scenarios")
    expect(table.locator("thead")).to_contain_text("Once more")
    expect(table.locator("thead")).to_contain_text("Version 1")
    for told in (
        "Missing in all",
        "The wait at Lisboa, simulated",
        "Hours given",
        "Wishes met",
        "Evenings",
        "Changes",
    ):
        expect(table.locator("tbody")).to_contain_text(told)
    by.press(page.get_by_role("button", name="Compare", exact=True))
    expect(page.get_by_role("heading", level=1)).to_contain_text("against version")
    page.go_back()
    by.press(page.get_by_role("button", name="Choose Version 1"))
    expect(table.locator("thead .in-hand")).to_contain_text("Version 1")
    by.press(page.get_by_role("button", name="Undo", exact=True))
    expect(table.locator("thead .in-hand")).to_contain_text("Once more")
    by.press(page.get_by_role("link", name="Once more"))


def _published(page: Page, by: Keyboard | Mouse) -> None:
    by.press(page.get_by_role("link", name="Publish"))
    expect(page.get_by_text("It is the first version of this week.")).to_be_visible()
    by.press(page.get_by_role("button", name="Publish"))
    page.wait_for_url("**/weeks/**")
    expect(page.locator(".state-main")).to_contain_text("Published")


def _seen_below_the_days(page: Page) -> None:
    """Whoever walks up the board sees where they are: the head that stays covers nothing, also
    what was in the window already."""
    size = page.viewport_size
    assert size
    page.set_viewport_size({"width": 1280, "height": 240})
    page.emulate_media(reduced_motion="reduce")
    cells = page.locator(".people td:first-of-type .cell")
    cells.last.focus()
    for row in reversed(range(cells.count() - 1)):
        cells.nth(row).evaluate("one => scrollBy(0, one.getBoundingClientRect().top - 30)")
        page.keyboard.press("ArrowUp")
        assert page.evaluate(COVERED) is False
    stays = page.evaluate("scrollY")
    page.locator(".board thead a").last.focus()
    assert page.evaluate("scrollY") == stays, "the head is in sight wherever one is"
    cells.first.focus()
    expect(cells.first).to_be_focused()
    page.emulate_media(reduced_motion="no-preference")
    page.set_viewport_size(size)


def _sick(page: Page, by: Keyboard | Mouse) -> None:
    """Ana falls ill: open her day, say so, take the first repair."""
    by.open_cell(_cell(page, "Ana", 0))
    panel = page.locator("dialog[open]")
    by.press(panel.get_by_role("link", name="Called in sick"))
    by.press(panel.get_by_role("button", name=re.compile("^Take and tell")).first)
    expect(page.get_by_text("The repair is published")).to_be_visible()


def test_a_dropped_connection_loses_nothing_and_says_so(desk: Page, service: Any) -> None:
    week = _week(service, 9)
    roster = _draft(service, week)
    _on_the_board(desk, service, week)
    _cell(desk, "Bo", 0).click()
    lock = desk.locator("dialog[open]").get_by_role("button", name="Lock")
    desk.context.set_offline(True)
    desk.route("**/change", lambda route: route.abort())
    meant(desk, "net::ERR_")
    lock.click()
    expect(desk.get_by_role("alert")).to_contain_text("nothing was changed")
    assert _revision(roster) == 0
    desk.unroute("**/change")
    desk.context.set_offline(False)
    lock.click()
    expect(desk.locator(".people .lock")).to_have_count(1)
    assert _revision(roster) == 1


def test_a_double_press_is_one_edit(desk: Page, service: Any) -> None:
    week = _week(service, 10)
    roster = _draft(service, week)
    _on_the_board(desk, service, week)
    _cell(desk, "Bo", 0).click()
    desk.locator("dialog[open]").get_by_role("button", name="Take away").dblclick()
    expect(desk.locator("[data-role=last]")).to_contain_text("Bo")
    assert _revision(roster) == 1
    assert _edits(roster) == 1


def test_of_two_tabs_the_stale_one_is_refused_with_what_changed(desk: Page, service: Any) -> None:
    week = _week(service, 11)
    roster = _draft(service, week)
    _on_the_board(desk, service, week)
    other = desk.context.new_page()
    other.goto(f"{service.url}/weeks/{week}?office=lisbon")
    _cell(desk, "Bo", 0).click()
    expect(desk.locator("dialog[open]")).to_contain_text("Take away")
    _cell(other, "Ana", 1).click()
    other.locator("dialog[open]").get_by_role("button", name="Lock").click()
    expect(other.locator(".people .lock")).to_have_count(1)
    meant(desk, REFUSED)
    desk.locator("dialog[open]").get_by_role("button", name="Take away").click()
    panel = desk.locator("dialog[open]")
    expect(panel).to_contain_text("Nothing was changed.")
    expect(panel).to_contain_text("Ana")
    expect(desk.locator(".people .lock")).to_have_count(1)
    assert _revision(roster) == 1
    other.close()


def test_a_session_that_ended_leads_back_and_nothing_was_done(desk: Page, service: Any) -> None:
    week = _week(service, 12)
    roster = _draft(service, week)
    _on_the_board(desk, service, week)
    _cell(desk, "Bo", 0).click()
    take = desk.locator("dialog[open]").get_by_role("button", name="Take away")
    take.wait_for()
    desk.context.clear_cookies()
    meant(desk, REFUSED)
    take.click()
    desk.wait_for_url(re.compile("/sign-in"))
    assert _revision(roster) == 0
    desk.locator("input[name=email]").fill(service.world.coordinator)
    desk.locator("input[name=password]").fill("a long password")
    desk.locator("main form button").first.click()
    desk.wait_for_url(re.compile(f"/weeks/{week}"))
    expect(_cell(desk, "Bo", 0)).to_have_class(re.compile("has-shift"))
    expect(desk.get_by_role("alert")).to_contain_text("was not made")
    desk.get_by_role("alert").get_by_role("button").click()
    expect(_cell(desk, "Bo", 0)).not_to_have_class(re.compile("has-shift"))
    assert _revision(roster) == 1, "made once, when the coordinator says so"


def test_a_shift_is_moved_by_touch(chromium: Any, service: Any) -> None:
    week = _week(service, 13)
    roster = _draft(service, week)
    context: BrowserContext = chromium.new_context(
        viewport={"width": 1180, "height": 820}, has_touch=True, locale="en-GB"
    )
    page = context.new_page()
    _on_the_board(page, service, week)
    shift = _cell(page, "Bo", 0).bounding_box()
    free = _cell(page, "Bo", 2).bounding_box()
    assert shift
    assert free
    touch = context.new_cdp_session(page)

    def send(kind: str, x: float, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    start = shift["x"] + 20, shift["y"] + 8
    end = free["x"] + 20, free["y"] + 8
    send("touchStart", *start)
    page.wait_for_timeout(600)  # held, as a finger that means to drag
    for step in range(1, 11):
        send(
            "touchMove",
            start[0] + (end[0] - start[0]) * step / 10,
            start[1] + (end[1] - start[1]) * step / 10,
        )
    wednesday = page.locator(".people tr").filter(has_text="Bo").locator("td").nth(2)
    expect(wednesday.locator(".sortable-ghost")).to_have_count(1)
    send("touchEnd", *end)
    expect(page.locator("[data-role=last]")).to_contain_text("Bo")
    expect(_cell(page, "Bo", 2)).to_have_class(re.compile("has-shift"))
    assert _revision(roster) == 1
    context.close()


def test_a_red_cell_says_why_and_who_could_by_keyboard(desk: Page, service: Any) -> None:
    week = _week(service, 14)
    with database.connection_context():
        require(service.world.lisbon, 0, 9, 12, ["lang:uk"], week=week)
        draft(service.world, [("bo", "lisbon", 0, 14, 18)], service.now, week=week)
    _on_the_board(desk, service, week)
    by = Keyboard(desk)
    by.press(desk.locator(".board .why-cell[tabindex='0']"))
    panel = desk.locator("dialog[open]")
    expect(panel.get_by_role("heading", level=1)).to_contain_text("Why is Ukrainian short?")
    expect(panel).to_contain_text("Off, and could come: Ana")
    by.press(panel.get_by_role("link", name=re.compile("^Who could")))
    by.press(panel.get_by_role("button", name="Give to Ana"))
    expect(desk.get_by_text("All that is asked for here is covered.")).to_be_visible()
    expect(desk.locator(".people .cell[tabindex='0']")).to_be_focused()


def _week(service: Any, ahead: int) -> dt.date:
    return first_open_week(service.world.lisbon, service.now.date() + dt.timedelta(weeks=ahead))


def _away(service: Any, mediator: Any, date: dt.date) -> None:
    start = dt.datetime.combine(date, dt.time(2), dt.UTC)
    Absence.create(
        mediator=mediator,
        starts_at=start,
        ends_at=start + dt.timedelta(hours=20),
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.APPROVED,
    )


def _draft(service: Any, week: dt.date) -> int:
    with database.connection_context():
        require(service.world.lisbon, 0, 9, 12, ["lang:zh"], week=week)
        picks = [("bo", "lisbon", 0, 9, 13), ("ana", "lisbon", 1, 9, 13)]
        made: Roster = draft(service.world, picks, service.now, week=week)
    return int(made.id)


def _on_the_board(page: Page, service: Any, week: dt.date) -> None:
    sign_in(page, service, service.world.coordinator)
    in_english(page)
    page.goto(f"{service.url}/weeks/{week}?office=lisbon")
    page.locator(".people .cell[tabindex='0']").wait_for()


def _cell(page: Page, name: str, day: int) -> Locator:
    row = page.locator(".people tr").filter(has_text=name)
    return row.locator("td").nth(day).locator(".cell")


def _revision(roster: int) -> int:
    with database.connection_context():
        return int(Roster.get_by_id(roster).revision)


def _edits(roster: int) -> int:
    with database.connection_context():
        return int(RosterEdit.select().where(RosterEdit.roster == roster).count())


def _newest(week: dt.date) -> int:
    published = Roster.week_starts_on == week, Roster.status == RosterStatus.PUBLISHED
    with database.connection_context():
        return int(Roster.get(*published).id)


def _shifts(roster: int | None) -> dict[tuple[int, str], tuple[str, str]]:
    return {
        (one.mediator_id, str(one.date)): (_minute(one.starts_at), _minute(one.ends_at))
        for one in Assignment.select().where(Assignment.roster == roster)
    }


def _told_exactly_the_difference(before: int | None, after: int) -> None:
    """Each account of a mediator was told its own changes, all of them, and nothing else."""
    with database.connection_context():
        old, new = _shifts(before), _shifts(after)
        accounts = {one.mediator_id: one.id for one in User.select() if one.mediator_id}
        told = {user: _told(user, after) for user in accounts.values()}
    expected: dict[int, dict[str, list[Any]]] = {}
    for key in old.keys() | new.keys():
        if old.get(key) != new.get(key):
            expected.setdefault(key[0], {})[key[1]] = [old.get(key), new.get(key)]
    for mediator, user in accounts.items():
        assert told[user] == expected.get(mediator, {}), mediator
    assert expected, "something changed"


def _told(user: int, roster: int) -> dict[str, list[Any]]:
    """What changed of an account's days with this version, as its messages say."""
    sent = Message.select().where(Message.user == user, Message.key == f"roster.{roster}.{user}")
    return {
        one["date"]: [_times(one["before"]), _times(one["after"])]
        for message in sent
        for one in message.details["changes"]
    }


def _times(told: dict[str, str] | None) -> tuple[str, str] | None:
    if told is None:
        return None
    first, last = (_minute(dt.datetime.fromisoformat(told[n])) for n in ("starts_at", "ends_at"))
    return first, last


def _minute(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")
