"""Code that nothing can reach and imports that nothing uses, as vulture sees them.

Arguments are left out: Django, a registry and a protocol hand some over that one implementation may
not need. Functions and classes are, too: routes, receivers and plug-ins are found by name at run time.
"""

from __future__ import annotations

import sys

from vulture import Vulture

CONFIDENCE_PCT = 80
ARGUMENT = "variable"  # at this confidence vulture's word for an unused argument


def main(paths: list[str]) -> int:
    """Print each find with file and line; 1 when there is any."""
    finder = Vulture()
    finder.scavenge(paths)
    finds = [item for item in finder.get_unused_code(min_confidence=CONFIDENCE_PCT) if item.typ != ARGUMENT]
    for item in finds:
        print(item.get_report())
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
