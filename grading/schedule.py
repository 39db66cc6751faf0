"""Who judges which submission: processes on this machine, or the workers of a Dask cluster.

Both give the same results, in the order in which they are done. A process that dies takes nothing
with it: its submission is judged once more by another, then it gets a named reason.
"""

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from pathlib import Path

from grading.journal import FAULT, bytes_of, digest_of_course
from grading.result import Result, Submission

LONGEST = 1800  # seconds for one submission; the judge's own limits are far below
TRIES = 2  # how often a submission is given to a judge before it is given up
CONNECT = 8  # seconds for a scheduler to answer


class GradingError(Exception):
    """Grading can't begin or go on; the message says why and what to do."""


@dataclass(frozen=True)
class Settings:
    """What every judge of a run is opened with.

    Args:
        seed: the secret that the cases are drawn from.
        assignments: names of notebooks by assignment.
        notebooks: the notebooks as they were handed out: bytes of the file, by name.
        sandbox: False runs learners' code without confinement.
    """

    seed: str
    assignments: dict = field(default_factory=dict)
    notebooks: dict = field(default_factory=dict)
    sandbox: bool = True


@contextmanager
def open_judge(settings):
    """A judge that knows the notebooks as they were handed out."""
    from grading.judge import Judge

    with tempfile.TemporaryDirectory(prefix="released-") as folder:
        for stem, raw in settings.notebooks.items():
            Path(folder, f"{stem}.ipynb").write_bytes(raw)
        with Judge(Path(folder), settings.seed, sandbox=settings.sandbox) as judge:
            yield judge


def judged(judge, submission, settings):
    """The result of a submission, whatever happens in the judge."""
    began = time.monotonic()
    try:
        stems = settings.assignments[submission.assignment]
        return judge.grade(submission, stems)
    except Exception as error:  # a fault of ours must not stop the batch
        reason = f"{FAULT}: {type(error).__name__}: {error}"[:500]
        seconds = time.monotonic() - began
        return Result(submission.student, submission.assignment, reason=reason, seconds=seconds)


def _without_judge(submissions):
    """The results of those that can't be graded."""
    for submission in submissions:
        if submission.reason:
            yield Result(submission.student, submission.assignment, reason=submission.reason)


# --- On this machine ----------------------------------------------------------------------------


def on_this_machine(submissions, settings, jobs=1, opened_by=open_judge, longest=LONGEST):
    """Judge in `jobs` processes of their own.

    Args:
        submissions: a sequence of `Submission`.
        settings: a `Settings`.
        jobs: number of processes, at least 1.
        opened_by: a function from settings to a judge; it must be importable.
        longest: seconds after which a judge that says nothing is ended.

    Yields:
        `Result`, in the order in which they are done.

    Raises:
        GradingError: a judge can't be opened.
    """
    yield from _without_judge(submissions)
    waiting = deque((submission, 1) for submission in submissions if not submission.reason)
    workers = [_Worker(settings, opened_by) for _ in range(min(jobs, len(waiting)))]
    try:
        while waiting or any(worker.task for worker in workers):
            for worker in workers:
                if waiting and worker.ready and not worker.task:
                    worker.give(*waiting.popleft())
            _wait(workers, longest)
            for number, worker in enumerate(workers):
                result, again = worker.look(longest)
                if result:
                    yield result
                if again:
                    waiting.appendleft(again)
                if worker.dead:
                    worker.stop()
                    workers[number] = _Worker(settings, opened_by)
    finally:
        for worker in workers:
            worker.stop()


def _wait(workers, longest):
    """Until a worker has something to say, is gone, or has been silent for too long."""
    deadlines = [worker.since + longest for worker in workers if worker.task]
    seconds = max(min(deadlines) - time.monotonic(), 0) if deadlines else None
    wait([worker.pipe for worker in workers], seconds)


class _Worker:
    """One process with a judge in it."""

    def __init__(self, settings, opened_by):
        context = multiprocessing.get_context("spawn")  # a fork would copy TensorFlow's threads
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, settings, opened_by))
        self.process.start()
        theirs.close()
        self.ready = self.dead = False
        self.task, self.since = None, 0.0

    def give(self, submission, tries):
        self.task, self.since = (submission, tries), time.monotonic()
        with suppress(OSError):  # it died while it was idle: `look` finds out
            self.pipe.send(submission)

    def look(self, longest):
        """What has come: (a result or None, (submission, tries) to be judged again or None)."""
        silent = self.task and time.monotonic() > self.since + longest
        if not self.pipe.poll() and not silent:
            return None, None
        try:
            if silent:
                raise EOFError
            message = self.pipe.recv()
        except (EOFError, OSError):
            return self._gone(f"it took more than {longest:g} s" if silent else "its process died")
        if isinstance(message, GradingError):
            raise message
        if message == "ready":
            self.ready = True
            return None, None
        self.task = None
        return message, None

    def _gone(self, why):
        self.dead = True
        if self.task is None and not self.ready:
            raise GradingError("the judge ended before it could begin; its message is above")
        if self.task is None:
            return None, None
        (submission, tries), self.task = self.task, None
        if tries < TRIES:
            return None, (submission, tries + 1)
        reason = f"{FAULT}: {why}, {tries} times"
        return Result(submission.student, submission.assignment, reason=reason), None

    def stop(self):
        """Let it finish in order when it is idle; end it when it is not."""
        self.pipe.close()
        if self.task or self.dead:
            self.process.terminate()
        self.process.join(20)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _serve(pipe, settings, opened_by):
    """The main function of a worker: judge what comes until the other side closes."""
    os.setpgid(0, 0)  # Ctrl-C is for the process that writes; it then closes the pipe
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the judge tidies up
    try:
        with opened_by(settings) as judge:
            pipe.send("ready")
            while True:
                pipe.send(judged(judge, pipe.recv(), settings))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:
        pipe.send(GradingError(f"{error}"))


