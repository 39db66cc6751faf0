"""The helpers that a learner's code meets in the sandbox: without any way to the answers."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT_CHECKS = ("attempt.py", "child.py", "models.py", "plain.py", "score.py")
IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")


def sandbox_copy(folder):
    """Write the helpers for the judge's sandbox to `folder`/helpers.

    The checks' cases, answer keys and wrong models are not there; in their place stand checks
    that say nothing. Helpers that an exercise forbids are there, since other exercises may use
    them: the sandbox takes away their code before it runs a learner's.

    Args:
        folder: where to; it must have no `helpers` yet.
    """
    helpers = Path(folder) / "helpers"
    shutil.copytree(ROOT / "helpers", helpers, ignore=IGNORED)
    for path in (helpers / "checks").iterdir():
        if path.name not in KEPT_CHECKS:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    silent = Path(__file__).parent / "in_sandbox" / "checks.py"
    shutil.copy(silent, helpers / "checks" / "__init__.py")
