"""Kill parts of a running service at random moments, and see whether anything is lost or doubled.

    python tests/bench/bench_faults.py [--kills 200] [--seed 1] [--first 0]
                                       [--within SECONDS] [--database sqlite postgresql]

Worker, web server and (PostgreSQL) the database server end by SIGKILL in the middle of builds,
publications, mail batches, imports, migrations and copies (restore, move, backup), and are started
again. After each kill every invariant is checked (tests/faults/fault_rounds.py); the first that is
broken ends the command with 1 and the kill's number. `--first N` goes on after the first N kills of
the seed, for a long series in pieces, and `--within` ends a piece after so many seconds. Prints a
table of kills by place, victim and outcome.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / "tests" / one) for one in (".", "faults", "mailing"))]

from fault_house import house_on  # noqa: E402
from fault_place import OUTCOMES  # noqa: E402
from fault_rounds import Kill, kills  # noqa: E402
from postgresql_server import PostgresqlServer  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--within", type=float, default=float("inf"))
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leave nothing running behind
    broken = 0
    for kind in given.database:
        done: list[Kill] = []
        began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory() as folder:
                if kind == "postgresql":
                    with PostgresqlServer() as server, house_on(kind, Path(folder), server) as one:
                        follow(one, given, done)
                else:
                    with house_on(kind, Path(folder)) as one:
                        follow(one, given, done)
        except AssertionError as error:
            print(f"BROKEN on {kind}: {error}", flush=True)
            traceback.print_exc()
            broken += 1
        finally:
            print_table(kind, done, given.seed, given.first, time.monotonic() - began)
    return min(broken, 1)


def follow(house, given, done: list[Kill]) -> None:
    until = time.monotonic() + given.within
    for kill in kills(house, given.seed, given.kills, given.first):
        done.append(kill)
        told = f"{kill.number} {kill.victim} in {kill.place} at {kill.seconds:.3f} s: "
        print(told + kill.outcome, file=sys.stderr, flush=True)
        if time.monotonic() > until:
            return


def print_table(kind: str, done: list[Kill], seed: int, first: int, seconds: float) -> None:
    print(f"\n{kind}: {len(done)} kills from number {first} of seed {seed}, {seconds:.0f} s")
    print(f"{'place':14}{'killed':12}{'kills':>6}" + "".join(f"{one:>20}" for one in OUTCOMES))
    rows = Counter((one.place, one.victim) for one in done)
    cells = Counter((one.place, one.victim, one.outcome) for one in done)
    for (place, victim), count in sorted(rows.items()):
        row = "".join(f"{cells[place, victim, one]:>20}" for one in OUTCOMES)
        print(f"{place:14}{victim:12}{count:>6}{row}")
    total = Counter(one.outcome for one in done)
    print(f"{'all':26}{len(done):>6}" + "".join(f"{total[one]:>20}" for one in OUTCOMES))


if __name__ == "__main__":
    sys.exit(main())
