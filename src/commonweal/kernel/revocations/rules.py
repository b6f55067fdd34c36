"""Who may take back what was granted."""

from __future__ import annotations

from commonweal.kernel.base.rules import may

REVOKE = "revocations.revoke"

may_revoke = may(REVOKE)
