"""The sentences of the feedback: the call, what came back, what was wanted, where to look."""

import numpy as np

from helpers.checks import compare, models
from helpers.checks.attempt import Stopped, Unreadable

MOST_NUMBERS = 36  # of an array that is printed whole


def written(value):
    """A plain value as one would type it; a large array by its shape."""
    if isinstance(value, np.ndarray):
        if value.size > MOST_NUMBERS:
            return f"<array of shape {value.shape}>"
        return f"np.array({_nested(value)})"
    if isinstance(value, tuple):
        inner = ", ".join(map(written, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if type(value) is float:
        text = f"{value:.6g}"
        return text + ".0" if text.lstrip("-").isdigit() else text  # 5.0 is not 5
    return "a Keras model" if models.is_model(value) else repr(value)


def _nested(array):
    if array.ndim == 0:
        return f"{array.item():.4g}"
    return "[" + ", ".join(_nested(np.asarray(item)) for item in array) + "]"


def call_of(exercise, case):
    """The call as one would type it."""
    arguments = dict(case.arguments)
    first = [f"keras.Input({written(arguments.pop('input_shape'))})"] if exercise.builds else []
    inner = [*first, *(f"{key}={written(value)}" for key, value in arguments.items())]
    return f"{exercise.name}({', '.join(inner)})"


def about_borrowing(name, borrowed):
    """What to say when the answer calls the answer."""
    short = borrowed.rsplit(".", 1)[-1]
    return [
        f"{name} called {borrowed}, which does the work that this exercise asks for.",
        f"Write the steps of {short} yourself; checks.hint({name!r}, 1) shows where to begin.",
    ]


def about_failure(exercise, case, got, expected, misconceptions):
    """The lines for the first case that is not right."""
    call = call_of(exercise, case)
    came = _came_back(got)
    if exercise.builds and type(got) is type(expected):  # seen in the model that was built
        came = came.replace("returned", f'builds a model; for "{case.part}" it gives', 1)
    if case.item is not None and not isinstance(got, (Exception, type(None))):
        call, came = f"{call}[{case.item}]", came.replace("returned", "is", 1)
    lines = [f"{call} {came}{_wanted(exercise, got, expected)}"]
    if case.item is not None and isinstance(got, Unreadable):
        lines = [f"{call} returned {got}."]
    if isinstance(got, Stopped) and not isinstance(expected, Stopped):
        lines = _about_stop(call, got)
    if misconceptions:
        return [*(m.question for m in misconceptions), *lines]
    return [*lines, *_where_to_look(exercise, case, got, expected)]


def _about_stop(call, stop):
    where = f"\n    {stop.line}" if stop.line else ""
    return [f"{call} stopped{' at' if where else ''}{where}\nwith {stop.kinds[0]}: {stop.message}"]


def _came_back(got):
    if isinstance(got, Stopped):
        return f"stopped with {got.kinds[0]}{': ' if got.message else ''}{got.message}"
    if isinstance(got, Unreadable):
        return f"returned something that a check cannot read ({got})"
    if isinstance(got, np.ndarray):
        return f"returned {'an ' if got.size > MOST_NUMBERS else ''}{written(got).strip('<>')}"
    return f"returned {written(got)}"


def _wanted(exercise, got, expected):
    if isinstance(expected, Stopped):
        return f"; it should raise {expected.kinds[0]} here."
    if isinstance(got, Stopped) or not isinstance(expected, np.ndarray):
        return f"; {exercise.key} gives {written(expected)}."
    if expected.size <= MOST_NUMBERS:
        return f"; {exercise.key} gives {_nested(expected)}."
    array = compare.as_array(got)
    if array is None or array.shape != expected.shape:
        return f"; {exercise.key} gives an array of shape {expected.shape}."
    return f"; {_first_difference(exercise, array, expected)}"


def _first_difference(exercise, got, expected):
    far = ~np.isclose(got, expected, rtol=1e-4, atol=exercise.tolerance, equal_nan=True)
    at = tuple(int(i) for i in np.argwhere(far)[0]) if far.any() else (0,) * got.ndim
    place = ", ".join(map(str, at))
    return (
        f"at [{place}] it has {got[at]:.4g}, where {exercise.key} gives {expected[at]:.4g} "
        f"({far.sum()} of {far.size} numbers differ)."
    )


def _where_to_look(exercise, case, got, expected):
    if isinstance(got, Stopped) and not isinstance(expected, Stopped):
        return []
    if got is None and not isinstance(expected, Stopped):
        return [
            "It gave back None. Only what stands after `return` comes out, not what is printed."
        ]
    parts = {part.name: part for part in exercise.parts}
    form = next((part for part in exercise.parts if part.form), None)
    if form and not isinstance(expected, Stopped) and not compare.same_form(got, expected):
        return [form.nudge]
    return [parts[case.part].nudge]
