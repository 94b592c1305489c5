#!/bin/sh
# Compile the requirement locks anew: universal (every system), hashed, with no registry named. Needs uv.
set -eu
uv=${UV:-uv}
compile() {
    "$uv" pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
        --quiet --upgrade "$@"
}
for name in requirements requirements-dev requirements-bench; do
    compile "$name.in" -o "$name.txt"
done
compile requirements-contract.in -o requirements-contract.txt
# What is installed where a site needs it, at the versions that the tests see.
for extra in azure delta dlt keyring link; do
    compile -c requirements-dev.txt requirements.in "requirements-$extra.in" -o "requirements-$extra.txt"
done
