#!/bin/sh
# Make a virtual environment from one hash-locked list, once per content of that list.
# Given:   the folder of the environment, and the list.
# Needs:   Python 3.11 or newer and nothing else; PYTHON=... names one when it is not on the path.
set -eu
venv=$1
lock=$2
sum=$(cksum <"$lock" | tr -d ' ')
stamp=$venv/.installed-$(basename "$lock" .txt)-$sum

new_enough() {
    "$1" -c 'import sys, venv, ensurepip; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ ! -f "$stamp" ]; then
    if [ ! -x "$venv/bin/python" ]; then
        found=
        for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14 python; do
            if new_enough "$candidate"; then found=$candidate; break; fi
        done
        if [ -z "$found" ]; then
            echo "Python 3.11 or newer, with its venv module, is needed. Install it, or name it: make PYTHON=/path/to/python" >&2
            exit 2
        fi
        echo "Making a virtual environment in $venv" >&2
        "$found" -m venv "$venv"
    fi
    echo "Installing what $lock lists (every file checked against its digest)" >&2
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"
    rm -f "$venv/.installed-$(basename "$lock" .txt)"-*
    : >"$stamp"
fi
# Bytecode first: half of a short run is importing.
for room in */__init__.py; do
    "$venv/bin/python" -m compileall -q "${room%/__init__.py}" &
done
wait
