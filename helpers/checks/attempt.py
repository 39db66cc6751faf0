"""A learner's function, called with plain values; it can do no harm to the check.

Two transports: `FunctionAttempt` holds the function itself, as in a notebook; `ChildAttempt`
(in `helpers.checks.child`) is a proxy to a process of its own, as when grading.
"""

import ast
import contextlib
import copy
import inspect
import linecache
import logging
import os
import sys
import textwrap
import warnings

from helpers.checks import models
from helpers.checks.plain import NotPlain, to_plain


class Stopped(Exception):
    """The learner's function raised an error.

    Attributes:
        kinds: names of the error's class and of its bases, nearest first.
        message: what the error says.
        line: the line of the learner's own code where it happened, or "".
    """

    def __init__(self, kinds, message, line=""):
        super().__init__(message)
        self.kinds, self.message, self.line = tuple(kinds), message, line


class Unreadable(Exception):
    """The learner's function returned something that is not a plain value; says what."""


class Borrowed(Exception):
    """The learner's function called what the exercise asks to be written; says which."""


class FunctionAttempt:
    """A learner's function in this very process.

    Args:
        function: the function.
        name: the exercise's name.
        forbidden: dotted names that it may not call, such as "helpers.padding.same_padding".
    """

    def __init__(self, function, name, forbidden=()):
        self.function, self.name, self.forbidden = function, name, tuple(forbidden)

    @property
    def untouched(self):
        """Whether the function is still the stub that the notebook came with."""
        try:
            return is_stub(inspect.getsource(self.function), self.name)
        except (OSError, TypeError):  # no source: built in, or typed where none is kept
            return False

    def call(self, **arguments):
        """What the function returns for `arguments`, as a plain value.

        Raises:
            Stopped, Unreadable, Borrowed: see these classes.
        """
        return call_quietly(self.function, arguments, self.forbidden)

    def model(self, input_shape, **arguments):
        """The Keras model that the function builds upon a symbolic input.

        Args:
            input_shape: shape of the input without the batch axis, such as (8, 8, 3).
            arguments: further arguments of the function, after the symbolic tensor.

        Raises:
            Stopped, Unreadable, Borrowed: see these classes.
        """
        return call_quietly(build_model(self.function, input_shape), arguments, self.forbidden)


def build_model(function, input_shape):
    """A function that wraps the builder `function` into a Keras model on `input_shape`."""

    def build(**arguments):
        import keras

        inputs = keras.Input(input_shape)
        outputs = function(inputs, **arguments)
        if isinstance(outputs, keras.Model):
            raise NotPlain("a Keras model, where the tensor that comes out of it is wanted")
        symbolic = isinstance(outputs, keras.KerasTensor)
        return keras.Model(inputs, outputs) if symbolic else outputs

    build.learners_file = learners_file(function)
    return build


def call_quietly(function, arguments, forbidden=()):
    """Call a learner's function on copies of `arguments` with its output caught."""
    # To record calls makes training several times slower: only where something is forbidden.
    record = calls_recorded() if forbidden else contextlib.nullcontext(set())
    with quiet(), record as called, built_ins_watched(forbidden) as used:
        try:
            value = function(**copy.deepcopy(arguments))
            plain = _carried_over(to_plain(value))
        except KeyboardInterrupt:
            raise
        except (NotPlain, models.NotStock) as error:
            raise Unreadable(str(error)) from None
        except BaseException as error:  # a learner's exit() must not end the notebook
            stop = stop_of(error, learners_file(function))
        else:
            stop = None
    for name in forbidden:
        if name in used or code_of(name) & called:
            raise Borrowed(name)
    if stop:
        raise stop
    return plain


def _carried_over(value):
    """A model as the other transport would hand it over, so that both judge the same thing."""
    if models.is_model(value):
        return models.rebuild(*models.describe(value))
    if isinstance(value, tuple):
        return tuple(_carried_over(item) for item in value)
    return value


