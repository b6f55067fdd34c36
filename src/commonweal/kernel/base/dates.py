"""Dates as people type them: one reader for every form with a date in a single field."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from commonweal.kernel.base.errors import Invalid

FIRST_YEAR, LAST_YEAR = 1900, 2200


def typed_day(text: str, field: str) -> date:
    """Read a day that somebody typed as year, month and day.

    Args:
        text: Such as 2026-10-01; blanks around it do not matter.
        field: Name of the form's field, beside which a refusal is shown.

    Raises:
        Invalid: It is no day, or lies so far away that it must be a slip.
    """
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Invalid({field: _("Write the date as 2026-10-01.")})
    return found
