from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import re
import resource
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import pytest
from small_problem import mediator, problem, requirement, shift

from solver.__main__ import main
from solver.check import check
from solver.formats.problem_file import load_problem
from solver.formats.roster_file import load_roster

ROOT = Path(__file__).parents[2]


def run(*arguments: str | Path, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "solver", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=seconds,
    )


def last_object(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def example(data_folder: Path) -> Path:
    return data_folder / "example-problem.json"


def test_solve_writes_a_roster_the_judge_agrees_with(example: Path, tmp_path: Path) -> None:
    output = tmp_path / "roster.json"
    done = run("solve", example, "-o", output, "--time-limit", "20", "--workers", "1",
               "--seed", "3", "--progress")  # fmt: skip
    assert done.returncode == 0
    said = last_object(done)
    assert said.keys() >= {"status", "cost", "bound", "gap", "seconds"}
    roster = load_roster(output)
    judged = check(load_problem(example), roster)
    assert judged.violations == ()
    assert judged.cost == roster.cost == said["cost"]
    assert (said["status"], said["bound"], said["gap"]) == ("optimal", judged.cost, 0)
    assert "cost" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["roster.json"]


def test_solve_begins_from_a_roster_and_is_silent_unless_asked(
    example: Path, data_folder: Path, tmp_path: Path
) -> None:
    done = run("solve", example, "-o", tmp_path / "r.json", "--time-limit", "20", "--workers", "1",
               "--start", data_folder / "example-roster.json")  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == ""


def test_an_infeasible_problem_exits_3_and_names_the_facts(example: Path, tmp_path: Path) -> None:
    data = json.loads(example.read_text())
    data["locked"] = [
        {"mediator": "bo", "shift": "mon-early"},
        {"mediator": "bo", "shift": "mon-late"},
    ]
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(data))
    done = run("solve", path, "-o", tmp_path / "r.json", "--time-limit", "20", "--workers", "1")
    assert done.returncode == 3
    said = last_object(done)
    assert (said["status"], said["cost"], said["gap"]) == ("infeasible", None, None)
    assert said["conflict"][0]["rule"] == "one_shift_a_day"
    assert said["conflict"][0]["mediator"] == "bo"
    assert len(said["conflict"][0]["facts"]) == 2
    assert "mon-late" in done.stderr
    assert load_roster(tmp_path / "r.json").assignments == ()


def test_bad_input_exits_2_with_every_fault_and_writes_nothing(
    example: Path, tmp_path: Path
) -> None:
    data = json.loads(example.read_text())
    data["requirements"][2]["minimum"] = 5
    del data["mediators"][1]["max_day_slots"]
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(data))
    done = run("solve", path, "-o", tmp_path / "r.json")
    assert done.returncode == 2
    faults = last_object(done)["faults"]
    assert [(fault["id"], fault["field"]) for fault in faults] == [
        ("bo", "mediators[1].max_day_slots"),
        ("pt", "requirements[2].minimum"),
    ]
    assert faults[1]["value"] == "5"
    assert "at most the count" in faults[1]["expected"]
    assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "r.json").exists()


def test_an_output_whose_name_is_too_long_is_refused_before_the_work(
    example: Path, tmp_path: Path
) -> None:
    done = run("solve", example, "-o", tmp_path / ("r" * 256), "--time-limit", "1000")
    assert done.returncode == 2
    assert last_object(done)["faults"][0]["id"] == "--output"


def test_a_pipe_is_no_output_and_is_left_what_it_is(example: Path, tmp_path: Path) -> None:
    """As a device is: a roster renamed to /dev/null would take its place for everyone."""
    os.mkfifo(tmp_path / "pipe")
    done = run("solve", example, "-o", tmp_path / "pipe", "--time-limit", "1000")
    assert done.returncode == 2
    assert "a device or a pipe" in last_object(done)["faults"][0]["value"]
    assert (tmp_path / "pipe").is_fifo()


