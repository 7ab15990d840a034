"""Write a database as this version leaves it, for later versions to be tried on.

    python tests/app/make_released.py

At each release: the small world, a published week beside an older draft, an absence, a feed, and a
row in every other table. It is written by the version's own code, and is never written again.
"""

from __future__ import annotations

import datetime as dt
import gzip
import sqlite3
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from drafts import draft  # noqa: E402
from every_table import fill_every_table  # noqa: E402
from small_world import build_small_world, hold_session, log_arrivals  # noqa: E402

from app import create_app  # noqa: E402
from app.config import read_settings  # noqa: E402
from app.database import MIGRATIONS, migrate  # noqa: E402
from app.models import AbsenceKind, FeedToken, SessionPart, User, database  # noqa: E402
from app.services import feeds, own_times, rosters  # noqa: E402
from app.services.keyring import hash_of  # noqa: E402
from app.services.rights import actor_of  # noqa: E402
from app.version import version  # noqa: E402

RELEASED = Path(__file__).parent / "released"
KEY = "k" * 40
FEED = "ST0MRIv2HCxRs2GIjEqJ3J81u9w1xORw6n5ME4TxQkY"
"""The token of the feed."""
NOW = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)
PICKS = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 1, 10, 17)]


def main() -> None:
    last = max(path.name[:4] for path in MIGRATIONS.glob("[0-9]*.py"))
    target = RELEASED / f"{version()}-at-{last}.db.gz"
    if target.exists():
        raise SystemExit(f"{target} is there: what was released is not written again")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "escala.db"
        write(file)
        with sqlite3.connect(file) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("VACUUM")
        target.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")


def write(file: Path) -> None:
    settings = {"ESCALA_SECRET_KEY": KEY, "ESCALA_DATABASE_URL": f"sqlite:///{file}"}
    create_app(read_settings(settings, file.parent))
    migrate(file.parent)
    with database.connection_context():
        world = build_small_world(NOW)
        draft(world, PICKS, NOW)
        rosters.publish(world.system, draft(world, PICKS, NOW).id, NOW)
        ana = world.mediators[0]
        own_times.add_absence(
            world.system, ana.id, NOW + dt.timedelta(days=20), NOW + dt.timedelta(days=22),
            AbsenceKind.SICKNESS, NOW,
        )  # fmt: skip
        user = User.get(User.email == world.mediator)
        feeds.create_feed(
            actor_of(user), name="Phone", locale="pt", details=True, keep_cancelled=False, now=NOW
        )
        FeedToken.update(token_hash=hash_of(FEED)).execute()
        log_arrivals(world, NOW.date(), days=7)
        # What is in her calendar is sound; other rows may hold anything.
        session = hold_session(world, NOW)
        SessionPart.create(
            session=session, uid="part", starts_at=session.starts_at, ends_at=session.ends_at
        )
        fill_every_table(ana, user)
    database.obj.close_all()


if __name__ == "__main__":
    main()
