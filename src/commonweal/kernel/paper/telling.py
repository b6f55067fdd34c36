"""What officers are told about a form on paper."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commonweal.kernel.base.templates import long_date
from commonweal.kernel.cases.queries import Limit


def told_of_limit(limit: Limit) -> str:
    """Say that the time for an answer is over, and what follows from it."""
    day = {"day": long_date(limit.due_on)}
    over = _("Counted from the day of receipt, the last day for an answer is %(day)s.") % day
    if not limit.grants:
        return over
    return (
        over
        + " "
        + _("Once it is sent, the law grants it in the following night unless an officer decides before.")
    )
