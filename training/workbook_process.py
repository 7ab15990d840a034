"""What the process of `workbook_apart` runs: the question and the file in, a row a line out."""

from __future__ import annotations

import json
import resource
import sys


def _main() -> None:
    question = json.loads(sys.stdin.buffer.readline())
    seconds, memory_mb = question["limits"]
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 1024 * 1024,) * 2)
    # openpyxl loads it where it is, though nothing here is counted with it: half of what the
    # start costs, and on a machine of many cores more memory for its threads than is given.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    from training.faults import TrainingFault
    from training.workbook_rows import cells_told, rows_of

    refused: list[list[str]] = []
    try:
        for row in rows_of(sys.stdin.buffer.read(), *question["reading"]):
            _say([row.number, cells_told(row)])
    except TrainingFault as fault:
        refused = [[one.thing, one.field, one.value, one.expected] for one in fault.faults]
    _say({"refused": refused})


def _say(told: object) -> None:
    line = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    # A cell can name half a sign (_xD83D_); the reader of JSON takes it back in this form.
    sys.stdout.buffer.write(line.encode("utf-8", "surrogatepass") + b"\n")


if __name__ == "__main__":
    _main()
