#!/usr/bin/env bash
# Writes every lock file of this folder from pyproject.toml and the lists beside it, for Python 3.11 to 3.14 on any
# system, with the hashes of every file that the index has of each version. What is locked stays at its version where
# it still fits; `lock.sh --upgrade` takes the newest of each.
set -euo pipefail
cd "$(dirname "$0")/.."
UV=${UV:-uv}
compile() {
    "$UV" pip compile --quiet --universal --generate-hashes --no-annotate --custom-compile-command "make lock" \
        --python-version "$PYTHON_FLOOR" "$@"
}
PYTHON_FLOOR=3.11
lock() { compile "${@:2}" --output-file "requirements/$1.txt"; }
lock test pyproject.toml --extra demo --extra test --extra testing "$@"
lock demo pyproject.toml --extra demo --constraints requirements/test.txt
lock run pyproject.toml --constraints requirements/test.txt
lock fleet pyproject.toml --extra fleet --constraints requirements/test.txt
lock build requirements/build.in --constraints requirements/test.txt
lock audit requirements/audit.in "$@"
PYTHON_FLOOR=3.11.5  # a library of the pages' builder asks for it
lock docs pyproject.toml --extra docs --constraints requirements/test.txt
