"""The sandbox: what it holds, what it refuses, and how it says that it can't be had."""

import contextlib
import json
import re
import shutil
import socket
import subprocess
import threading

import pytest
from answers import EXERCISES
from graded import judge, needs_sandbox

from grading import channel as channels
from grading import sandbox as sandboxes
from grading import zygote
from grading.channel import Channel, Gone, pair
from grading.sandbox import ROOT, NoSandbox, Sandbox, command, is_below, write_course

STATE = """
def state():
    import os
    status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
    return tuple(status[key].strip() for key in ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp"))
"""
NAMES = """
def names():
    import os
    found = []
    for folder, _, files in os.walk("/course"):
        found += [os.path.join(folder, name) for name in files]
    return tuple(found)
"""


def called(name, source, forbidden=(), **arguments):
    """What the function `name` of a cell answers in a learner's process."""
    with judge().sandbox.open(name, forbidden) as learner:
        define = {"do": "define", "source": source, "others": [], "seconds": 5, "processor": 5}
        assert learner.channel.ask(define, 30) == {"value": None}
        return learner.channel.ask({"do": "call", "arguments": arguments}, 30)


@needs_sandbox
def test_a_learners_process_has_no_powers_and_a_filter_on_system_calls():
    nothing = "0" * 16
    answer = called("state", STATE)
    assert answer == {"value": {"tuple": [nothing, nothing, "1", "2"]}}


@needs_sandbox
def test_the_course_in_the_sandbox_is_its_data():
    names = called("names", NAMES)["value"]["tuple"]
    assert names and all(name.startswith(("/course/data/", "/course/zygote")) for name in names)


@needs_sandbox
def test_there_is_no_network():
    source = (
        "def devices():\n    import os, socket\n"
        "    return tuple(name for _, name in socket.if_nameindex())\n"
    )
    assert called("devices", source) == {"value": {"tuple": ["lo"]}}


@needs_sandbox
@pytest.mark.parametrize(
    "call", ["os.execv('/usr/bin/true', ['true'])", "os.system('true')", "os.unshare(0x10000000)"]
)
def test_no_other_program_can_be_started(call):
    source = (
        "def start():\n    import os, sys\n    if not hasattr(os, 'unshare'):\n"
        "        os.unshare = lambda flags: __import__('ctypes').CDLL(None).unshare(flags)\n"
        f"    return int({call} or 0)\n"
    )
    answer = called("start", source)
    assert answer.get("value", 1) != 0  # an error, or the number of one


@needs_sandbox
@pytest.mark.parametrize("name", sorted({f for e in EXERCISES.values() for f in e.forbidden}))
def test_every_forbidden_name_raises_where_it_is_forbidden(name):
    module = name.rpartition(".")[0]
    source = (
        "def use():\n    import importlib\n    module, rest = " + repr(module) + ", []\n"
        "    while True:\n        try:\n            found = importlib.import_module(module)\n"
        "            break\n        except ImportError:\n"
        "            module, _, last = module.rpartition('.')\n            rest.insert(0, last)\n"
        f"    for part in [*rest, {name.rpartition('.')[2]!r}]:\n"
        "        found = getattr(found, part)\n"
        # Some check how many arguments there are before they do their work.
        "    for count in range(8):\n        try:\n"
        "            return found(*[np.ones((1, 4, 4, 1), 'float32')] * count)\n"
        "        except (TypeError, ValueError):\n            pass\n    found()\n"
    )
    assert called("use", source, [name]) == {"borrowed": name}
    with contextlib.suppress(Gone):  # a whole network is too large an answer
        assert "borrowed" not in called("use", source)  # elsewhere it may be used


@needs_sandbox
def test_a_name_that_another_exercise_forbids_may_be_used():
    source = "def use(size):\n    return padding.same_padding(size, 3)\n"
    assert called("use", source, size=5) == {"value": {"tuple": [1, 1]}}


@needs_sandbox
def test_a_fresh_interpreter_stands_in_where_a_warm_one_does_not_work(monkeypatch):
    started = []

    def start(self, warm):
        started.append(warm)

    monkeypatch.setattr(Sandbox, "start", start)
    monkeypatch.setattr(Sandbox, "stop", lambda self: None)
    monkeypatch.setattr(Sandbox, "works", lambda self: False)
    monkeypatch.setattr(sandboxes, "write_course", lambda folder: None)
    Sandbox([]).course.cleanup()
    assert started == [True, False]


