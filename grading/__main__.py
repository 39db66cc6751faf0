"""The instructor's side from the command line: `python -m grading --help`."""

import sys

if __name__ == "__main__":  # a judge's process imports this file too, and must stay light
    from grading.command import main

    sys.exit(main())
