#!/bin/sh
# Install the system packages that tests need, when we may; otherwise say the exact command.
# Given:   pairs of command:package.
set -eu
missing=
PATH=$PATH:/usr/sbin
for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
[ -n "$missing" ] || exit 0
if command -v apt-get >/dev/null 2>&1; then
    as=
    [ "$(id -u)" -eq 0 ] || as="sudo -n"
    if [ -z "$as" ] || $as true 2>/dev/null; then
        echo "Installing for the tests:$missing" >&2
        # shellcheck disable=SC2086
        $as apt-get update -qq >&2 &&
            $as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null &&
            exit 0
    fi
fi
echo "Some tests need programs that are not here. To install them:" >&2
echo "    sudo apt-get update && sudo apt-get install -y$missing" >&2
# Elsewhere those tests say that they were not run; in continuous integration that is a failure.
[ "${CI:-}" != true ]
