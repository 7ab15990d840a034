"""`python -m forecast evaluate FILE.csv[.gz] [--horizon 14d] [--origins 14] [--dump OUT.csv]`."""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from forecast.evaluate import (
    METHODS,
    Score,
    Window,
    dump_rows,
    rolling_windows,
    score,
    score_total,
    share_bands,
)
from forecast.faults import BadInput
from forecast.records import read_records
from forecast.series import QUANTILES, ArrivalSeries

EXIT_BAD_INPUT = 2
DUMP_HEADER = ("origin", "start", "series", "mean", "q50", "q80", "q90", "q95")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.dump and not options.dump.parent.is_dir():
        print(f"{options.dump}: its folder is not there, expected one to write in", file=sys.stderr)
        return EXIT_BAD_INPUT
    try:
        record = read_records(options.file)
        windows = rolling_windows(record, options.horizon, options.origins)
    except BadInput as bad:
        for fault in bad.faults:
            print(fault, file=sys.stderr)
        return EXIT_BAD_INPUT
    if options.dump:
        try:
            write_csv(options.dump, DUMP_HEADER, dump_rows(record, windows))
        except OSError as error:
            print(f"{options.dump}: {error.strerror}, expected a place to write", file=sys.stderr)
            return EXIT_BAD_INPUT
    print(report(record, windows, options.horizon))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m forecast")
    commands = parser.add_subparsers(dest="command", required=True)
    evaluate = commands.add_parser(
        "evaluate", help="measure the forecast on a record of start,count[,series]"
    )
    evaluate.add_argument("file", type=Path)
    evaluate.add_argument(
        "--horizon", type=_days, default=14, metavar="DAYS", help="days ahead, such as 14d or 2w"
    )
    evaluate.add_argument("--origins", type=_positive, default=14, metavar="N")
    evaluate.add_argument("--dump", type=Path, metavar="OUT.csv", help="write every forecast")
    return parser


def _days(text: str) -> int:
    unit = {"d": 1, "w": 7}.get(text[-1:], 0)
    return _positive(text[:-1]) * unit if unit else _positive(text)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number ≥ 1")
    return int(text)


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write beside and rename, so that a reader never meets half a file."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def report(record: ArrivalSeries, windows: Sequence[Window], horizon_days: int) -> str:
    """The tables: all series, each class of share, and the total."""
    seconds = sum(window.seconds for window in windows)
    lines = [
        f"{record.office}: {len(record.grid)} slots of {record.grid.slot_minutes} min, "
        f"{len(record.languages)} series, {len(windows)} origins × {horizon_days} days, "
        f"{seconds:.2f} s",
    ]
    everything = range(len(record.languages))
    lines += _table("all series", [(m, score(windows, m, everything)) for m in METHODS])
    if len(record.languages) > 1:
        for name, members in share_bands(record):
            title = f"share {name} ({', '.join(record.languages[j] for j in members)})"
            lines += _table(title, [(m, score(windows, m, members)) for m in METHODS])
        lines += _table("total of the series", [(m, score_total(windows, m)) for m in METHODS])
    return "\n".join(lines)


def _table(title: str, scores: Sequence[tuple[str, Score]]) -> list[str]:
    levels = [f"{level * 100:g}" for level in QUANTILES]
    head = ["WAPE", "MASE", *(f"p{level}" for level in levels), *(f"≤q{level}" for level in levels)]
    lines = ["", title, f"{'':28}" + "".join(f"{name:>9}" for name in head)]
    for method, result in scores:
        values = [result.wape, result.mase, *result.pinball, *result.coverage]
        lines.append(f"{method:28}" + "".join(f"{value:9.4f}" for value in values))
    return lines


if __name__ == "__main__":
    sys.exit(main())
