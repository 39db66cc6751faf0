#!/bin/sh
# Resolves requirements*.in into requirements*.txt with uv; called by `make requirements`.
# The comment at the head of an .in file becomes the head of its .txt. Versions that still fit
# stay as they are; for the newest: make requirements UV_ARGS=--upgrade

set -e
uv=$1
shift

resolve() {  # name of the list, options of uv
    name=$1
    shift
    "$uv" pip compile --quiet --system-certs --no-header --annotation-style line \
        --output-file "$name.txt" "$@" "$name.in"
    awk '/^#/ { print; next } { exit }' "$name.in" | cat - "$name.txt" > "$name.new"
    mv "$name.new" "$name.txt"
    echo "$name.txt: $(grep -c '^[a-z]' "$name.txt") packages"
}

resolve requirements --universal --python-version 3.11 "$@"
resolve requirements-dev --universal --python-version 3.11 "$@"
resolve requirements-colab --python-version 3.13 --python-platform linux "$@"