# --- On a cluster -------------------------------------------------------------------------------


def on_cluster(submissions, settings, address, opened_by=open_judge):
    """Judge on the workers of a Dask cluster that is there already.

    The workers need this course, the same files as here, on their Python path; each judges one
    submission at a time. What was handed in travels to them, so no folder need be shared.

    Args:
        submissions, settings, opened_by: as for `on_this_machine`.
        address: of the scheduler, such as "tcp://10.0.0.1:8786".

    Yields:
        `Result`, in the order in which they are done.

    Raises:
        GradingError: no cluster there, no workers, or workers with another version of the course.
    """
    try:
        from distributed import Client, KilledWorker, as_completed
    except ImportError:
        raise GradingError("--scheduler needs the package distributed; pip install it") from None

    course = digest_of_course()
    try:
        client = Client(address, timeout=CONNECT)
    except (OSError, TimeoutError, ValueError) as error:
        raise GradingError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        _check_workers(client, course)
        yield from _without_judge(submissions)
        waiting, running = deque(s for s in submissions if not s.reason), {}
        done = as_completed()

        def give():
            submission = waiting.popleft()
            arguments = (_travelling(submission), settings, course, opened_by)
            future = client.submit(_judge_remotely, *arguments, pure=False, retries=TRIES - 1)
            running[future] = submission
            done.add(future)

        room = 2 * sum(client.nthreads().values())  # never all files at once in memory
        try:
            while waiting and len(running) < room:
                give()
            for future in done:
                submission = running.pop(future)
                try:
                    yield future.result()
                except KilledWorker:
                    reason = f"{FAULT}: every worker that judged it died"
                    yield Result(submission.student, submission.assignment, reason=reason)
                except GradingError:
                    raise
                except Exception as error:  # its judge can't be opened, say
                    raise GradingError(f"a worker: {type(error).__name__}: {error}") from None
                future.release()
                if waiting:
                    give()
        finally:
            client.cancel(list(running))
            with suppress(Exception):  # the cluster may be gone; the result is what counts
                client.run(_close_judge)


def _check_workers(client, course):
    try:
        digests = client.run(digest_of_course)
    except Exception as error:
        raise GradingError(
            f"the workers can't import this course ({type(error).__name__}: {error}); start them "
            "in its folder with PYTHONPATH=. and the same environment"
        ) from None
    if not digests:
        raise GradingError(f"the cluster at {client.scheduler.address} has no workers")
    others = [worker for worker, digest in digests.items() if digest != course]
    if others:
        raise GradingError(f"other files of the course than here on {', '.join(sorted(others))}")


def _travelling(submission):
    """The submission with the bytes of its files in place of their paths."""
    paths = submission.paths.items()
    return replace(submission, paths={stem: bytes_of(path) for stem, path in paths})


_turn = threading.Lock()  # a worker may have several threads; its judge takes one at a time
_opened = {}  # the judge of this worker process, by its settings: (judge, its context manager)


def _judge_remotely(submission, settings, course, opened_by):
    """Judge in a worker process, which keeps its judge for the next submission."""
    with _turn:
        if digest_of_course() != course:
            raise GradingError("this worker has other files of the course")
        with _unpacked(submission) as local:
            return judged(_judge_of_this_process(settings, opened_by), local, settings)


def _judge_of_this_process(settings, opened_by):
    wanted = repr((settings, opened_by))
    if wanted not in _opened:
        _close_judge()
        manager = opened_by(settings)
        _opened[wanted] = manager.__enter__(), manager
    return _opened[wanted][0]


def _close_judge():
    """Close the judge of this process, if there is one."""
    while _opened:
        _, manager = _opened.popitem()[1]
        manager.__exit__(None, None, None)


@contextmanager
def _unpacked(submission):
    """The submission with its files written to a folder of this machine."""
    with tempfile.TemporaryDirectory(prefix="submission-") as folder:
        paths = {}
        for number, (stem, raw) in enumerate(submission.paths.items()):
            paths[stem] = Path(folder, f"{number}.ipynb")
            paths[stem].write_bytes(raw)
        yield Submission(submission.student, submission.assignment, paths, submission.reason)
