"""The files of the repository, for the tests of this folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src/commonweal"
NOT_OURS = {"var", "build", "dist", "htmlcov", "mutants", "node_modules", "__pycache__"}
OURS = {".ci", ".gitignore"}


def files() -> list[Path]:
    """Every file of the repository: what git tracks or would track; all of them where there is no git."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if _is_ours(path.relative_to(ROOT))]
    return sorted(ROOT / name for name in listed if name and (ROOT / name).is_file())


def _is_ours(path: Path) -> bool:
    return not any(part in NOT_OURS or (part.startswith(".") and part not in OURS) for part in path.parts)


def texts() -> list[tuple[Path, str]]:
    """Every text file with what it says."""
    found = []
    for path in files():
        data = path.read_bytes()
        if b"\0" not in data[:8192]:
            found.append((path, data.decode("utf-8", errors="replace")))
    return found


def apps() -> list[Path]:
    """The folder of every app of kernel and domains."""
    rooms = [*(SOURCE / "kernel").iterdir(), *(SOURCE / "domains").iterdir()]
    return sorted(room for room in rooms if (room / "__init__.py").exists())


def engines() -> list[Path]:
    """The folder of every engine."""
    return sorted(room for room in (SOURCE / "engines").iterdir() if (room / "__init__.py").exists())


def relative(paths) -> list[str]:
    """Paths as a reader of the repository knows them."""
    return [str(path.relative_to(ROOT)) for path in paths]
