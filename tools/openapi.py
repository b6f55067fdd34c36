"""Writes the API's description, `docs/reference/openapi.json`.

python -m tools.openapi             writes it
python -m tools.openapi --check     says whether it is out of date, and fails
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/reference/openapi.json"


def description() -> str:
    """The description as the repository keeps it."""
    from commonweal.project.api import api  # noqa: PLC0415 - needs Django to be ready

    return (
        json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, sort_keys=True, default=str) + "\n"
    )


def main(arguments: list[str]) -> int:
    """Write or check the file."""
    os.environ.setdefault("COMMONWEAL_SECRET_KEY", "reading-only")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.project.settings")
    import django  # noqa: PLC0415 - after the environment

    django.setup()
    if "--check" in arguments:
        if PAGE.exists() and PAGE.read_text() == description():
            return 0
        print(f"{PAGE.relative_to(ROOT)} is out of date: run `python -m tools.openapi`.")
        return 1
    PAGE.write_text(description())
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
