#!/bin/sh
# Makes a virtual environment where there is none that works, and installs a list of packages.
#
#   sh .make/install.sh .venv requirements.txt [3.13]
#
# Done before: returns at once. Interrupted, or made with another Python: starts again.

venv=$1 list=$2 wanted=${3:-}
identity='import sys; print(sys.version, sys.base_prefix)'

fits() {  # made to the end, still runs, and by the Python that is asked for
    [ -f "$venv/.made" ] && [ ! -f "$venv/.installing" ] || return 1
    [ "$("$venv/bin/python" -c "$identity" 2>/dev/null)" = "$(cat "$venv/.made")" ] || return 1
    [ -z "$PYTHON" ] || [ "$("$PYTHON" -c "$identity" 2>/dev/null)" = "$(cat "$venv/.made")" ]
}

if ! fits; then
    python=$(sh .make/python.sh $wanted) || exit 1
    echo "Making $venv with $("$python" --version) ..."
    rm -rf "$venv"
    "$python" -m venv "$venv" || { echo "$python -m venv $venv failed." >&2; exit 1; }
    "$venv/bin/python" -c "$identity" > "$venv/.made"
fi

cmp -s "$list" "$venv/$list" && exit 0

echo "Installing $(grep -c '^[a-z]' "$list") packages of $list into $venv: this takes some minutes ..."
start=$(date +%s)
: > "$venv/.installing"
"$venv/bin/python" -m pip install --disable-pip-version-check --no-input -r "$list"
status=$?
rm -f "$venv/.installing"  # pip came to an end; a kill leaves the mark, and the next run starts again
[ $status = 0 ] || { echo "pip could not install $list: its reason stands above." >&2; exit 1; }
cp "$list" "$venv/$list"
echo "Installed in $(($(date +%s) - start)) s."
