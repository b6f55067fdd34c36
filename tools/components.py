"""Writes ``docs/reference/components.md`` from the comments above the component macros.

python -m tools.components
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write the page."""
    sys.path.insert(0, str(ROOT / "src"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.project.settings")
    os.environ.setdefault("COMMONWEAL_DEMO", "yes")
    from commonweal.kernel.base import gallery  # noqa: PLC0415 - the path and the settings come first

    (ROOT / "docs" / "reference" / "components.md").write_text(gallery.reference())


if __name__ == "__main__":
    main()
