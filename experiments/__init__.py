"""Measurements that take longer than a notebook may: how their results are kept and read.

One script each; what they have in common is here. ``README.md`` says how they are used.
"""

import csv
import io
import os
import platform
import tempfile
import time
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).resolve().parent.parent / "data" / "experiments"


def measure(run, configurations):
    """Run all configurations, one after another, and say how far it is.

    Args:
        run: a function that makes one run and gives a dict, its row of results.
        configurations: the arguments of each run, a list of dicts.

    Returns:
        The rows, in the order of ``configurations``.

    Example:
        >>> measure(lambda side: {"side": side, "area": side**2}, [{"side": 2}, {"side": 3}])
        ...     # doctest: +ELLIPSIS
        1 of 2  side=2: area=4  ...
        2 of 2  side=3: area=9  ...
        [{'side': 2, 'area': 4}, {'side': 3, 'area': 9}]
    """
    rows, count, start = [], len(configurations), time.perf_counter()
    for number, configuration in enumerate(configurations, 1):
        print(f"{number} of {count}  {_words(configuration)}", end=": ", flush=True)
        rows.append(run(**configuration))
        left = (time.perf_counter() - start) / number * (count - number)
        results = {key: value for key, value in rows[-1].items() if key not in configuration}
        print(f"{_words(results)}  ({left:.0f} s left)", flush=True)
    return rows


def read(name):
    """The results of an experiment as they are shipped.

    Args:
        name: of the experiment, such as ``"valid_or_same"``.

    Returns:
        A list of dicts, one for each run; what looks like a number is an int or a float.

    Raises:
        ValueError: there is no such file; the message says which there are.

    Example:
        >>> sorted(read("valid_or_same")[0])  # doctest: +ELLIPSIS
        ['images', 'layers', 'output_size', 'padding', 'seconds', 'seed', 'steps', 'test_accuracy']
    """
    path = RESULTS / f"{name}.csv"
    if not path.is_file():
        there = ", ".join(sorted(path.stem for path in RESULTS.glob("*.csv"))) or "none"
        raise ValueError(f"name must be an experiment with results ({there}), got {name!r}")
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return [{column: _value(text) for column, text in row.items()} for row in rows]


def write(name, rows):
    """Replace the results of an experiment, whole or not at all.

    Args:
        name: of the experiment; its file is ``data/experiments/NAME.csv``.
        rows: dicts with the same keys, one for each run.

    Returns:
        The path of the file.
    """
    path = RESULTS / f"{name}.csv"
    with replacing(path) as file:
        for line in _header(name, rows):
            file.write(f"# {line}\n".encode())
        table = io.StringIO()
        lines = [rows[0], *(row.values() for row in rows)]
        csv.writer(table, lineterminator="\n").writerows(map(str, line) for line in lines)
        file.write(table.getvalue().encode())
    return path


@contextmanager
def replacing(path):
    """A binary file that takes the place of ``path`` at the end; if interrupted, never."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.chmod(unfinished, 0o644)  # mkstemp lets only its owner read
        os.replace(unfinished, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)


def _header(name, rows):
    packages = [f"{package} {version(package)}" for package in ("tensorflow", "keras", "numpy")]
    seconds = sum(row.get("seconds", 0) for row in rows)
    yield f"made by experiments/{name}.py: {len(rows)} runs, {seconds:.0f} s"
    yield ", ".join([*packages, f"python {platform.python_version()}"])
    yield f"cpu: {_cpu()}, {os.cpu_count()} cores"


def _cpu():
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.processor() or platform.machine()


def _words(pairs):
    return ", ".join(f"{key}={value}" for key, value in pairs.items())


def _value(text):
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text
