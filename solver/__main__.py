"""The commands: `python -m solver solve | check | explain | replace | stations | convert`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from solver.check import check
from solver.formats.nrp import load_nrp
from solver.formats.problem_file import load_problem, save_problem
from solver.formats.roster_file import load_roster, save_roster
from solver.problem import Problem
from solver.result import BadInput, Fault, Result, Status

DONE = 0
VIOLATIONS = 1
BAD_INPUT = 2
INFEASIBLE = 3
NO_SOLUTION = 4
INTERRUPTED = 130
REPAIRS_WEIGHED = 100
"""Of a roster that breaks rules already, to find those that mend it as well."""

EXIT_CODES = {
    Status.OPTIMAL: DONE,
    Status.FEASIBLE: DONE,
    Status.INFEASIBLE: INFEASIBLE,
    Status.NO_SOLUTION: NO_SOLUTION,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.run
    try:
        return command(options)
    except BadInput as error:
        return _refused(error.faults)
    except MemoryError:
        pass  # what was read is let go at the end of this block, and there is room to say so
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return _refused([Fault(options.command, "memory", "used up", "an input that fits in it")])


def _refused(faults: Sequence[Fault]) -> int:
    for fault in faults:
        print(_printable(str(fault)), file=sys.stderr)
    _print_json({"status": "bad_input", "faults": [one.to_json() for one in faults]})
    return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="solver", description="Rosters: solve, judge, explain.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    solve = commands.add_parser("solve", help="find a roster and a bound of its cost")
    solve.add_argument("problem", metavar="PROBLEM.json")
    solve.add_argument("-o", "--output", required=True, metavar="ROSTER.json")
    solve.add_argument("--time-limit", type=_seconds, default=60.0, metavar="S")
    solve.add_argument("--workers", type=_positive, default=_processors(), metavar="N")
    solve.add_argument("--seed", type=int, default=0, metavar="N")
    solve.add_argument("--start", metavar="ROSTER.json", help="a roster to begin from")
    solve.add_argument("--progress", action="store_true", help="a line per better roster or bound")
    solve.set_defaults(run=_solve)

    for name, run, text in (
        ("check", _check, "the cost of a roster and the rules it breaks"),
        ("explain", _explain, "where cover is short, and why"),
        ("stations", _stations, "who serves what in each slot"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("problem", metavar="PROBLEM.json")
        command.add_argument("roster", metavar="ROSTER.json")
        command.set_defaults(run=run)

    replace = commands.add_parser("replace", help="who could stand in for someone on a day")
    replace.add_argument("problem", metavar="PROBLEM.json")
    replace.add_argument("roster", metavar="ROSTER.json")
    replace.add_argument("--mediator", required=True, metavar="ID")
    replace.add_argument("--day", required=True, type=int, metavar="N")
    replace.add_argument("--limit", type=_positive, default=3, metavar="N")
    replace.set_defaults(run=_replace)

    convert = commands.add_parser("convert", help="a published instance as a problem")
    convert.add_argument("--from", dest="form", required=True, choices=["nrp"])
    convert.add_argument("instance", metavar="INSTANCE")
    convert.add_argument("-o", "--output", required=True, metavar="PROBLEM.json")
    convert.set_defaults(run=_convert)
    return parser


def _solve(options: argparse.Namespace) -> int:
    problem = load_problem(options.problem)
    start = load_roster(options.start).assignments if options.start else None
    _refuse_unwritable(options.output)

    from solver.engine import solve
    from solver.progress_display import ProgressDisplay

    with ProgressDisplay(options.time_limit, lines=options.progress) as display, _stop() as asked:

        def stop_or_go_on() -> bool:
            display.tick()  # asked some twenty times a second
            return asked()

        result = solve(
            problem,
            time_limit=options.time_limit,
            workers=options.workers,
            seed=options.seed,
            start=start,
            on_progress=display.show,
            should_stop=stop_or_go_on,
        )
    with _saving(options.output):
        save_roster(options.output, result)
    _report_conflict(result)
    _print_json(_summary(result))
    return EXIT_CODES[result.status]


def _summary(result: Result) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "status": str(result.status),
        "cost": result.cost,
        "bound": result.bound,
        "gap": result.gap,
        "seconds": round(result.seconds, 3),
    }
    if result.conflict:
        summary["conflict"] = [violation.to_json() for violation in result.conflict]
    return summary


def _report_conflict(result: Result) -> None:
    for violation in result.conflict:
        details = {key: value for key, value in violation.details.items() if key != "facts"}
        print(f"infeasible: {violation.rule} {json.dumps(details)}", file=sys.stderr)
        for fact in violation.details.get("facts", ()):
            print(f"  because of {json.dumps(fact)}", file=sys.stderr)


def _check(options: argparse.Namespace) -> int:
    problem, roster = _load_both(options)
    judgement = check(problem, roster)
    _print_json(judgement.to_json())
    return VIOLATIONS if judgement.violations else DONE


def _explain(options: argparse.Namespace) -> int:
    from solver.explain import explain
    from solver.explanation_text import text_of

    problem, roster = _load_both(options)
    for line in text_of(problem, explain(problem, roster)):
        print(_printable(line))
    return DONE


def _stations(options: argparse.Namespace) -> int:
    from solver.stations import stations

    problem, roster = _load_both(options)
    _print_json([station.to_json() for station in stations(problem, roster)])
    return DONE


def _replace(options: argparse.Namespace) -> int:
    from solver.replace import replacements

    problem, roster = _load_both(options)
    faults = []
    if options.mediator not in problem.mediator_by_id:
        faults.append(Fault("--mediator", "id", options.mediator, "the id of a mediator"))
    if not 0 <= options.day < len(problem.days):
        last = len(problem.days) - 1
        faults.append(Fault("--day", "day", options.day, f"a day from 0 to {last}"))
    if faults:
        raise BadInput(faults)
    repairs = replacements(problem, roster, options.mediator, options.day, limit=options.limit)
    legal = [repair for repair in repairs if not repair.judgement.violations]
    if len(legal) < len(repairs):
        # Those that mend what is broken as well may be dearer than the first few.
        limit = max(options.limit, REPAIRS_WEIGHED)
        repairs = replacements(problem, roster, options.mediator, options.day, limit=limit)
        legal = [repair for repair in repairs if not repair.judgement.violations]
        rules = {one.rule: None for repair in repairs for one in repair.judgement.violations}
        left = len(repairs) - len(legal)
        print(f"left out: {left} that leave broken what is: {', '.join(rules)}", file=sys.stderr)
    _print_json([repair.to_json() for repair in legal[: options.limit]])
    return DONE


def _convert(options: argparse.Namespace) -> int:
    problem = load_nrp(options.instance)
    _refuse_unwritable(options.output)
    with _saving(options.output):
        save_problem(options.output, problem)
    return DONE


def _load_both(options: argparse.Namespace) -> tuple[Problem, Result]:
    """Problem and roster, with the faults of both at once."""
    faults: list[Fault] = []
    problem = roster = None
    try:
        problem = load_problem(options.problem)
    except BadInput as error:
        faults.extend(error.faults)
    try:
        roster = load_roster(options.roster)
    except BadInput as error:
        faults.extend(error.faults)
    if problem is None or roster is None:
        raise BadInput(faults)
    return problem, roster


def _refuse_unwritable(output: str) -> None:
    """Find out before the work, and not after, that its result cannot be kept."""
    target = Path(output)
    with _saving(output):
        if target.name in ("", "..") or target.is_dir():
            raise IsADirectoryError(f"{output} is a folder")
        if target.exists() and not target.is_file():
            raise OSError(f"{output} is a device or a pipe")  # the rename would take its place
        with suppress(FileNotFoundError):
            target.lstat()  # a name too long is refused here
        with tempfile.TemporaryFile(dir=target.parent):
            pass


@contextmanager
def _saving(output: str) -> Iterator[None]:
    """What the system refuses is a fault of the output. Raises `BadInput`."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        fault = Fault("--output", "path", f"{output} ({error})", "a file that can be written")
        raise BadInput([fault]) from None


@contextmanager
def _stop() -> Iterator[Callable[[], bool]]:
    """Whether the user asked to stop (Ctrl-C, SIGTERM): the best roster so far is then kept.

    A second Ctrl-C interrupts at once.
    """
    asked = False

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {one: signal.signal(one, note) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 10**7:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return seconds


def _positive(text: str) -> int:
    number = int(text)
    if not 0 < number < 10**6:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return number


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2


def _printable(text: str) -> str:
    """The text in what any terminal can show."""
    encoding = sys.stdout.encoding or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _print_json(value: Any) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    sys.exit(main())
