"""What leaves the course: the learners' folder, its zip, nbgrader's course folder.

    dist/student/      notebooks without solutions, helpers, data, requirements, README
    dist/student.zip   the same, byte for byte the same each time
    dist/course/       source and release versions of each assignment, for nbgrader

No solution leaves in the first two: `leaks` searches every file for the lines of every solution.
"""

import json
import logging
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "notebooks"))

import build  # noqa: E402

from grading.sandbox_copy import IGNORED  # noqa: E402

NEEDED = ("helpers", "data", "experiments")  # by the notebooks, in a folder above them
TEXTS = ("requirements.txt", "LICENSE", "LICENSE-text.md")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
LEAST = 18  # characters: a shorter line, such as "if not training:", tells nothing
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)\n\s*### END SOLUTION", re.S)

README = """# {title}

{table}

## Start

You need Python 3.11, 3.12 or 3.13, on Linux, macOS (Apple silicon) or WSL. In this folder:

    python3 -m venv .venv
    .venv/bin/pip install -r requirements.txt
    .venv/bin/jupyter lab notebooks

Open a notebook and run it from the top. Where it says *predict*, write your guess before you run
the next cell. Write your code in the cells that say `# write your code here`; under each stands its
check, which you may run as often as you like. Hand in the notebook, saved, under its own name.

Code: MIT (`LICENSE`). Text and figures: CC BY 4.0 (`LICENSE-text.md`). Data: `data/README.md`.
"""

NBGRADER_CONFIG = '''"""Settings of nbgrader for this course."""

c = get_config()  # noqa: F821
c.ClearSolutions.code_stub = {stub!r}
# c.CourseDirectory.course_id = "..."  # needed for nbgrader's exchange
'''


class NotReleased(Exception):
    """The course can't be released as it is; the message says why."""


def release(to=ROOT / "dist", groups=None):
    """Write all that leaves the course.

    Args:
        to: the folder; what lies in its `student` is replaced, its `course` brought up to date.
        groups: prefixes of notebooks' names by the name of the assignment that they make up,
            such as {"homework1": ["02", "03"]}; None for one assignment a notebook, beside
            those that the course folder already has.

    Returns:
        Names of notebooks, without suffix, by assignment.

    Raises:
        NotReleased: a line of a solution would leave with it, or nbgrader refuses an assignment.
        ValueError: a group names no notebook, or two assignments share one.
    """
    to = Path(to)
    notebooks = {path.stem: build.read_source(path) for path in build.sources()}
    planned = plan(notebooks, groups, assignments(to / "course"))
    write_student_folder(to / "student", notebooks)
    write_zip(to / "student")
    copy_what_notebooks_need(to / "course")  # nbgrader runs them there
    for assignment, stems in planned.items():
        write_assignment(to / "course", assignment, {stem: notebooks[stem] for stem in stems})
    return planned


# --- Which notebooks make up an assignment ------------------------------------------------------


def assignments(course=None):
    """Names of notebooks by assignment.

    Args:
        course: nbgrader's course folder as `release` writes it; None for the course as it is,
            one assignment a notebook.
    """
    if course is None:
        return {path.stem: [path.stem] for path in build.sources()}
    found = sorted(Path(course).glob("source/*/*.ipynb"))
    return {
        folder: [path.stem for path in found if path.parent.name == folder]
        for folder in sorted({path.parent.name for path in found})
    }


def plan(stems, groups, existing):
    """Names of notebooks by assignment: those asked for, or all, grouped as they are already."""
    if groups is None:
        placed = {stem for names in existing.values() for stem in names}
        return existing | {stem: [stem] for stem in stems if stem not in placed}
    planned = {name: _members(name, prefixes, stems) for name, prefixes in groups.items()}
    others = {name: names for name, names in existing.items() if name not in planned}
    owner = {}
    for name, names in (others | planned).items():
        for stem in names:
            if stem in owner:
                raise ValueError(
                    f"{stem} would be part of two assignments, {owner[stem]} and {name}"
                )
            owner[stem] = name
    return planned


def _members(name, prefixes, stems):
    if not NAME.fullmatch(name):
        raise ValueError(
            f"name of an assignment must be letters, digits, '.', '_' and '-', got {name!r}"
        )
    members = []
    for prefix in prefixes:
        found = [stem for stem in stems if stem.startswith(prefix)] if prefix else []
        if len(found) != 1:
            raise ValueError(
                f"assignment {name}: {prefix!r} must be the beginning of one notebook's name; "
                f"there are {', '.join(found or stems)}"
            )
        members += found
    return members


# --- For learners -------------------------------------------------------------------------------


