#!/bin/sh
# Prints the name of a Python that fits: it runs, is 3.11, 3.12 or 3.13, and can make a virtual
# environment. Where none does, says in one line what is missing, and fails.
#
#   sh .make/python.sh            any of 3.11, 3.12, 3.13, the newest first
#   sh .make/python.sh 3.13       this one only
#   PYTHON=/some/python sh .make/python.sh
#
# Each candidate is run, not only looked up: a name on the PATH may be a shim that leads nowhere.

wanted=${1:-}
if [ -n "$PYTHON" ]; then
    candidates=$PYTHON
elif [ -n "$wanted" ]; then
    candidates="python$wanted .venv/bin/python python3 python"
else
    candidates="python3.13 python3.12 python3.11 python3 python"
fi

verdict='
import sys
wanted, version = sys.argv[1], "%d.%d" % sys.version_info[:2]
if version not in ([wanted] if wanted else ["3.11", "3.12", "3.13"]):
    print("is Python " + version)
    sys.exit()
try:
    import ensurepip, venv
except ImportError as error:
    print("has no " + error.name + " (on Debian or Ubuntu: apt install python"
          + version + "-venv)")
    sys.exit()
import platform
if sys.maxsize < 2**32 or (sys.platform, platform.machine()) == ("darwin", "x86_64"):
    print("runs on " + platform.platform() + ", for which TensorFlow 2.20 does not exist")
    sys.exit()
print("fits")
'

try_each() {
    [ -n "$PYTHON" ] || set -- $candidates
    for candidate in "$@"; do
        found=$("$candidate" -c "$verdict" "$wanted" 2>/dev/null) || continue
        case $found in
            fits) echo "$candidate"; exit 0 ;;
            is*) other="${other:-$candidate $found}" ;;
            *) unfit="${unfit:-$candidate $found}" ;;
        esac
    done
}

try_each "$candidates"
need="Python ${wanted:-3.11, 3.12 or 3.13} is needed"
if [ -n "$unfit" ]; then
    echo "$need: $unfit." >&2
elif [ -n "$PYTHON" ]; then
    echo "$need: ${other:-PYTHON=$PYTHON does not run}." >&2
else
    echo "$need and was not found${other:+ ($other)}. Install one, or name it: make lab PYTHON=/path/to/python" >&2
fi
exit 1
