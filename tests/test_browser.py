"""Each notebook, unsolved and solved, in a real JupyterLab: Run All without a complaint."""

import shutil

import pytest
from answers import ROOT, build
from lab import browser_path, chromium, run_all, server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not browser_path(), reason="Chromium is not installed"),
]
# In `make test` a notebook that begins, one of figures and feedback, one that trains.
QUICK = ("00", "03", "09")
# A notebook runs in 60 seconds on two cores; here another worker has one of the two.
SECONDS = 100
NAMES = [
    pytest.param(path.stem, marks=() if path.stem.startswith(QUICK) else pytest.mark.slow)
    for path in build.sources()
]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course, in which a learner's files may change."""
    folder = tmp_path_factory.mktemp("course")
    for part in ("helpers", "data", "experiments", "notebooks"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def lab(course, tmp_path_factory):
    """(browser, url, token) of a JupyterLab on the course."""
    home = tmp_path_factory.mktemp("jupyter")
    with server(course / "notebooks", home) as (url, token), chromium() as browser:
        yield browser, url, token


@pytest.mark.parametrize("kind", ["unsolved", "solved"])
@pytest.mark.parametrize("name", NAMES)
def test_run_all_in_jupyterlab(lab, name, kind, tmp_path):
    path = f"{name}.ipynb" if kind == "unsolved" else f"reference/{name}.ipynb"
    run = run_all(*lab, path, picture=tmp_path / f"{name}.png")
    assert run.errors == []
    assert run.complaints == []
    assert run.strays == []
    assert run.seconds < SECONDS