def test_a_file_that_is_no_json_tells_where(example: Path, tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_text(example.read_text()[:-1] + ",")
    done = run("check", tmp_path / "torn.json", example)
    assert "line " in done.stderr
    assert "..." not in done.stderr.splitlines()[0]


def test_replace_lists_nothing_that_leaves_a_rule_broken(example: Path, data_folder: Path) -> None:
    broken = data_folder / "example-roster-broken.json"
    done = run("replace", example, broken, "--mediator", "bo", "--day", "1")
    assert done.returncode == 0
    assert json.loads(done.stdout) == []
    assert "one_shift_a_day" in done.stderr


def test_an_output_that_cannot_be_replaced_in_the_end_exits_2(
    example: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()

    def lose_it(*_: Any) -> None:
        folder.rmdir()

    monkeypatch.setattr("solver.__main__._refuse_unwritable", lose_it)
    code = main(["solve", str(example), "-o", str(folder / "r.json"), "--time-limit", "2",
                 "--workers", "1"])  # fmt: skip
    assert code == 2
    assert json.loads(capsys.readouterr().out)["faults"][0]["id"] == "--output"


def test_what_does_not_fit_in_memory_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    asked = [requirement(str(one), 0, 24 * 7, count=1 + one) for one in range(5000)]
    path.write_text(json.dumps(problem(7, requirements=asked)))
    roster = {"format": "escala-roster/1", "problem": "small", "status": "feasible",
              "cost": None, "bound": None, "assignments": []}  # fmt: skip
    (tmp_path / "roster.json").write_text(json.dumps(roster))
    least = 60 * 2**20
    done = subprocess.run(
        [sys.executable, "-m", "solver", "check", str(path), str(tmp_path / "roster.json")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (least, least)),
    )
    assert done.returncode == 2, done.stderr[-500:]
    assert last_object(done)["faults"][0]["field"] == "memory"


@pytest.mark.parametrize("text", ["", "[" * 100_000, '{"a": NaN}', "null", '"\\ud800"'])
def test_hostile_files_exit_2_without_a_traceback(example: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "hostile.json"
    path.write_text(text)
    for arguments in (
        ("check", path, path),
        ("check", example, path),
        ("solve", path, "-o", tmp_path / "r.json"),
    ):
        done = run(*arguments)
        assert done.returncode == 2
        assert last_object(done)["faults"]


def test_an_output_that_cannot_be_written_is_found_out_first(example: Path, tmp_path: Path) -> None:
    done = run("solve", example, "-o", tmp_path / "no" / "r.json", seconds=20)
    assert done.returncode == 2
    assert last_object(done)["faults"][0]["id"] == "--output"


def test_check_exits_1_on_violations(example: Path, data_folder: Path) -> None:
    good = run("check", example, data_folder / "example-roster.json")
    assert good.returncode == 0
    assert json.loads(good.stdout) == json.loads((data_folder / "example-check.json").read_text())
    broken = run("check", example, data_folder / "example-roster-broken.json")
    assert broken.returncode == 1
    expected = json.loads((data_folder / "example-check-broken.json").read_text())
    assert json.loads(broken.stdout) == expected


def test_explain_says_why_and_what_a_speaker_saves(example: Path, data_folder: Path) -> None:
    done = run("explain", example, data_folder / "example-roster.json")
    assert done.returncode == 0
    assert "lang:ru: 1 missing" in done.stdout
    assert "not qualified at that time: ana" in done.stdout
    assert "One more person would save" in done.stdout


def test_replace_lists_legal_repairs_best_first(example: Path, data_folder: Path) -> None:
    roster = data_folder / "example-roster.json"
    done = run("replace", example, roster, "--mediator", "ana", "--day", "1", "--limit", "2")
    assert done.returncode == 0
    repairs = json.loads(done.stdout)
    assert 1 <= len(repairs) <= 2
    loaded = load_problem(example)
    for repair in repairs:
        assert repair.keys() == {"assignments", "changes", "cost", "parts"}
        pairs = [(one["mediator"], one["shift"]) for one in repair["assignments"]]
        judged = check(loaded, pairs)
        assert judged.violations == ()
        assert (judged.cost, dict(judged.parts)) == (repair["cost"], repair["parts"])
        assert ("ana", "tue-half") not in pairs
    assert repairs == sorted(repairs, key=lambda one: one["cost"])


def test_replace_refuses_whom_and_what_it_does_not_know(example: Path, data_folder: Path) -> None:
    roster = data_folder / "example-roster.json"
    done = run("replace", example, roster, "--mediator", "zoe", "--day", "2")
    assert done.returncode == 2
    assert [fault["id"] for fault in last_object(done)["faults"]] == ["--mediator", "--day"]


def test_stations_lists_who_serves_what(example: Path, data_folder: Path) -> None:
    done = run("stations", example, data_folder / "example-roster.json")
    assert done.returncode == 0
    first = json.loads(done.stdout)[0]
    assert first["mediator"] == "ana"
    assert first["needs"] is None
    assert (first["start"], first["end"]) == (8, 9)


def test_convert_writes_a_problem_that_loads(tmp_path: Path) -> None:
    instance = tmp_path / "Instance0.txt"
    instance.write_text(
        "SECTION_HORIZON\n2\n\nSECTION_SHIFTS\nD,480,\n\nSECTION_STAFF\n"
        "A,D=2,960,480,2,1,1,1\n\nSECTION_COVER\n0,D,1,100,1\n"
    )
    done = run("convert", "--from", "nrp", instance, "-o", tmp_path / "p.json")
    assert done.returncode == 0
    loaded = load_problem(tmp_path / "p.json")
    assert loaded.name == "Instance0"
    assert check(loaded, [("A", "0.D")]).cost == 0
    bad = run("convert", "--from", "nrp", tmp_path / "p.json", "-o", tmp_path / "q.json")
    assert bad.returncode == 2
    assert not (tmp_path / "q.json").exists()


def hard_problem() -> dict[str, Any]:
    """Large enough that no one proves its optimum in seconds."""
    draw = random.Random(7)
    languages = [f"lang:{index}" for index in range(8)]
    shifts = [
        shift(f"{day}.{start}.{length}", day, start, start + length)
        for day in range(7)
        for start in range(7, 15)
        for length in (4, 6, 8)
    ]
    people = [
        mediator(
            f"m{index}",
            skills=dict.fromkeys(draw.sample(languages, 3)),
            shift_slots=[4, 8],
            weeks=[{"min_slots": 32, "max_slots": 40, "max_days": 5}],
            min_rest_slots=11,
        )
        for index in range(40)
    ]
    asked = [
        requirement(
            f"{language}.{slot}", slot, slot + 1, needs=[language], count=draw.randint(1, 4),
            cost=draw.randint(5, 15), minimum_cost=30,
        )
        for day in range(7)
        for slot in range(24 * day + 8, 24 * day + 20)
        for language in languages
        if draw.random() < 0.7
    ]  # fmt: skip
    return problem(
        shifts=shifts, mediators=people, requirements=asked, costs={"under_slot": 2, "change": 0}
    )


def test_an_interrupt_keeps_the_best_roster_so_far(tmp_path: Path) -> None:
    path, output = tmp_path / "problem.json", tmp_path / "roster.json"
    path.write_text(json.dumps(hard_problem()))
    with subprocess.Popen(
        [sys.executable, "-m", "solver", "solve", str(path), "-o", str(output),
         "--time-limit", "600", "--workers", "1", "--progress"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    ) as running:  # fmt: skip
        assert running.stderr is not None
        for line in running.stderr:
            if "cost -" not in line and "cost" in line:
                break
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        told, complaints = running.communicate(timeout=60)
    assert running.returncode == 0, complaints
    said = json.loads(told.splitlines()[-1])
    assert said["seconds"] < 300
    judged = check(load_problem(path), load_roster(output))
    assert judged.violations == ()
    assert judged.cost == said["cost"]


def on_a_terminal(*arguments: str | Path) -> tuple[int, str, str]:
    """A command whose stderr is a terminal of 100 columns: exit code, stdout, what was shown."""
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("4H", 24, 100, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "solver", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=there, text=True, cwd=ROOT,
    ) as running:  # fmt: skip
        os.close(there)
        shown = b""
        try:
            while more := os.read(here, 4096):
                shown += more
        except OSError:  # how Linux says that nobody holds the other end any more
            pass
        os.close(here)
        told, _ = running.communicate(timeout=120)
    return running.returncode, told, shown.decode()


def test_on_a_terminal_a_bar_goes_on_with_the_time_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    path, output = tmp_path / "problem.json", tmp_path / "roster.json"
    path.write_text(json.dumps(hard_problem()))
    code, told, shown = on_a_terminal("solve", path, "-o", output, "--time-limit", "4")
    assert (code, len(told.splitlines())) == (0, 1)
    frames = shown.split("\r")
    times = [int(found[1]) for frame in frames if (found := re.search(r"(\d+)/4 s", frame))]
    assert times == sorted(times)
    assert times[0] == 0
    assert times[-1] in (3, 4), "the end may come a moment before the limit"
    assert all(len(frame) <= 100 for frame in frames)
    assert re.search(r"[34]/4 s, cost \d+  bound \d+  gap \d+\.\d\d %", frames[-3])
    assert not frames[-1].strip()
    assert not frames[-2].strip()


def test_on_a_terminal_lines_stand_above_the_bar(example: Path, tmp_path: Path) -> None:
    code, told, shown = on_a_terminal("solve", example, "-o", tmp_path / "r.json", "--progress")
    assert code == 0
    last = [line for line in shown.splitlines() if "cost" in line and "|" not in line][-1]
    said = json.loads(told)
    assert f"cost {said['cost']}  bound {said['bound']}" in last
