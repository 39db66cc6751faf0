"""How fast is the grader, next to `nbgrader autograde`, on submissions of notebook 03?

    python benchmarks/grading.py [submissions] [--nbgrader 10] [--jobs 2] [--keep FOLDER]

The submissions are a mix: honest, partly right, wrong, hostile. nbgrader gets the first few that
are not hostile, in the same run, right after. Both print wall time and processor time, ours also
its peak memory: what all its processes have together, shared pages counted once.
"""

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "notebooks")]
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "notebooks")])
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

STEM = "03_padding_modes"
BODIES = {  # wrong answers by exercise: each a function's body
    "same_padding": [
        "t = max((-(-size // stride) - 1) * stride + dilation * (kernel_size - 1) + 1 - size, 0)\n"
        "return t - t // 2, t // 2",
        "t = max((size // stride - 1) * stride + kernel_size - size, 0)\nreturn t // 2, t - t // 2",
        "return (kernel_size - 1) // 2, (kernel_size - 1) // 2",
    ],
    "symmetric_conv": [
        "return convolution.correlate2d(image, kernel, padding='same')",
        "sides = [padding.same_padding(n, k) for n, k in zip(image.shape, kernel.shape)]\n"
        "return convolution.correlate2d(np.pad(image, sides, 'reflect'), kernel)",
    ],
    "window_mean": [
        "window = np.ones((size, size), 'float32')\n"
        "return convolution.correlate2d(image, window, padding='same') / size**2",
        "return image",
    ],
    "pad_image": ["return np.pad(image, [(top, bottom), (left, right), (0, 0)])"],
}
BROKEN = ["return undefined_name", "return None", "return 'abc'", "..."]
HOSTILE = [
    "while True: pass",
    "import os; os._exit(0)",
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "x = []\nwhile True: x.append(bytearray(1 << 26))",
    "import os\nwhile True: os.fork()",
    "while True: print('x' * 100_000)",
    "import socket; socket.create_connection(('127.0.0.1', 22), 5)",
    "import shutil; shutil.rmtree('/', ignore_errors=True); return None",
    "return np.zeros((1 << 15, 1 << 15))",
    "import helpers.checks.score as s; s.Score.__float__ = lambda self: 1000.0; return 1000.0",
]
MIX = ["honest"] * 6 + ["partial"] * 2 + ["broken", "hostile"]  # of each ten


def main():
    options = _options()
    with tempfile.TemporaryDirectory(prefix="grading-") as scratch:
        folder = Path(options.keep or scratch)
        kinds = make(folder, options.submissions)
        ours = grade(folder, options.jobs)
        checked = check(folder / "grades" / "scores.csv", kinds)
        theirs = autograde(folder, [name for name, kind in kinds.items() if kind != "hostile"],
                           options.nbgrader)  # fmt: skip
    print(f"\n{options.submissions} submissions of {STEM}, {options.jobs} jobs, "
          f"{os.cpu_count()} cores\n")  # fmt: skip
    print("| grader | submissions | wall, s | a minute | processor, s each | peak memory, MiB |")
    print("|---|---|---|---|---|---|")
    for name, row in (("this one", ours), ("nbgrader autograde", theirs)):
        print(f"| {name} | {row['count']} | {row['wall']:.0f} | {rate(row):.1f} | "
              f"{row['processor'] / row['count']:.2f} | {row['memory']:.0f} |")  # fmt: skip
    print(f"\nas many a minute: {rate(ours) / rate(theirs):.1f} times")
    print(f"by processor time: {per_minute(ours) / per_minute(theirs):.1f} times")
    print(checked)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("submissions", nargs="?", type=int, default=500)
    parser.add_argument("--nbgrader", type=int, default=10, help="how many of them it gets")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", help="write here, and leave it there")
    return parser.parse_args()


def rate(row):
    return 60 * row["count"] / row["wall"]


def per_minute(row):
    """What a minute of one core's time would do."""
    return 60 * row["count"] / row["processor"]


