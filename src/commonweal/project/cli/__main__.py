"""`python -m commonweal.project.cli`."""

from __future__ import annotations

import sys

from commonweal.project.cli import main

if __name__ == "__main__":
    sys.exit(main())
