#!/bin/sh
# Install datacontract-cli for the tests, in an environment of its own beside theirs: once per content of its lock.
# Given:   the folder to install it into, whose parent is the tests' environment.
set -eu
into=$1
lock=requirements-contract.txt
stamp=$into/.installed-$(cksum <"$lock" | tr -d ' ')
[ -f "$stamp" ] && exit 0
echo "Installing datacontract-cli for the tests (every file checked against its digest)" >&2
rm -rf "$into"
if ! { "$(dirname "$into")/bin/python" -m venv "$into" && "$into/bin/python" -m pip install -qq \
    --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"; }; then
    echo "datacontract-cli was not installed; the tests that need it say that they were not run." >&2
    rm -rf "$into"
    # In continuous integration that is a failure.
    [ "${CI:-}" != true ]
    exit
fi
: >"$stamp"
