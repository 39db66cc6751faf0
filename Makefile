# Each target works on a fresh clone: with Python 3.11, 3.12 or 3.13, make and git, nothing else.
# It installs what it needs into .venv first. GNU make 3.81 is enough.
#
#   make lab LAB_ARGS=--no-browser         more arguments for JupyterLab
#   make test PYTEST_ARGS="-k padding"     more arguments for pytest
#   make lab PYTHON=/path/to/python3.12    a certain Python
#   make test-all COLAB_PYTHON=/path/to/python3.13
#   make release RELEASE_ARGS="--assignment homework1=02,03"
#   make grade SUBMISSIONS=folder OUT=grades GRADE_ARGS="--resume --jobs 4"

BIN = .venv/bin
START = $(wildcard notebooks/00_start_here.ipynb)
# Notebooks are compared with their reference in the same run as the tests, file by file in
# parallel, so that the output ends in one line.
PYTEST = $(BIN)/python -m pytest -n 2 --dist loadfile
NBVAL = notebooks/reference --nbval --nbval-sanitize-with tests/nbval_sanitize.cfg \
        -p strict_nbval

OUT = grades  # where `make grade` writes

.PHONY: help lab test test-all build claims experiments bench release grade requirements clean \
        learner dev

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

lab: learner  ## open the course in JupyterLab
	@mkdir -p .venv/share/jupyter/lab/settings
	@cp .make/jupyterlab.json .venv/share/jupyter/lab/settings/overrides.json
	@cd notebooks && ../$(BIN)/python -m jupyterlab $(notdir $(START)) \
	    $$([ "$$(id -u)" != 0 ] || echo --allow-root) $(LAB_ARGS)

test: dev  ## what one runs before a commit: tests, and the notebooks against their reference
	@$(PYTEST) tests $(NBVAL) -m "not slow" $(PYTEST_ARGS)

test-all: dev  ## everything: slow tests too, and the notebooks on Colab's package set
	@$(PYTEST) tests $(NBVAL) $(PYTEST_ARGS)
	@if [ "$$(uname -s)" != Linux ]; then \
	    echo "Not run: the notebooks on Colab's package set, which is for Linux."; \
	elif ! PYTHON="$(COLAB_PYTHON)" sh .make/python.sh 3.13 > /dev/null 2>&1; then \
	    echo "Not run: the notebooks on Colab's package set, for want of a Python 3.13."; \
	else \
	    PYTHON="$(COLAB_PYTHON)" sh .make/install.sh .venv-colab requirements-colab.txt 3.13 && \
	    .venv-colab/bin/python -m pytest -n 2 --dist loadfile $(NBVAL); \
	fi

build: dev  ## notebooks/source -> the notebooks, their reference, and the pages on the lectures
	@$(BIN)/python notebooks/build.py && $(BIN)/python notebooks/lectures.py

claims: dev  ## which claim of the lectures is executed where, and which are missing
	@$(BIN)/python notebooks/claims.py

experiments: learner  ## run each experiments/*.py and write its results to data/experiments
	@set -- experiments/[!_]*.py; [ -e "$$1" ] || { echo "There are no experiments yet."; exit 0; }; \
	for script in "$$@"; do echo "$$script"; PYTHONPATH=. $(BIN)/python "$$script" || exit 1; done

bench: dev  ## run each benchmarks/*.py
	@set -- benchmarks/[!_]*.py; [ -e "$$1" ] || { echo "There are no benchmarks yet."; exit 0; }; \
	for script in "$$@"; do echo "$$script"; PYTHONPATH=. $(BIN)/python "$$script" || exit 1; done

release: dev  ## write dist/: the learners' folder, its zip, nbgrader's course folder
	@$(BIN)/python -m grading release $(RELEASE_ARGS)

grade: dev  ## grade SUBMISSIONS=folder into OUT=grades (all options: make grade GRADE_ARGS=--help)
	@[ -n "$(SUBMISSIONS)$(findstring --help,$(GRADE_ARGS))" ] || \
	    { echo "Which submissions? make grade SUBMISSIONS=folder"; exit 1; }
	@$(BIN)/python -m grading grade "$(SUBMISSIONS)" --out "$(strip $(OUT))" $(GRADE_ARGS)

requirements: dev  ## resolve requirements*.in into requirements*.txt (newest: UV_ARGS=--upgrade)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@sh .make/requirements.sh $(BIN)/uv $(UV_ARGS)

clean:  ## remove what make made: environments and caches
	rm -rf .venv .venv-colab .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

learner:
	@sh .make/install.sh .venv requirements.txt

dev:
	@sh .make/install.sh .venv requirements-dev.txt
