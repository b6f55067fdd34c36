"""Which code worked something out, so that another result can be told from another law."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import commonweal

_HOME = Path(commonweal.__file__).parent
_PARTS = (
    "engines/columnar",
    "engines/dmn",
    "engines/feel",
    "engines/parameters",
    "domains/insight/populations",
    "domains/insight/simulation",
)
_PACKAGES = ("numpy", "pyarrow", "llvmlite")


@cache
def code_versions() -> dict[str, str]:
    """Return a hash of the code that works out simulations, and the versions of the packages it stands on."""
    digest = sha256()
    for part in _PARTS:
        for path in sorted((_HOME / part).rglob("*.py")):
            digest.update(f"{path.relative_to(_HOME).as_posix()}\0".encode())
            digest.update(sha256(path.read_bytes()).digest())
    return {"code": digest.hexdigest()} | {name: _version(name) for name in _PACKAGES}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
