"""Who may look after jobs."""

from __future__ import annotations

from commonweal.kernel.base.rules import may

OPERATE = "jobs.operate"
may_operate = may(OPERATE)
"""An operator, who sees what failed, starts it again or gives it up."""