def make(folder, count):
    """Write the course folder and the submissions; the kind of each by student."""
    from grading import release

    solved = release.build.read_source(ROOT / "notebooks" / "source" / f"{STEM}.py")
    release.write_assignment(folder / "course", STEM, {STEM: solved})
    handed_out = json.loads((folder / "course" / "release" / STEM / f"{STEM}.ipynb").read_text())
    answers = {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in solved.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    kinds = {}
    for number in range(count):
        student = f"s{number:04}"
        kinds[student] = MIX[number % 10]
        path = folder / "submissions" / student / STEM / f"{STEM}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(submission(handed_out, answers, kinds[student], number // 10)))
    return kinds


def submission(handed_out, answers, kind, turn):
    """The notebook of one student; `turn` picks among the answers of its kind."""
    notebook = json.loads(json.dumps(handed_out))
    names = list(answers)
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in answers:
            place = names.index(name)
            bodies = {"partial": BODIES[name], "broken": BROKEN, "hostile": HOSTILE}.get(kind)
            # All exercises wrong would be rare: one or two of the four are, in turn.
            if bodies and (place == turn % 4 or kind == "partial" and place == (turn + 1) % 4):
                cell["source"] = _with_body(answers[name], bodies[turn % len(bodies)])
            else:
                cell["source"] = answers[name]
    return notebook


def _with_body(solved, body):
    """The function of a solved cell with another body."""
    head = solved.split("### BEGIN SOLUTION")[0].rstrip()
    return head + "\n" + "\n".join("    " + line for line in body.splitlines()) + "\n"


def grade(folder, jobs):
    """Our grader on all of them."""
    command = [sys.executable, "-m", "grading", "grade", str(folder / "submissions"),
               "--out", str(folder / "grades"), "--release", str(folder / "course"),
               "--seed", "benchmark", "--jobs", str(jobs)]  # fmt: skip
    shutil.rmtree(folder / "grades", ignore_errors=True)
    measured = _measured(command, ROOT)
    with (folder / "grades" / "scores.csv").open() as file:
        return measured | {"count": len(list(csv.DictReader(file)))}


def autograde(folder, students, count):
    """nbgrader's own step on a few of them."""
    course = folder / "course"
    for student in students[:count]:
        shutil.copytree(folder / "submissions" / student, course / "submitted" / student,
                        dirs_exist_ok=True)  # fmt: skip
    shutil.rmtree(course / "autograded", ignore_errors=True)
    command = [sys.executable, "-m", "nbgrader", "autograde", STEM, "--create"]
    os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    measured = _measured(command, course)
    done = len(list(course.glob(f"autograded/*/{STEM}/{STEM}.ipynb")))
    return measured | {"count": done}


def _measured(command, where):
    """Wall time, processor time and peak memory of a command and all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=where, stdout=sys.stderr)
    peak = Peak(process.pid)
    peak.start()
    status = process.wait()
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    if status:
        print(f"exit status {status}: {' '.join(command)}", file=sys.stderr)
    return {"wall": wall, "processor": processor, "memory": peak.most / 2**20}


class Peak(threading.Thread):
    """The most memory that a process and its descendants had together (PSS), each two seconds."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.process, self.most = psutil.Process(pid), 0

    def run(self):
        while True:
            try:
                processes = [self.process, *self.process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            self.most = max(self.most, sum(map(_memory, processes)))
            time.sleep(2)


def _memory(process):
    try:
        return process.memory_full_info().pss
    except (psutil.Error, OSError):
        return 0


def check(path, kinds):
    """Whether each kind earned what it should, in a sentence."""
    with path.open() as file:
        scores = {row["student"]: float(row["score"]) for row in csv.DictReader(file)}
    wrong = [
        f"{student} ({kind}): {scores.get(student)}"
        for student, kind in kinds.items()
        if (kind == "honest") != (scores.get(student) == 10) and not _only_practice(student, kind)
    ]
    return f"earned what they should: {len(kinds) - len(wrong)} of {len(kinds)}" + (
        f"; not: {', '.join(wrong[:10])}" if wrong else ""
    )


def _only_practice(student, kind):
    """Whether a broken or hostile answer is to the exercise without points."""
    return kind in ("broken", "hostile") and int(student[1:]) // 10 % 4 == 3


if __name__ == "__main__":
    main()
