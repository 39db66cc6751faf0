"""Every submission comes out once, whoever judges it and whatever dies on the way."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import fake_judge
import pytest

from grading import schedule
from grading.result import Submission
from grading.schedule import GradingError, Settings, on_cluster, on_this_machine

ROOT = Path(__file__).parents[1]
STEM = "03_padding_modes"
SETTINGS = Settings("secret", {STEM: [STEM]})


@pytest.fixture
def submissions(tmp_path, monkeypatch):
    """A function from what each student tells the judge to the list of submissions."""
    monkeypatch.setenv("FAKE_JUDGE_MARKS", str(tmp_path))

    def make(**told):
        made = []
        for student, what in told.items():
            path = tmp_path / f"{student}.ipynb"
            path.write_text(fake_judge.notebook(what))
            made.append(Submission(student, STEM, {STEM: path}))
        return made

    return make


def scores(results):
    """By student: the points, or the reason up to the first colon."""
    listed = list(results)
    by_student = {r.student: r.reason.split(":")[0] if r.reason else r.score for r in listed}
    assert len(by_student) == len(listed), "a submission came out twice"
    return by_student


def locally(submissions, jobs=2, **more):
    return scores(on_this_machine(submissions, SETTINGS, jobs, fake_judge.opened, **more))


@pytest.mark.parametrize("jobs", [1, 3])
def test_all_are_judged(submissions, jobs):
    told = {f"s{number}": number / 10 for number in range(11)}
    assert locally(submissions(**told), jobs) == {
        f"s{number}": float(number) for number in range(11)
    }


def test_no_submissions_no_processes():
    assert locally([]) == {}


def test_one_that_has_a_reason_already_keeps_it():
    given = [Submission("ada", STEM, reason="a link: x.ipynb")]
    assert locally(given) == {"ada": "a link"}


def test_a_fault_of_the_grader_is_a_reason_and_the_others_are_judged(submissions):
    assert locally(submissions(ada=1, eve="raise", ben=0.5)) == {
        "ada": 10.0, "eve": "the grader failed", "ben": 5.0,
    }  # fmt: skip


def test_a_judge_that_dies_loses_only_its_submission_and_only_the_second_time(submissions):
    assert locally(submissions(ada=1, eve="die", once="die once", ben=0.5), jobs=1) == {
        "ada": 10.0, "eve": "the grader failed", "once": 10.0, "ben": 5.0,
    }  # fmt: skip


def test_a_judge_that_is_silent_for_too_long_is_ended(submissions):
    assert locally(submissions(eve="sleep", ben=1), longest=2) == {
        "eve": "the grader failed", "ben": 10.0,
    }  # fmt: skip


def test_a_judge_that_cannot_be_opened_stops_the_run_and_says_why(submissions):
    with pytest.raises(GradingError, match="bubblewrap is missing"):
        list(on_this_machine(submissions(ada=1), SETTINGS, 1, fake_judge.refused))


# --- Dask ---------------------------------------------------------------------------------------


@pytest.fixture
def cluster(tmp_path):
    """A function that starts a scheduler and workers: (address, processes of the workers)."""
    pytest.importorskip("distributed", reason="the package distributed is not installed")
    with contextlib.ExitStack() as stack:

        def start(workers=2):
            file = tmp_path / "scheduler.json"
            options = ["--scheduler-file", str(file), "--no-dashboard"]
            tests = os.pathsep.join([str(ROOT), str(ROOT / "notebooks"), str(ROOT / "tests")])
            here = {**os.environ, "PYTHONPATH": tests, "FAKE_JUDGE_MARKS": str(tmp_path)}

            def run(role, *more):
                command = [sys.executable, "-m", "distributed.cli.dask_" + role, *options, *more]
                process = subprocess.Popen(
                    command, env=here, cwd=tmp_path, stderr=subprocess.DEVNULL
                )
                stack.callback(process.wait)
                stack.callback(process.kill)
                return process

            run("scheduler", "--host", "127.0.0.1", "--port", "0")
            deadline = time.monotonic() + 60
            while not file.exists():
                assert time.monotonic() < deadline, "no scheduler after 60 s"
                time.sleep(0.1)
            processes = [run("worker", "--nthreads", "1", "--no-nanny") for _ in range(workers)]
            return _address(file, workers), processes

        yield start


def _address(file, workers):
    from distributed import Client

    with Client(scheduler_file=str(file), timeout=60) as client:
        client.wait_for_workers(workers, timeout=120)
        return client.scheduler.address


def remotely(submissions, address):
    return on_cluster(submissions, SETTINGS, address, fake_judge.opened)


def test_a_cluster_gives_the_same_even_when_a_worker_is_killed(submissions, cluster):
    address, processes = cluster(workers=2)
    given = submissions(**{f"s{number}": number / 20 for number in range(21)}, eve="raise")
    wanted = locally(given)
    assert scores(remotely(given, address)) == wanted

    results = remotely(given, address)
    first = next(results)
    processes[0].kill()
    assert scores([first, *results]) == wanted


def test_a_submission_that_kills_its_worker_is_judged_once_more_elsewhere(submissions, cluster):
    address, _ = cluster(workers=2)
    assert scores(remotely(submissions(once="die once", ada=1), address)) == {
        "once": 10.0, "ada": 10.0,
    }  # fmt: skip


def test_workers_with_other_files_of_the_course_are_refused(submissions, cluster, monkeypatch):
    address, _ = cluster(workers=1)
    monkeypatch.setattr(schedule, "digest_of_course", _another_digest)
    with pytest.raises(GradingError, match="other files of the course"):
        list(remotely(submissions(ada=1), address))


def _another_digest():
    """Another digest here than on a worker, which imports this by name."""
    return "here" if "pytest" in sys.modules else "there"


def test_a_cluster_that_is_not_there_is_named():
    with pytest.raises(GradingError, match="no Dask scheduler answers at tcp://127.0.0.1:9"):
        list(remotely([], "tcp://127.0.0.1:9"))
