#!/bin/sh
# Install Azurite, Microsoft's emulator of Azure Storage, for the tests: once per content of its lock, every file
# checked against its digest, no script of a package run.
# Given:   the folder to install it into.
# Needs:   node and npm; without them the tests that need it say that they were not run.
set -eu
into=$1
from=$(dirname "$0")/azurite
stamp=$into/.installed-$(cksum <"$from/package-lock.json" | tr -d ' ')
[ -f "$stamp" ] && exit 0
if ! command -v npm >/dev/null 2>&1; then
    echo "Azurite was not installed: npm is not here." >&2
    # In continuous integration that is a failure.
    [ "${CI:-}" != true ]
    exit
fi
echo "Installing Azurite for the tests (every file checked against its digest)" >&2
rm -rf "$into"
mkdir -p "$into"
cp "$from/package.json" "$from/package-lock.json" "$into"
(cd "$into" && npm ci --ignore-scripts --omit=dev --omit=optional --no-audit --no-fund --no-update-notifier \
    --loglevel=error >&2)
: >"$stamp"
