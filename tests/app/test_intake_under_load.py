"""Several systems send arrivals to a real server while pages are read: none lost, none double."""

from __future__ import annotations

from pathlib import Path

from bench.bench_intake import run, service

ARRIVALS = 90


def test_what_several_clients_send_and_send_again_is_counted_once(
    tmp_path: Path, database_url: str
) -> None:
    with service(tmp_path, keys=3, database_url=database_url) as served:
        found = run(served, ARRIVALS, seconds=2, readers=2)
    assert (found.sent, found.counted, found.stored) == (ARRIVALS, ARRIVALS, ARRIVALS)
    assert found.replayed > 0, "some came twice"
    assert found.pages > 0