def write_student_folder(folder, notebooks):
    """Write what a learner gets; whatever was there before is replaced.

    Raises:
        NotReleased: a line of a solution would be in it. Then nothing is left there.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "notebooks").mkdir(parents=True)
    for stem, notebook in notebooks.items():
        text = build.written(build.for_learner(notebook))
        (folder / "notebooks" / f"{stem}.ipynb").write_text(text, encoding="utf-8")
    copy_what_notebooks_need(folder)
    for name in TEXTS:
        shutil.copy(ROOT / name, folder / name)
    (folder / "README.md").write_text(_readme(notebooks), encoding="utf-8")
    found = leaks(folder, notebooks)
    if found:
        shutil.rmtree(folder)
        raise NotReleased("a solution would leave with the course:\n  " + "\n  ".join(found))


def copy_what_notebooks_need(folder):
    """Copy the folders that notebooks look for above them; what was there before is replaced."""
    for name in NEEDED:
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(ROOT / name, folder / name, ignore=IGNORED)


def _readme(notebooks):
    rows = ["| notebook | minutes | points |", "|---|---|---|"]
    for stem, notebook in notebooks.items():
        title, minutes, points = build.facts(notebook)
        rows.append(f"| [{title}](notebooks/{stem}.ipynb) | {minutes} | {points:g} |")
    return README.format(title=build.settings()["title"], table="\n".join(rows))


def write_zip(folder):
    """Pack `folder` into a zip beside it; the same files give the same bytes."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(item for item in folder.rglob("*") if item.is_file()):
            entry = zipfile.ZipInfo(str(Path(folder.name) / file.relative_to(folder)))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, file.read_bytes())
    return path


def leaks(folder, notebooks):
    """Where lines of a solution stand in the files under `folder`, one sentence each.

    The helpers are left out, whose own functions are public by design. A line that learners are
    shown anyway, outside of the solutions, gives nothing away.

    Args:
        folder: the folder to search, in all files.
        notebooks: the notebooks with their solutions, by name.
    """
    secret = solution_lines(notebooks)
    found = []
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.is_file() and place.parts[0] != "helpers":
            for line in sorted(_lines(path) & secret.keys()):
                found.append(f"{place} has a line of {secret[line]}: {line}")
    return found


def solution_lines(notebooks):
    """The lines that stand in solutions only: name of the exercise by line, without indent."""
    inside, outside = {}, set()
    for notebook in notebooks.values():
        for cell in notebook.cells:
            for block in SOLUTION.findall(cell.source):
                name = cell.metadata["nbgrader"]["grade_id"]
                inside |= {line.strip(): name for line in block.splitlines() if line.strip()}
            outside |= {line.strip() for line in SOLUTION.sub("", cell.source).splitlines()}
    return {
        line: name for line, name in inside.items() if line not in outside and len(line) >= LEAST
    }


def _lines(path):
    """The lines of a file, without indent; those of the strings in it if it is a notebook."""
    text = path.read_bytes().decode("utf-8", errors="ignore")
    if path.suffix == ".ipynb":
        text = "\n".join(_strings(json.loads(text)))
    return {line.strip() for line in text.splitlines()}


def _strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if all(isinstance(item, str) for item in value):  # a cell's source, line by line
            yield "".join(value)
        else:
            for item in value:
                yield from _strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)


# --- For nbgrader -------------------------------------------------------------------------------


def write_assignment(course, name, notebooks):
    """Write the source version of an assignment, and have nbgrader make the release version.

    Args:
        course: nbgrader's course folder; made if it is not there.
        name: of the assignment.
        notebooks: the notebooks with their solutions, by name.

    Raises:
        NotReleased: nbgrader refuses; the message is its own.
    """
    source = course / "source" / name
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    for stem, notebook in notebooks.items():
        copy = nbformat.from_dict(notebook)
        for cell in copy.cells:
            cell.metadata.pop("claims", None)
        (source / f"{stem}.ipynb").write_text(build.written(copy), encoding="utf-8")
    config = course / "nbgrader_config.py"
    if not config.exists():  # from then on it is the instructor's
        config.write_text(NBGRADER_CONFIG.format(stub=build.STUB), encoding="utf-8")
    outcome = nbgrader_of(course).generate_assignment(name)
    if not outcome["success"]:
        raise NotReleased(f"nbgrader refuses {name}:\n{outcome['error'] or outcome['log']}")


def nbgrader_of(course, **settings):
    """nbgrader's own interface to a course folder; `settings` are those of its CourseDirectory."""
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    tools_on_path()
    config = Config()
    config.CourseDirectory.root = str(Path(course).resolve())
    config.CourseDirectory.update(settings)
    config.ClearSolutions.code_stub = build.STUB
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    api.log.setLevel(logging.ERROR)
    return api


def tools_on_path():
    """Let nbgrader find alembic, which it calls by name, where no environment is activated."""
    here = str(Path(sys.executable).parent)
    if here not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = here + os.pathsep + os.environ["PATH"]
