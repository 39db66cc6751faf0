"""The warm interpreter inside the sandbox: imports TensorFlow once, forks a child an exercise.

A forked child works only as long as this process has never run an operation of TensorFlow; that is
asserted before each fork. Between this process and the code of a learner stands a supervisor:

    zygote -> supervisor (sees all, kills) -> first process of the learner's namespaces -> learner

The learner's process answers requests on a socket that its code can reach. So nothing that comes
from there is believed: it is data, held against an answer key that never comes here. For the same
reason a forbidden function is not watched but gone: its code is replaced before the learner's runs.
"""

import builtins
import contextlib
import ctypes
import gc
import importlib.util
import inspect
import json
import linecache
import os
import platform
import resource
import select
import signal
import socket
import sys
import time
import types

COURSE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, COURSE)

from helpers.checks import attempt as attempts  # noqa: E402
from helpers.checks.child import receive, send  # noqa: E402
from helpers.checks.plain import decode, encode  # noqa: E402

CELL = "<exercise>"
PAGE = os.sysconf("SC_PAGE_SIZE")
NOBODY = 65534
MIB = 1 << 20
HIDDEN = (f"{COURSE}/helpers",)  # imported by then; its source would show what is forbidden

libc = ctypes.CDLL(None, use_errno=True)


def main():
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(control.recv(1 << 20))
    warm = settings["warm"]
    forbidden = prepare(settings["forbidden"]) if warm else None
    control.send(b"ready")
    while True:
        message, fds, _, _ = socket.recv_fds(control, 1 << 16, 2)
        if not message:
            return
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if warm:
            assert_never_ran()
        if os.fork() == 0:
            control.close()
            try:
                request = json.loads(message)
                supervise(request, settings, forbidden, *fds)
            finally:
                os._exit(1)
        for fd in fds:
            os.close(fd)


def prepare(names):
    """Import all that a learner's cell may want; the functions behind the forbidden `names`."""
    import IPython.core.inputtransformer2  # noqa: F401
    import keras  # noqa: F401
    import tensorflow as tf  # noqa: F401

    from helpers.notebook import names_after_set_up

    names_after_set_up()
    import_everything("helpers")
    found = functions_behind(names)
    assert_never_ran()
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page that holds an object
    return found


def import_everything(package):
    """Import all modules of a package."""
    import pkgutil

    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        importlib.import_module(module.name)


def assert_never_ran():
    """Raise when TensorFlow has run an operation here: every child of such a process hangs."""
    from tensorflow.python.eager import context

    if context.context()._initialized:
        raise RuntimeError("TensorFlow has run an operation in the process that is to be forked")


# --- Functions that an exercise forbids -----------------------------------------------------------


def functions_behind(names):
    """For each dotted name all Python functions that run its code; [] for one written in C."""
    for name in names:
        module = name.rpartition(".")[0]
        while module and module not in sys.modules:
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
            module = module.rpartition(".")[0]
    found = {name: [] for name in names}
    owners = {}
    for name in names:
        for code in attempts.code_of(name):
            owners.setdefault(id(code), []).append(name)
    for item in gc.get_objects():
        if type(item) is types.FunctionType:
            for name in owners.get(id(item.__code__), ()):
                found[name].append(item)
    return found


def take_away(names, functions):
    """Let every call of the functions `names` raise; the exceptions that they raise, by name.

    The code itself is replaced, in every function that holds it. No alias, decorator, thread or
    reference taken before leads to what was there.
    """
    refusals = {name: attempts.Borrowed(name) for name in names}
    for name, refusal in refusals.items():
        for function in functions.get(name, ()):
            method = function.__code__.co_varnames[:1] == ("self",)
            function.__defaults__ = function.__kwdefaults__ = None
            function.__code__ = raising(refusal, function.__code__.co_freevars, method)
        if not functions.get(name):
            holder = attempts.found_at(name.rpartition(".")[0])
            if inspect.ismodule(holder):
                code = raising(refusal, ())
                setattr(holder, name.rpartition(".")[2], types.FunctionType(code, {}))
    return refusals


