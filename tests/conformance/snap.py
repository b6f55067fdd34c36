"""`./cw conformance snap [--count N] [--seed S]`: the law against a second working-out on 20,000 random households."""

from __future__ import annotations

import sys

from tests.conformance._law import main

if __name__ == "__main__":
    sys.exit(main("snap", 20_000))