@needs_sandbox
@pytest.mark.slow
def test_a_fresh_interpreter_answers_as_a_warm_one():
    forbidden = ["helpers.padding.same_padding"]
    with Sandbox(forbidden, warm=False) as cold, cold.open("f", forbidden) as learner:
        source = "def f():\n    return tf.nn.relu(-1.0).numpy(), padding.same_padding(3, 3)\n"
        define = {"do": "define", "source": source, "others": [], "seconds": 5, "processor": 5}
        learner.channel.ask(define, 60)
        assert learner.channel.ask({"do": "call", "arguments": {}}, 60) == {
            "borrowed": "helpers.padding.same_padding"
        }


def test_a_process_that_has_run_an_operation_is_not_forked():
    import tensorflow as tf

    tf.ones(1) + 1.0
    with pytest.raises(RuntimeError, match="has run an operation"):
        zygote.assert_never_ran()


def test_a_replaced_function_raises_by_every_way_to_it():
    def outer():
        kept = 3

        def inner(x):
            return x + kept

        return inner

    inner = outer()
    alias = inner
    inner.__code__ = zygote.raising(KeyError("gone"), inner.__code__.co_freevars)
    with pytest.raises(KeyError, match="gone"):
        alias(1)


def test_the_sandboxs_course_has_no_answers(tmp_path):
    write_course(tmp_path)
    texts = {path: path.read_text(errors="ignore") for path in tmp_path.rglob("*.py")}
    assert texts
    for path, text in texts.items():
        assert "answer_with" not in text and "Misconception" not in text, path
        assert "BEGIN SOLUTION" not in text, path
    assert not list(tmp_path.rglob("*.ipynb")) and not list(tmp_path.rglob("*.db"))


def test_without_bubblewrap_nothing_is_graded(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(NoSandbox, match="--no-sandbox: then learners' code runs as you"):
        Sandbox([])


def test_a_bubblewrap_that_does_not_work_says_what_it_says(monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "bwrap: no permissions")
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(NoSandbox, match="no permissions"):
        Sandbox([])


def test_grading_needs_linux(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(NoSandbox, match="needs Linux"):
        Sandbox([], confined=False)


def test_nothing_secret_stands_on_the_command_line():
    line = " ".join(command(["/course/zygote.py", "3"], {"/course": ROOT}))
    assert "--unshare-all" in line and "--cap-drop ALL" in line
    writable = re.findall(r"--bind(?:-try)? (\S+)", line)
    assert writable == []


def test_a_folder_below_another_is_known():
    assert is_below("/usr/lib", "/usr") and not is_below("/usrlocal", "/usr")


# --- The channel ----------------------------------------------------------------------------------


def test_messages_come_as_they_went():
    ours, theirs = pair()
    ours.send({"a": [1, None, "ä" * 10_000]}, 5)
    assert theirs.receive(5) == {"a": [1, None, "ä" * 10_000]}


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "ended"),
        (b"\x00\x00\x00\x05ab", "ended"),
        (b"\xff\xff\xff\xff", "at most"),
        (b"\x00\x00\x00\x02{]", "nobody can read"),
        (b"\x00\x00\x00\x02[]", "nobody can read"),
        (b"\x00\x01\x00\x00" + b"[" * 65536, "nobody can read"),
    ],
)
def test_what_is_no_message_is_said(raw, why):
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    theirs.sendall(raw)
    theirs.close()
    with pytest.raises(Gone, match=why):
        channel.receive(5)
    with pytest.raises(Gone):
        channel.receive(5)


def test_what_was_sent_before_the_request_is_no_answer_to_it():
    ours, theirs = pair()
    for _ in range(3):
        theirs.send({"value": 77}, 5)

    def reply():
        request = theirs.receive(5)
        theirs.send({"value": request["x"] + 1, "token": request["token"]}, 5)

    thread = threading.Thread(target=reply)
    thread.start()
    assert ours.ask({"x": 2}, 5) == {"value": 3}
    thread.join()


def test_a_flood_of_strays_is_given_up(monkeypatch):
    monkeypatch.setattr(channels, "MOST_STRAY", 5)
    ours, theirs = pair()
    for _ in range(9):
        theirs.send({"value": 77}, 5)
    with pytest.raises(Gone, match="answer nothing"):
        ours.ask({}, 5)


def test_silence_is_an_outcome():
    ours, _theirs = pair()
    with pytest.raises(Gone, match="within 0.05 seconds"):
        ours.receive(0.05)


def test_a_side_that_does_not_read_holds_nobody_up():
    ours, _theirs = pair()
    with pytest.raises(Gone, match="within"):
        ours.send({"a": "x" * (1 << 24)}, 0.2)


def test_the_settings_of_the_supervisor_can_be_told_as_json():
    assert json.loads(json.dumps(sandboxes.LIMITS)) == sandboxes.LIMITS
