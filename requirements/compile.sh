#!/bin/sh
# Pins every dependency with its hash. Needs `uv` on the PATH.
set -eu
cd "$(dirname "$0")/.."
pin() { uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command requirements/compile.sh "$@"; }
pin pyproject.toml --extra postgres --extra demo --extra bulk --extra paper -o requirements/run.txt
pin pyproject.toml --extra postgres --extra demo --extra bulk --extra paper --group dev -o requirements/dev.txt
