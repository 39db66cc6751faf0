"""The sandbox: bubblewrap around a warm interpreter, from which learners' processes are forked.

Nothing of the course lies in it but helpers without their checks, the data and `zygote.py`: no
answer key, no seed, no submission, no gradebook. There is no network, the file system can't be
written to, processes outside can't be seen.

    with Sandbox(forbidden) as sandbox:
        learner = sandbox.open("same_padding", ("helpers.padding.same_padding",))
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from grading.channel import Channel, Gone

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 600  # importing TensorFlow from a cold disk on a busy machine
FORK_SECONDS = 30
LARGEST_REPLY = 64 << 10  # bytes; what is larger is for the scorer, whose memory has a limit
MIB = 1 << 20
LIMITS = {
    "wall": 120,  # seconds from the fork on, whatever happens
    "cpu": 180,  # seconds of processor time, each process
    "memory": 2048 * MIB,  # bytes, each process, and what all have together
    "processes": 64,
    "threads": 512,
    "file": 64 * MIB,  # bytes
    "every": 0.05,  # seconds between two looks of the supervisor
}
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/scratch",
    "LC_ALL": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/scratch",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TEMPORARILY_DISABLE_PROTOBUF_VERSION_CHECK": "true",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TMPDIR": "/scratch",
}
MISSING = (
    "bubblewrap (bwrap) is not installed, or may not make namespaces here. It keeps learners' code "
    "away from this machine and from the grades (on Debian or Ubuntu: apt install bubblewrap). "
    "Without it nothing is graded, unless you ask for --no-sandbox: then learners' code runs as "
    "you, and can read and change all that you can."
)


class NoSandbox(RuntimeError):
    """The sandbox can't be had on this machine; the message says what is missing."""


class Sandbox:
    """A warm interpreter, confined, that forks a process for each exercise.

    Args:
        forbidden: all dotted names that some exercise forbids.
        confined: False for `--no-sandbox`: limits only, and no protection.
        warm: False for a fresh interpreter in each process; slower by the import of TensorFlow,
            and the helpers' sources, which are public anyway, can then be read there.
            It is what a warm one falls back to where its children don't work.

    Raises:
        NoSandbox: bubblewrap is missing or does not work here.
    """

    def __init__(self, forbidden, confined=True, warm=True):
        if not sys.platform.startswith("linux"):
            raise NoSandbox("grading needs Linux (or WSL): its sandbox is made of Linux namespaces")
        if confined:
            assert_confinement()
        self.forbidden, self.confined = tuple(forbidden), confined
        self.course = tempfile.TemporaryDirectory(prefix="course-")
        os.chmod(self.course.name, 0o755)
        write_course(Path(self.course.name))
        self.start(warm)
        if warm and not self.works():
            self.stop()
            self.start(warm=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.course.cleanup()

    def start(self, warm):
        """Start the interpreter that children are forked from."""
        self.warm = warm
        course = Path(self.course.name)
        places = {"/course": course} if self.confined else {}
        script = "/course/zygote.py" if self.confined else str(course / "zygote.py")
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line = command([script, str(theirs.fileno())], places, self.confined)
        self.process = start(line, theirs)
        settings = {
            "forbidden": self.forbidden,
            "confined": self.confined,
            "warm": warm,
            "private": private_folders(),
        }
        self.control.send(json.dumps(settings).encode())
        self.control.settimeout(START_SECONDS)
        if warm and not self.ready():
            words = last_words(self.process)
            self.stop()
            raise NoSandbox(f"the sandbox's interpreter does not start: {words}")

    def ready(self):
        """Whether the interpreter says, within `START_SECONDS`, that it has imported all."""
        try:
            return self.control.recv(16) == b"ready"
        except OSError:  # too late, or gone
            return False

    def stop(self):
        """End the interpreter and all that was forked from it."""
        self.control.close()
        end(self.process)

    def works(self):
        """Whether a child of the warm interpreter can run an operation of TensorFlow."""
        try:
            with self.open("probe", ()) as learner:
                source = "def probe():\n    return tf.nn.relu(tf.ones((2, 2))).numpy()\n"
                define = {"do": "define", "source": source, "others": []}
                define |= {"seconds": 1, "processor": FORK_SECONDS}
                learner.channel.ask(define, FORK_SECONDS)
                answer = learner.channel.ask({"do": "call", "arguments": {}}, FORK_SECONDS)
                return "value" in answer
        except Gone:
            return False

    def open(self, name, forbidden, **limits):
        """A `LearnersProcess` for the exercise `name`.

        Args:
            name: of the exercise, and of the function to write.
            forbidden: dotted names that raise there.
            limits: instead of those in `LIMITS`.

        Raises:
            Gone: no process could be forked; the next call may work again.
        """
        if self.process.poll() is not None:
            self.stop()
            self.start(self.warm)
        ours, channel = socket.socketpair()
        leash, their_leash = socket.socketpair()
        request = {"name": name, "forbidden": list(forbidden), "limits": LIMITS | limits}
        try:
            fds = [channel.fileno(), their_leash.fileno()]
            socket.send_fds(self.control, [json.dumps(request).encode()], fds)
        except OSError as error:
            ours.close(), leash.close()
            raise Gone(f"the sandbox does not answer ({error})") from None
        finally:
            channel.close(), their_leash.close()
        learner = LearnersProcess(Channel(ours, LARGEST_REPLY), leash)
        try:
            learner.channel.receive(FORK_SECONDS if self.warm else START_SECONDS)
        except Gone:
            learner.close()
            raise
        return learner


class LearnersProcess:
    """A process in which a learner's cells run; ends when it is closed.

    Attributes:
        channel: requests go in, answers come out; see `grading.zygote.Learner`.
    """

    def __init__(self, channel, leash):
        self.channel, self.leash = channel, leash

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End it, and every process that its code has started."""
        self.channel.close()
        self.leash.close()

    def why(self, seconds=1.0):
        """In words why it ended; "" where nobody knows, or where it has not ended."""
        self.leash.settimeout(seconds)
        with contextlib.suppress(OSError):
            return self.leash.recv(200).decode("utf-8", "replace")
        return ""


def start(line, theirs):
    """Start a process that talks on the socket `theirs`; what it says on stderr goes to a file."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            line,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=ENVIRONMENT,
            cwd="/",
        )
        process.said = os.fdopen(os.dup(said.fileno()), "rb")
    theirs.close()
    return process


