"""What the places where the service is hit have in common.

Each place knows how to begin its work, which parts may be killed in it, how the work comes to its
end afterwards, and what must hold then.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import threading
from abc import ABC, abstractmethod

from fault_house import House

from app.models import Role, User, UserRole, database
from app.services.horizon import monday_of
from app.services.rights import Actor, actor_of
from app.services.rosters import Built, save_draft
from solver import Assignment, Problem, Result, Status, check

WEEKS = 4
RESUMED, AGAIN, DONE, DOUBT = "resumed", "undone, done again", "was done already", "in doubt"
OUTCOMES = (RESUMED, AGAIN, DONE, DOUBT)


class Place(ABC):
    """One kind of work. `number` tells its rounds apart."""

    name: str
    victims: tuple[str, ...]
    kinds = 1
    """Of work that take turns here and last unlike each other."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.number = 0

    def prepare(self, number: int) -> None:
        """Whatever must be there before the work begins."""
        self.number = number

    @abstractmethod
    def begin(self) -> None:
        """Ask for the work; it goes on in another process."""

    @abstractmethod
    def end(self, *, restarted: bool) -> str:
        """Bring the work to its end, check it, and say what the kill came to.

        `restarted`: a part was killed and is back. Otherwise nothing was.
        """


def coming_week(number: int) -> dt.date:
    """One of a few weeks, far enough ahead that no change in it is a late one."""
    return monday_of(dt.date.today()) + dt.timedelta(weeks=4 + number % WEEKS)  # noqa: DTZ011


def saved_draft(house: House, week: dt.date, problem: Problem, given: list[Assignment]) -> int:
    """A draft of the house's week with these assignments; its id."""
    judgement = check(problem, given)
    result = Result(problem.name, Status.FEASIBLE, judgement.cost, None, 1.0, tuple(given))
    built = Built(house.world.group, week, problem, result, judgement, None)
    with database.atomic():
        return save_draft(house.world.system, built, dt.datetime.now(dt.UTC))


def actor_with(role: Role) -> Actor:
    held = UserRole.get(UserRole.role == role, UserRole.office.is_null())
    return actor_of(User.get_by_id(held.user_id))


class Answered:
    """A request sent by a thread: what the server answered, None where it could not."""

    def __init__(self, send) -> None:
        self.status: int | None = None

        def run() -> None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.status = send()

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def wait(self) -> int | None:
        self._thread.join(120)
        assert not self._thread.is_alive(), "no answer and no end"
        return self.status
