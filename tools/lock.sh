#!/bin/sh
# Compile the requirement locks anew: universal (every system), hashed, with no registry named. Needs uv.
set -eu
uv=${UV:-uv}
for name in requirements requirements-dev requirements-bench; do
    "$uv" pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
        --quiet --upgrade "$name.in" -o "$name.txt"
done
