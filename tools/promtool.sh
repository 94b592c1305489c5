#!/bin/sh
# Put promtool beside the other tools of the virtual environment, taken out of Debian's package `prometheus`:
# the package itself would begin a server, and only its checker is wanted.
# Given:   the folder of the environment.
set -eu
venv=$1
if command -v promtool >/dev/null 2>&1 || [ -x "$venv/bin/promtool" ]; then exit 0; fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fetched() {
    (cd "$folder" && apt-get download -qq prometheus >/dev/null 2>&1)
}
if command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1; then
    if ! fetched && [ "$(id -u)" -eq 0 ]; then
        apt-get update -qq >&2 && fetched || true
    fi
    for package in "$folder"/prometheus_*.deb; do
        [ -f "$package" ] || break
        echo "Taking promtool for the tests out of $(basename "$package")" >&2
        dpkg-deb --extract "$package" "$folder/out"
        mkdir -p "$venv/bin"
        cp "$folder/out/usr/bin/promtool" "$venv/bin/.promtool.$$" && mv "$venv/bin/.promtool.$$" "$venv/bin/promtool"
        exit 0
    done
fi
echo "The tests of the alert rules need promtool (https://prometheus.io/download), on the path or in $venv/bin." >&2
# Elsewhere those tests say that they were not run; in continuous integration that is a failure.
[ "${CI:-}" != true ]