def stop_of(error, filename=""):
    """The `Stopped` that reports `error`, with the last line of `filename` that it came through."""
    line = ""
    trace = error.__traceback__
    while trace is not None:
        if filename and trace.tb_frame.f_code.co_filename == filename:
            line = linecache.getline(filename, trace.tb_lineno).strip()
        trace = trace.tb_next
    kinds = [kind.__name__ for kind in type(error).__mro__[:-1]]
    try:
        message = str(error)
    except Exception:  # a class of the learner's own, whose __str__ fails in turn
        message = ""
    return Stopped(kinds, message, line)


def learners_file(function):
    """The file name under which Python knows the learner's cell, or ""."""
    code = getattr(function, "__code__", None)
    return getattr(function, "learners_file", code.co_filename if code else "")


@contextlib.contextmanager
def quiet():
    """Nothing printed, warned or logged inside comes out, not even from C++.

    nbgrader gives 0 points to a check with a single line on stderr, and a learner's print or
    warning is no mistake.
    """
    logging_was = logging.root.manager.disable
    with (
        open(os.devnull, "w") as nowhere,
        _descriptors_closed(),
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(logging_was)


@contextlib.contextmanager
def _descriptors_closed():
    """Descriptors 1 and 2, which C++ writes to, lead nowhere inside."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # a stream that is closed or none at all
            stream.flush()
    kept = [(number, os.dup(number)) for number in (1, 2) if _is_open(number)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for number, _ in kept:
            os.dup2(nowhere, number)
        yield
    finally:
        for number, copied in kept:
            os.dup2(copied, number)
            os.close(copied)
        os.close(nowhere)


def _is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def calls_recorded():
    """The code objects of all Python functions called inside, as a set."""
    called = set()

    def note(frame, event, _):
        if event == "call":
            called.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(before)


@contextlib.contextmanager
def built_ins_watched(names):
    """Those of the dotted `names` that are written in C and used inside, as a set.

    Such a function (`numpy.dot`, `numpy.maximum`) has no code object to be recognised by. A
    stand-in takes its place in its module; what was imported by its own name before is missed.
    """
    used, originals = set(), []
    for name in names:
        module, _, attribute = name.rpartition(".")
        holder, found = found_at(module), found_at(name)
        if inspect.ismodule(holder) and callable(found) and not code_of(name):
            originals.append((holder, attribute, found))
            setattr(holder, attribute, _StandIn(found, name, used))
    try:
        yield used
    finally:
        for holder, attribute, found in originals:
            setattr(holder, attribute, found)


class _StandIn:
    """A function written in C, noting its name in `used` at any use of it."""

    def __init__(self, function, name, used):
        self._function, self._name, self._used = function, name, used

    def __call__(self, *args, **kwargs):
        self._used.add(self._name)
        return self._function(*args, **kwargs)

    def __getattr__(self, attribute):  # numpy.maximum.reduce
        self._used.add(self._name)
        return getattr(self._function, attribute)


def found_at(name):
    """What the dotted `name` stands for; None if it is not imported."""
    package, *path = name.split(".")
    found = sys.modules.get(package)
    for part in path:
        found = getattr(found, part, None)
    return found


def code_of(name):
    """Code objects of the function or class with the dotted `name`; none if not imported."""
    found = found_at(name)
    if inspect.isclass(found):
        found = [vars(found).get("__init__"), vars(found).get("call")]
    functions = found if isinstance(found, list) else [found]
    codes = (getattr(inspect.unwrap(item), "__code__", None) for item in functions if item)
    return {code for code in codes if code}


def is_stub(source, name):
    """Whether the function `name` in `source` has nothing in it but a docstring and `...`."""
    try:
        tree = ast.parse(textwrap.dedent(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # nested without end, null bytes
        return False
    bodies = [
        node.body
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    return bool(bodies) and all(_says_nothing(statement) for statement in bodies[-1])


def _says_nothing(statement):
    """Whether a statement is `...`, `pass` or a docstring."""
    expression = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return expression or isinstance(statement, ast.Pass)