def end(process):
    """End a process of `start`, and with it all that runs in its sandbox."""
    process.kill()
    process.wait()
    process.said.close()


def last_words(process):
    """The last line that a process of `start` has said on stderr."""
    process.said.seek(0)
    lines = process.said.read()[-2000:].decode("utf-8", "replace").strip().split("\n")
    return lines[-1]


def command(arguments, places, confined=True):
    """The command line that runs Python with `arguments`, inside bubblewrap.

    Args:
        arguments: of Python; the first is a script.
        places: folders of this machine to be read, by their path inside.
        confined: False for the bare command.
    """
    python = [sys.executable, "-I", *arguments]
    if not confined:
        return python
    line = [
        *("bwrap", "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000"),
        *("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "sandbox"),
        *("--tmpfs", "/tmp", "--tmpfs", "/scratch", "--dev", "/dev", "--tmpfs", "/dev/shm"),
        *("--proc", "/proc"),
    ]
    for folder in system_folders():
        if os.path.islink(folder):
            line += ["--symlink", os.readlink(folder), folder]
        else:
            line += ["--ro-bind-try", folder, folder]
    for folder in python_folders():
        line += ["--ro-bind", folder, folder]
    for inside, outside in places.items():
        line += ["--ro-bind", str(outside), inside]
    for folder in ("/", "/tmp", "/dev"):
        line += ["--remount-ro", folder]
    return [*line, "--chdir", "/", "--", *python]


def system_folders():
    """What programs of this system need to run: libraries, fonts, the clock's zone."""
    return ["/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/ld.so.cache",
            "/etc/alternatives", "/etc/fonts", "/etc/localtime"]  # fmt: skip


def python_folders():
    """Where this Python and its packages live, where that is not below /usr."""
    places = [sys.prefix, sys.base_prefix, os.path.realpath(sys.executable)]
    places += [sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")]
    outermost = []
    for place in sorted(set(places), key=len):
        if not any(is_below(place, other) for other in ["/usr", *outermost]):
            outermost.append(place)
    return outermost


def private_folders():
    """Folders that are empty and writable in each learner's process, and its own."""
    python_in_tmp = any(is_below(folder, "/tmp") for folder in python_folders())
    return ["/scratch", "/dev/shm"] + ([] if python_in_tmp else ["/tmp"])


def is_below(place, folder):
    """Whether a path is a folder or lies in it."""
    return os.path.commonpath([place, folder]) == folder


def write_course(folder):
    """Write all that a learner's process may see of the course."""
    from grading.sandbox_copy import sandbox_copy

    sandbox_copy(folder)
    shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("experiments"))
    shutil.copy(Path(__file__).with_name("zygote.py"), folder)


def assert_confinement():
    """Raise NoSandbox where bubblewrap is missing or can't make its namespaces."""
    if not shutil.which("bwrap"):
        raise NoSandbox(MISSING)
    check = command(["-c", "print('in')"], {})
    ended = subprocess.run(check, capture_output=True, text=True, env=ENVIRONMENT, timeout=60)
    if ended.stdout != "in\n":
        raise NoSandbox(f"{MISSING}\nIt says: {ended.stderr.strip()[:500]}")


def available():
    """Whether there is a sandbox on this machine."""
    with contextlib.suppress(NoSandbox, subprocess.SubprocessError):
        assert_confinement()
        return True
    return False