def raising(exception, free_names, method=False):
    """The code of a function, or of a method, that takes anything and raises `exception`."""

    def template(*args, **kwargs):
        raise 0.5  # noqa: B016 (replaced below)

    def of_object(self, *args, **kwargs):  # Keras asks a layer's __init__ for this name
        raise 0.5  # noqa: B016

    if method:
        template = of_object
    code = template.__code__
    constants = tuple(exception if value == 0.5 else value for value in code.co_consts)
    return code.replace(co_consts=constants, co_freevars=free_names)


# --- Confinement ----------------------------------------------------------------------------------

NEW_MOUNTS, NEW_USER, NEW_PIDS = 0x20000, 0x10000000, 0x20000000
NEW_NETWORK, NEW_IPC, NEW_NAMES = 0x40000000, 0x08000000, 0x04000000
NO_SUID, NO_DEV, NO_EXEC, BIND, RECURSIVE_PRIVATE = 2, 4, 8, 0x1000, 0x44000
SET_SECCOMP, SET_NO_NEW_PRIVILEGES, DROP_BOUNDING, SET_DEATH_SIGNAL = 22, 38, 24, 1


def supervise(request, settings, functions, channel, leash):
    """Run a learner's process until it ends, is let go of (`leash` closes) or breaks a limit."""
    os.setsid()
    limits = request["limits"]
    confined = settings["confined"]
    proc = os.open("/proc", os.O_RDONLY)  # the learner's namespace gets another one
    if confined:
        unshare()
    first = os.fork()
    if first == 0:
        os.close(leash)
        run_first(request, settings, functions, channel)
    os.close(channel)
    reason = watch(first, leash, limits, proc if confined else None)
    with contextlib.suppress(ProcessLookupError):
        os.kill(first, signal.SIGKILL) if confined else os.killpg(first, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.write(leash, reason.encode())
    os._exit(0)


def unshare():
    """Own namespaces for all that follows, as a user who is nobody outside."""
    uid, gid = os.getuid(), os.getgid()
    flags = NEW_USER | NEW_MOUNTS | NEW_PIDS | NEW_NETWORK | NEW_IPC | NEW_NAMES
    check(libc.unshare(flags), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} {uid} 1"),
        ("gid_map", f"{NOBODY} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def check(result, what):
    """Raise OSError when a call of the C library failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def watch(first, leash, limits, proc):
    """Wait until the process `first` ends, or must; says in words why.

    `proc` is a descriptor of the /proc that shows all of the sandbox; None for no look at it.
    """
    ours = anonymous_memory(proc, "self")
    end = time.monotonic() + limits["wall"]
    poll = select.poll()
    poll.register(leash, select.POLLIN | select.POLLHUP)
    while True:
        if poll.poll(limits["every"] * 1000):
            return "let go"
        if os.waitpid(first, os.WNOHANG)[0]:
            return "the process ended"
        if time.monotonic() > end:
            return f"it took more than {limits['wall']:g} seconds in all"
        if proc is not None:
            others = set(filter(str.isdigit, os.listdir(proc)))
            others -= {"1", str(os.getpid()), str(os.getppid())}
            if len(others) > limits["processes"]:
                return f"more than {limits['processes']} processes"
            used = sum(max(anonymous_memory(proc, pid) - ours, 0) for pid in others)
            if used > limits["memory"]:
                return f"more than {limits['memory'] // MIB} MiB of memory"


def anonymous_memory(proc, pid):
    """Bytes of memory of a process that no file stands for; 0 if it is gone."""
    try:
        file = os.open(f"{pid}/statm", os.O_RDONLY, dir_fd=proc)
        try:
            _, resident, shared, *_ = map(int, os.read(file, 200).split())
        finally:
            os.close(file)
    except (OSError, TypeError, ValueError):
        return 0
    return (resident - shared) * PAGE


def run_first(request, settings, functions, channel):
    """The first process of the namespaces: shuts all doors, then waits for the learner's.

    When it ends, the kernel ends every process that the learner's code has started.
    """
    try:
        libc.prctl(SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        os.setsid()
        only_open(channel)
        if settings["confined"] and functions is None:  # it still has to import the helpers
            remount(settings["private"], [], folders=())
        elif settings["confined"]:
            remount(settings["private"], files_of(request["forbidden"], functions))
        drop_privileges(request["limits"], settings["confined"])
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        learner = os.fork()
        if learner == 0:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            serve(request, settings, functions, channel)
            os._exit(0)
        os.close(channel)
        while os.wait()[0] != learner:
            pass
    finally:
        os._exit(0)


def only_open(channel):
    """Close every descriptor but `channel`; input and output lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        if number > 2 and number != channel:
            with contextlib.suppress(OSError):
                os.close(number)


def files_of(names, functions):
    """The files from which Python could make the functions `names` again."""
    sources = {item.__code__.co_filename for name in names for item in functions.get(name, ())}
    compiled = {importlib.util.cache_from_source(file) for file in sources}
    return [
        file
        for file in sorted(sources | compiled)
        if os.path.isfile(file) and not file.startswith(HIDDEN)  # hidden with its folder
    ]


def remount(private, hidden, folders=HIDDEN):
    """Folders of its own to write in; the `hidden` files and `folders` out of sight."""
    check(libc.mount(b"none", b"/", None, RECURSIVE_PRIVATE, None), "mount /")
    empty = NO_SUID | NO_DEV | NO_EXEC
    for folder in private:
        options = b"size=128m,nr_inodes=5000,mode=777"
        check(libc.mount(b"tmpfs", folder.encode(), b"tmpfs", empty, options), f"mount {folder}")
    for folder in folders:
        options = b"size=4k,nr_inodes=1,mode=555"
        check(libc.mount(b"tmpfs", folder.encode(), b"tmpfs", empty, options), f"mount {folder}")
    for file in hidden:
        check(libc.mount(b"/dev/null", file.encode(), None, BIND, None), f"mount {file}")
    # Where root runs the grader the kernel refuses a new /proc. The one of the whole sandbox
    # stays then; its other processes can be seen in it, not touched.
    libc.mount(b"proc", b"/proc", b"proc", empty, None)
    os.chdir("/scratch")


def drop_privileges(limits, confined):
    """No capabilities, no new privileges, no dangerous system calls, limits on every resource."""
    kinds = {
        resource.RLIMIT_DATA: limits["memory"],
        resource.RLIMIT_CPU: limits["cpu"],
        resource.RLIMIT_FSIZE: limits["file"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 512,
    }
    if confined:  # else it would count all that the user runs
        kinds[resource.RLIMIT_NPROC] = limits["threads"]
    for kind, most in kinds.items():
        resource.setrlimit(kind, (int(most), int(most)))
    libc.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if not confined:
        return
    for number in range(64):
        libc.prctl(DROP_BOUNDING, number, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    check(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")
    refuse_system_calls()


# Numbers of system calls that no exercise needs: x86-64, ARM64. They start programs (in which a
# forbidden function would be whole again), look into other processes, or reach parts of the kernel
# in which escapes were found.
REFUSED_CALLS = {
    "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40),
    "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "move_mount": (429, 429),
    "open_tree": (428, 428), "fsopen": (430, 430), "fsmount": (432, 432), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "keyctl": (250, 219),
    "add_key": (248, 217), "request_key": (249, 218), "open_by_handle_at": (304, 265),
}  # fmt: skip
MACHINES = {"x86_64": (0, 0xC000003E, 56), "aarch64": (1, 0xC00000B7, 220)}  # column, audit, clone
CLONE3, NEW_ANYTHING = 435, 0x7E020000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE, NOT_THERE = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38


def refuse_system_calls():
    """Let the kernel refuse `REFUSED_CALLS` from now on, by a filter (seccomp)."""
    if platform.machine() not in MACHINES:
        return
    column, audit, clone = MACHINES[platform.machine()]
    steps = [
        (LOAD, 0, 0, 4), (EQUAL, 1, 0, audit), (RETURN, 0, 0, REFUSE),  # another machine's numbers
        (LOAD, 0, 0, 0), (AT_LEAST, 0, 1, 0x40000000), (RETURN, 0, 0, REFUSE),
        (EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, NOT_THERE),  # the C library goes on with clone
    ]  # fmt: skip
    for numbers in REFUSED_CALLS.values():
        steps += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, REFUSE)]
    steps += [
        (EQUAL, 0, 3, clone), (LOAD, 0, 0, 16), (ANY_BIT, 0, 1, NEW_ANYTHING),
        (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW),
    ]  # fmt: skip

    class Step(ctypes.Structure):
        _fields_ = [("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8),
                    ("value", ctypes.c_uint32)]  # fmt: skip

    class Program(ctypes.Structure):
        _fields_ = [("count", ctypes.c_uint16), ("steps", ctypes.POINTER(Step))]

    array = (Step * len(steps))(*(Step(*step) for step in steps))
    program = Program(len(steps), array)
    check(libc.prctl(SET_SECCOMP, 2, ctypes.byref(program), 0, 0), "seccomp")


# --- The learner's process ------------------------------------------------------------------------


class TooSlow(BaseException):
    """A cell ran out of its time, or the learner's code out of its processor time."""


class Learner:
    """The state of one learner's process: its names, and the cells that it may still run.

    Args:
        name: of the exercise.
        names: what the set-up cell leaves.
        refusals: exceptions by forbidden name; see `take_away`.
    """

    def __init__(self, name, names, refusals):
        self.name, self.names, self.refusals = name, names, refusals
        self.source, self.others, self.seconds = "", [], 0.0
        self.given = self.left = 0.0  # seconds of processor time for the exercise's own code

    def answer(self, request):
        """The answer to one request."""
        match request["do"]:
            case "cell":
                return {"cell": self.run(request["source"], request["seconds"])}
            case "define":
                self.source, self.others = request["source"], request["others"]
                self.seconds = request["seconds"]
                self.given = self.left = request["processor"]
                return self.define()
            case "call" | "model":
                return self.call(request)

    def run(self, source, seconds):
        """Run a cell beside the exercise's own; "ran", or in words why not."""
        try:
            with attempts.quiet(), alarm(seconds):
                execute(source, self.names, "<cell>")
        except TooSlow:
            return "it took too long"
        except BaseException as error:
            return type(error).__name__[:80]
        return "ran"

    def define(self):
        """Run the exercise's cell, so that its function is there to be called.

        A cell that fails after its function was made has made it.
        """
        stopped = self.run_own()
        while not self.made and self.others and self.left:
            self.run_others()
            stopped = self.run_own()
        if self.made:
            return {"value": None}
        if stopped is None:
            return {"stopped": [["NameError"], f"name {self.name!r} is not defined", ""]}
        return self.said(stopped)

    @property
    def made(self):
        """Whether there is a function of the exercise's name."""
        return callable(self.names.get(self.name))

    def run_own(self):
        """Run the exercise's cell; what stopped it, or None."""
        self.names.pop(self.name, None)
        linecache.cache[CELL] = (len(self.source), None, self.source.splitlines(True), CELL)
        try:
            with attempts.quiet(), self.budget():
                execute(self.source, self.names, CELL)
        except BaseException as error:
            return attempts.stop_of(error, CELL)
        return None

    def run_others(self):
        """Run the next of the lists of other cells: one further down may make a name used above."""
        end = time.monotonic() + self.seconds
        for source in self.others.pop(0):
            if (left := end - time.monotonic()) > 0:
                self.run(source, left)

    def call(self, request):
        """Call the learner's function; again after other cells, as long as an error stops it."""
        answer = self.call_once(request)
        while "stopped" in answer and self.others and self.left:
            function = self.names.get(self.name)
            self.run_others()
            self.names[self.name] = function
            answer = self.call_once(request)
        return answer

    def call_once(self, request):
        """The answer that tells what the function returned, or what stopped it."""
        for refusal in self.refusals.values():
            refusal.__traceback__ = None
        try:
            function = self.names.get(self.name)
            if request["do"] == "model":
                function = attempts.build_model(function, tuple(request["input_shape"]))
            arguments = {name: decode(value) for name, value in request["arguments"].items()}
            with self.budget():
                answer = {"value": encode(attempts.call_quietly(function, arguments))}
        except attempts.Stopped as stop:
            answer = self.said(stop)
        except attempts.Unreadable as unreadable:
            answer = {"unreadable": str(unreadable)}
        except BaseException as error:
            answer = self.said(attempts.stop_of(error))
        for name, refusal in self.refusals.items():
            if refusal.__traceback__ is not None:  # raised, and perhaps caught
                return {"borrowed": name}
        return answer

    @contextlib.contextmanager
    def budget(self):
        """Raise TooSlow inside when the exercise's own code has used up its processor time.

        It ends a loop sooner than the wait for an answer would, and tells the line. Code that
        catches it is raised at again each second, and ended when the wait is over.
        """

        def ring(*_):
            self.left = 0.0
            raise TooSlow

        signal.signal(signal.SIGPROF, ring)
        signal.setitimer(signal.ITIMER_PROF, max(self.left, 0.001), 1)
        try:
            yield
        finally:
            left, _ = signal.setitimer(signal.ITIMER_PROF, 0)
            self.left = min(self.left, left)

    def said(self, stopped):
        """The answer that tells of a `Stopped`."""
        kinds, message = list(stopped.kinds), stopped.message[:2000]
        if kinds[0] == TooSlow.__name__:
            kinds, message = ["TimeoutError"], f"not done within {self.given:g} s of computing"
        return {"stopped": [kinds, message, stopped.line[:500]]}


def serve(request, settings, functions, channel):
    """Answer requests until the other side closes, or this process is ended."""
    from helpers.notebook import names_after_set_up

    if functions is None:  # a fresh interpreter
        functions = prepare(settings["forbidden"])
    names = names_after_set_up()
    shell = Shell(names)
    names |= {
        "__name__": "__main__",
        "get_ipython": lambda: shell,
        "display": lambda *_, **__: None,
    }
    names["__builtins__"] = builtins
    refusals = take_away(request["forbidden"], functions)
    learner = Learner(request["name"], names, refusals)
    functions.clear()
    stream = os.fdopen(channel, "r+b", buffering=0)
    send(stream, {"ready": True})
    while True:
        try:
            question = receive(stream)
            send(stream, learner.answer(question) | {"token": question["token"]})
        except EOFError:
            return


def execute(source, names, filename):
    """Run a cell's text, with the magics that IPython allows in it."""
    if any(line.lstrip()[:1] in ("%", "!", "?") for line in source.split("\n")):
        from IPython.core.inputtransformer2 import TransformerManager

        source = TransformerManager().transform_cell(source)
    exec(compile(source, filename, "exec"), names)


@contextlib.contextmanager
def alarm(seconds):
    """Raise TooSlow in this process when what is inside takes longer than `seconds`."""

    def ring(*_):
        raise TooSlow

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Shell:
    """What `get_ipython()` gives: magics around code run the code, others do nothing."""

    AROUND = {"capture", "time", "timeit", "prun"}

    def __init__(self, names):
        self.user_ns = names

    def run_line_magic(self, name, line, *_, **__):
        if name in self.AROUND:
            exec(line, self.user_ns)

    def run_cell_magic(self, name, line, cell):
        if name in self.AROUND:
            exec(compile(cell, CELL, "exec"), self.user_ns)

    def __getattr__(self, name):
        return lambda *_, **__: []


if __name__ == "__main__":
    main()
