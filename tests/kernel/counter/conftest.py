from __future__ import annotations

from tests.kernel.cases.conftest import send, town

__all__ = ["send", "town"]
