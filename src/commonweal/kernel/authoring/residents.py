"""Invented residents who apply in rehearsals. They stand in no register, and are gone when the rehearsal is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.types import Json


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who applies.

    Attributes:
        key: Stored with the rehearsal.
        label: Who it is, for the officer who chooses.
        name: As the letters name them.
        email: Where a notice would go; at a domain that nobody can own.
        facts: What registers know.
    """

    key: str
    label: str | Promise
    name: str
    email: str
    facts: Mapping[str, Json] = field(default_factory=dict)


RESIDENTS: Mapping[str, Resident] = {
    one.key: one
    for one in (
        Resident(
            "unknown",
            _("Somebody of whom nothing is known"),
            "Rehearsal Resident",
            "rehearsal@example.invalid",
        ),
        Resident(
            "adult",
            _("A grown-up who lives alone, known to the registers"),
            "Rehearsal Adult",
            "rehearsal@example.invalid",
            {
                "birth_date": "1986-04-12",
                "email": "rehearsal@example.invalid",
                "address": {
                    "street": "1 Rehearsal Road",
                    "unit": "",
                    "city": "Port Alder",
                    "postal_code": "98000",
                },
                "household": [],
            },
        ),
        Resident(
            "family",
            _("A parent with two children, known to the registers"),
            "Rehearsal Parent",
            "rehearsal@example.invalid",
            {
                "birth_date": "1990-09-03",
                "email": "rehearsal@example.invalid",
                "address": {
                    "street": "2 Rehearsal Road",
                    "unit": "",
                    "city": "Port Alder",
                    "postal_code": "98000",
                },
                "household": [
                    {"relation": "child", "birth_date": "2016-02-01", "name": "First Child"},
                    {"relation": "child", "birth_date": "2019-11-20", "name": "Second Child"},
                ],
            },
        ),
        Resident(
            "minor",
            _("A fifteen-year-old, known to the registers"),
            "Rehearsal Minor",
            "rehearsal@example.invalid",
            {"birth_date": "2011-05-30", "email": "rehearsal@example.invalid"},
        ),
    )
}
